"""Long texts end between words: half a secret can no longer be told to be one."""


def whole_words(text: str, most: int) -> str:
    """Return the words that stand whole in the first `most` characters of `text`, as they stand.

    It is cut at white space only, so a text without any up to there becomes "".
    """
    if len(text) <= most:
        return text
    head = text[:most]
    if text[most].isspace() or head[-1:].isspace():
        return head.rstrip()
    words = head.rsplit(maxsplit=1)
    return words[0] if len(words) > 1 else ""
