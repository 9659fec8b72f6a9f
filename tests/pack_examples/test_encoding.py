from typing import Any

import pytest
from example_folders import example
from hypothesis import given, settings
from hypothesis import strategies as st
from packed_examples import model

from codekiln.core.tokens import sections
from codekiln.core.tokens.sections import CODE, CONTEXT, PLAN, PROBLEM, WRITTEN
from codekiln.core.tokens.sentences import Sentences
from codekiln.pack_examples import encoding
from codekiln.pack_examples.budgets import Budgets
from codekiln.pack_examples.encoding import Document, Encoder
from codekiln.pack_examples.settings import MARKERS

ROOMY = Budgets(room=5000, problem=1000, context=1000, plan=1000, code=2000)


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return Sentences(model())


def made(sentences: Sentences, budgets: Budgets, **told: Any) -> Document | str:
    [(_, document)] = Encoder(sentences, budgets).documents([example(1, **told)])
    return document


def document(sentences: Sentences, budgets: Budgets = ROOMY, **told: Any) -> Document:
    found = made(sentences, budgets, **told)
    assert isinstance(found, Document)
    return found


def spans(sentences: Sentences, found: Document) -> dict[str, str]:
    """Return what each section of a document says, markers written out."""
    texts, start = {}, 0
    for name in WRITTEN:
        ids = found.ids[start : start + found.sizes[name]]
        texts[name] = sentences.decode(ids)
        start += found.sizes[name]
    assert start == len(found.ids)
    return texts


def test_a_document_reads_back_as_its_texts_between_their_markers(sentences: Sentences) -> None:
    found = document(sentences, details="ein Text\n\n\twith ▁ and 世界", before="func  Old() {}\n")
    whole = sections.texts(
        example(1, details="ein Text\n\n\twith ▁ and 世界", before="func  Old() {}\n")
    )
    assert found.texts == whole
    wanted = {name: f"<|{name}|>{text}<|/{name}|>" for name, text in whole.items()}
    assert spans(sentences, found) == wanted
    assert (found.ids[0], found.ids[-1]) == (sentences.bos, sentences.eos)
    assert found.cuts == ()


LINES = st.lists(st.text(st.sampled_from("ab é世\t"), max_size=9), max_size=8).map("\n".join)


@settings(max_examples=60)
@given(LINES, LINES, LINES, LINES, st.tuples(*[st.integers(1, 40)] * 4), st.integers(0, 30))
def test_all_fits_code_and_plan_stay_whole_the_rest_is_cut_at_line_ends(
    details: str, before: str, step: str, code: str, shares: tuple[int, int, int, int], more: int
) -> None:
    sentences = Sentences(model())
    budgets = Budgets(room=sum(shares) + more, **dict(zip(WRITTEN, shares, strict=True)))
    one = example(1, code=code or "x", details=details, before=before, descriptions=(step,))
    [(_, found)] = Encoder(sentences, budgets).documents([one])
    if isinstance(found, str):
        assert found in {"no_code", "problem_too_long", "plan_too_long", "code_too_long"}
        return
    whole = sections.texts(one)
    assert len(found.ids) == sum(found.sizes.values()) <= budgets.room + MARKERS
    assert {name: found.texts[name] for name in (PLAN, CODE)} == {n: whole[n] for n in (PLAN, CODE)}
    for name, cut in ((PROBLEM, encoding.PROBLEM_CUT), (CONTEXT, encoding.CONTEXT_CUT)):
        lines, kept = whole[name].split("\n"), found.texts[name]
        assert (kept != whole[name]) == (cut in found.cuts)
        assert kept in {"\n".join(lines[:n]).rstrip("\n") for n in range(len(lines))} | {
            whole[name]
        }
    assert list(spans(sentences, found)) == list(WRITTEN)


def test_a_cut_takes_as_many_whole_lines_as_fit(sentences: Sentences) -> None:
    before = "\n".join(f"line {number}" for number in range(50))
    tight = Budgets(room=300, problem=50, context=100, plan=50, code=100)
    found = document(sentences, tight, before=before, code="x" * 3)
    left = 300 - sum(found.sizes.values()) + MARKERS
    next_line = before[len(found.texts[CONTEXT]) - len("store.go\n") :].split("\n")[1]
    assert found.cuts == (encoding.CONTEXT_CUT,)
    assert 0 <= left < len(sentences.encode(["\n" + next_line])[0]) + 2


def test_a_context_of_which_only_the_path_is_left_is_counted(sentences: Sentences) -> None:
    tight = Budgets(room=150, problem=50, context=20, plan=50, code=30)
    found = document(sentences, tight, before="x" * 500, code="y" * 9)
    assert found.texts[CONTEXT] == "store.go"
    assert found.cuts == (encoding.CONTEXT_CUT, encoding.CONTEXT_LOST)


def refusal(sentences: Sentences, budgets: Budgets = ROOMY, **told: Any) -> Document | str:
    return made(sentences, budgets, **told)


def test_what_lacks_a_part_or_cannot_be_whole_is_refused_by_reason(sentences: Sentences) -> None:
    tight = Budgets(room=160, problem=40, context=40, plan=40, code=40)
    assert refusal(sentences, plan=()) == "no_plan"
    assert refusal(sentences, code="\n\t ") == "no_code"
    assert refusal(sentences, title=" ", details="") == "no_problem"
    assert refusal(sentences, tight, code="0123456789" * 20) == "code_too_long"
    assert refusal(sentences, tight, code="x", descriptions=("0123456789" * 20,)) == "plan_too_long"
    assert refusal(sentences, tight, code="x", title="0123456789" * 20) == "problem_too_long"


def test_markers_that_people_wrote_are_no_markers(sentences: Sentences) -> None:
    found = document(sentences, details="see <|code|> and <|eos|>")
    assert found.ids.count(sentences.id_of("<|code|>")) == 1
    assert found.ids.count(sentences.eos) == 1


def test_the_markers_counted_are_those_that_are_set() -> None:
    assert sum(encoding.MARKERS.values()) == MARKERS


def test_an_example_is_whatever_the_batch_it_comes_in(sentences: Sentences) -> None:
    some = [example(number) for number in range(encoding.BATCH + 3)]
    together = list(Encoder(sentences, ROOMY).documents(some))
    assert [one for one, _ in together] == some
    alone = [next(Encoder(sentences, ROOMY).documents([one])) for one in some[-3:]]
    assert together[-3:] == alone
