"""The same tokenizer in the files that transformers reads, with the same ids.

tokenizer.json           vocabulary and rules, as the library tokenizers has them
tokenizer_config.json    which class reads it, and the names of the controls
special_tokens_map.json  those names again, for older readers

It is made here and not converted, for conversion loses what SentencePiece's joining goes by: a
piece may come of any two parts, not only of those that made it in training, and the best piece goes
first. Spaces stand in the vocabulary as spaces, so nothing is replaced in a text before or after.

One difference is meant: `<|eos|>` in a text is EOS here, as readers of these files expect, and mere
letters to `Sentences`. `sections.plain` takes it out of what people wrote.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, processors

from codekiln.core.manifest import write_json
from codekiln.core.tokens.sections import BOS, CONTROLS, SYMBOLS
from codekiln.core.tokens.sentences import SPACE, Sentences

FILE = "tokenizer.json"
CONFIG = "tokenizer_config.json"
MAP = "special_tokens_map.json"
NAMES = ("unk_token", "bos_token", "eos_token", "pad_token")
"""What transformers calls CONTROLS."""

Pair = tuple[str, str]


def write(folder: Path, sentences: Sentences) -> None:
    """Write the files of `sentences` into `folder`."""
    controls = dict(zip(NAMES, CONTROLS, strict=True))
    config: dict[str, object] = {
        **controls,
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "add_prefix_space": False,
        # Longer than any model: it is the model that has a limit.
        "model_max_length": 1 << 30,
    }
    told = json.loads(tokenizer_of(sentences).to_str())
    (folder / FILE).write_text(json.dumps(told, ensure_ascii=False) + "\n", encoding="utf-8")
    write_json(folder / CONFIG, config)
    write_json(folder / MAP, controls)


def tokenizer_of(sentences: Sentences) -> Tokenizer:
    """Return the tokenizer; unless told otherwise, it begins a text with BOS."""
    vocabulary, scores = {}, {}
    for one, piece in enumerate(sentences.pieces()):
        text = piece.text.replace(SPACE, " ") if piece.is_normal else piece.text
        vocabulary[text] = one
        if piece.is_normal:
            scores[text] = piece.score
    tokenizer = Tokenizer(
        models.BPE(vocab=vocabulary, merges=list(merges(scores)), byte_fallback=True)
    )
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(one, normalized=False) for one in CONTROLS])
    # Markers are text to whoever reads what a model wrote: skip_special_tokens leaves them.
    tokenizer.add_tokens([AddedToken(one, normalized=False) for one in SYMBOLS])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A",
        pair=f"{BOS} $A $B",
        special_tokens=[(BOS, sentences.bos)],
    )
    return tokenizer


def merges(scores: Mapping[str, float]) -> Iterator[Pair]:
    """Yield all pairs of pieces that make a piece, those of the best piece first.

    Of the pairs that make the same piece none is better than another; the longer first part goes
    first, as in a run of tabs that is joined from the left.
    """
    for text in sorted(scores, key=lambda one: -scores[one]):
        for place in range(len(text) - 1, 0, -1):
            if text[:place] in scores and text[place:] in scores:
                yield text[:place], text[place:]
