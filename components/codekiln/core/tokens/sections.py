"""How an example reads to a model: marked sections from the outside in, each marker one token.

    <|bos|><|problem|>...<|/problem|><|context|>...<|/context|><|plan|>...<|/plan|>
    <|code|>...<|/code|><|eos|>

Sections follow each other without anything between. Refining has its own section, which no example
that was collected has yet: its marker and the two decisions are known to every tokenizer, so that
one need not be trained again for it.
"""

from collections.abc import Mapping

from codekiln.core.corpus.examples import Example, Step
from codekiln.core.tokens.markers import Markers

PROBLEM, CONTEXT, PLAN, CODE, REFINE = SECTIONS = ("problem", "context", "plan", "code", "refine")
WRITTEN = SECTIONS[:4]
"""What every example has, in this order."""

UNKNOWN, BOS, EOS, PAD = CONTROLS = ("<|unk|>", "<|bos|>", "<|eos|>", "<|pad|>")
"""Never part of a text: their ids are set by us alone. Their ids are 0, 1, 2, 3."""
ACCEPT, REVISE = DECISIONS = ("<|accept|>", "<|revise|>")


def opening(section: str) -> str:
    """Return the marker that begins `section`."""
    return f"<|{section}|>"


def closing(section: str) -> str:
    """Return the marker that ends `section`."""
    return f"<|/{section}|>"


SYMBOLS = (*(mark(name) for name in SECTIONS for mark in (opening, closing)), *DECISIONS)
"""The structural markers: user-defined symbols of the tokenizer, one token each."""

_ALL = Markers((*CONTROLS, *SYMBOLS))


def plain(text: str) -> str:
    """Return `text` as it is tokenized: without markers that people wrote."""
    return _ALL.remove(text)


def texts(example: Example) -> dict[str, str]:
    """Return the text of each of WRITTEN, without markers; a part that is empty is ""."""
    problem = "\n\n".join(filter(None, (example.problem.title, example.problem.details)))
    context = "\n".join(filter(None, (example.context.path, example.context.before)))
    told = {
        PROBLEM: problem,
        CONTEXT: context,
        PLAN: "\n".join(map(line, example.plan)),
        CODE: example.solution.code,
    }
    return {section: plain(text) for section, text in told.items()}


def line(step: Step) -> str:
    """Return a step of a plan as one line: FIX method (*Store).Open: close it once."""
    head = f"{step.intent} {step.target_kind} {step.target_name}"
    said = " ".join(step.description.split())
    return f"{head}: {said}" if said else head


def marked(told: Mapping[str, str]) -> str:
    """Return sections as one text with their markers, controls left out."""
    return "".join(f"{opening(name)}{text}{closing(name)}" for name, text in told.items())
