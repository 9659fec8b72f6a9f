module codekiln/syntax

go 1.21
