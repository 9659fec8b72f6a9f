"""What the output of a step is to people: a model, a tokenizer, tokens; or only a reference."""

from codekiln.core.lineage.manifests import Node

KINDS = {
    "train_model": "model",
    "tune_lora": "adapter",
    "merge_lora": "model",
    "export_gguf": "export",
    "train_tokenizer": "tokenizer",
    "pack_examples": "tokens",
    "tokenize": "tokens",
    "embed_commits": "embeddings",
    "build_examples": "examples",
    "clean_corpus": "examples",
    "describe_corpus": "data card",
}
LEARNED = ("model", "adapter", "export", "tokenizer", "tokens", "embeddings")
"""What holds something of its sources in another form; the first are what one looks for first."""


def kind(node: Node) -> str:
    """Name what the output of `node` is."""
    return KINDS.get(node.phase, node.phase.replace("_", " "))


def is_reference(node: Node) -> bool:
    """Say whether the output only says where data are, or what was counted, and holds none."""
    return kind(node) not in LEARNED and all(name.endswith(".json") for name in node.files)


def rank(node: Node) -> tuple[int, str, str]:
    """Return what to sort by: models first, then by time."""
    told = kind(node)
    place = LEARNED.index(told) if told in LEARNED else len(LEARNED)
    return place, node.started, node.place
