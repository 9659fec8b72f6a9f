// Judges Go source with go/parser: snippets in on standard input, a verdict each on standard output.
//
// In:  mode ('F' a whole file, 'D' declarations without a package clause), length (4 bytes, big
// endian), source.
// Out: 'V' or 'I' (valid, invalid), length (4 bytes, big endian), the first error ("" if valid).
// Before anything else it writes the version of Go in the same form, with 'G' for its verdict.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
)

const (
	// longest is the largest source taken; the caller has a smaller limit of its own.
	longest = 64 << 20
	// prefix makes a file of declarations. It stands in their first line, so lines keep their numbers.
	prefix = "package p;"
)

func main() {
	// go/parser stops at 100,000 levels, which takes 128 MiB of stack (measured with Go 1.27).
	debug.SetMaxStack(512 << 20)
	in, out := bufio.NewReaderSize(os.Stdin, 1<<16), bufio.NewWriter(os.Stdout)
	answer(out, 'G', runtime.Version())
	for {
		mode, source, err := question(in)
		if err == io.EOF {
			return
		}
		if err != nil {
			os.Stderr.WriteString("codekiln go syntax: " + err.Error() + "\n")
			os.Exit(1)
		}
		if trouble := judge(mode, source); trouble != "" {
			answer(out, 'I', trouble)
		} else {
			answer(out, 'V', "")
		}
	}
}

// question reads one snippet; io.EOF says that there is no other.
func question(in *bufio.Reader) (byte, []byte, error) {
	mode, err := in.ReadByte()
	if err != nil {
		return 0, nil, err
	}
	var length uint32
	if err := binary.Read(in, binary.BigEndian, &length); err != nil {
		return 0, nil, io.ErrUnexpectedEOF
	}
	if length > longest {
		return 0, nil, errors.New("a snippet of " + strconv.Itoa(int(length)) + " bytes is too long")
	}
	source := make([]byte, length)
	if _, err := io.ReadFull(in, source); err != nil {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return mode, source, nil
}

// judge returns the first error of source, "" if there is none.
func judge(mode byte, source []byte) string {
	if mode == 'D' {
		source = append([]byte(prefix), source...)
	}
	_, err := parser.ParseFile(token.NewFileSet(), "", source, parser.SkipObjectResolution)
	if err == nil {
		return ""
	}
	var all scanner.ErrorList
	if !errors.As(err, &all) || len(all) == 0 {
		return err.Error()
	}
	first := *all[0]
	if mode == 'D' && first.Pos.Line == 1 {
		first.Pos.Column = max(1, first.Pos.Column-len(prefix))
	}
	return first.Error()
}

// answer writes one verdict and its text, at once.
func answer(out *bufio.Writer, verdict byte, text string) {
	out.WriteByte(verdict)
	binary.Write(out, binary.BigEndian, uint32(len(text)))
	out.WriteString(text)
	if out.Flush() != nil {
		os.Exit(1) // nobody reads
	}
}
