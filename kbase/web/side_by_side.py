"""Two texts side by side: the words of one that the other lacks are marked."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from markupsafe import Markup

from kbase.web.typeset import marked

TOKEN = re.compile(r"\w+|[^\w\s]")
MOST = 1500  # words of a text that is compared
SIMILAR = 0.25  # texts less similar than this have too little in common for marks


def beside(text: str, other: str) -> Markup:
    """The text, escaped, with the words and signs marked that the other does not have in their place."""
    return marked(text, changed(text, other))


def changed(text: str, other: str) -> list[tuple[int, int]]:
    """Where the text differs: start and end of each run of words; nothing where the two have too little in common."""
    mine, theirs = list(TOKEN.finditer(text)), TOKEN.findall(other)
    if max(len(mine), len(theirs)) > MOST:
        return []
    matcher = SequenceMatcher(None, [token[0] for token in mine], theirs, autojunk=False)
    if matcher.ratio() < SIMILAR:
        return []
    return [_span(mine[i:j]) for tag, i, j, _, _ in matcher.get_opcodes() if tag in ("replace", "delete")]


def _span(run: Sequence[re.Match[str]]) -> tuple[int, int]:
    return run[0].start(), run[-1].end()
