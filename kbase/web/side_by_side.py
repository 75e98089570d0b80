"""One side of a change: a prototype, a cell, or prose; words that the other side lacks are marked."""

import re
from difflib import SequenceMatcher

from markupsafe import Markup

from kbase.pages.change_views import ChangeView
from kbase.web.typeset import marked, prose, prototype

TOKEN = re.compile(r"\w+|[^\w\s]")
MOST = 1500  # words of a text that is compared
SIMILAR = 0.25  # texts less similar than this have too little in common for marks
TEXT, CELL = Markup('<div class="side-text">{}</div>'), Markup('<code class="side">{}</code>')
PROSE = ("note", "description", "function", "flag", "steps")  # first words of kinds of change that are about prose


def side(change: ChangeView, name: str) -> Markup:
    """The side `before` or `after` of a change, typeset by the kind of change."""
    text, other = (change.before, change.after) if name == "before" else (change.after, change.before)
    is_prose = change.kind.startswith(PROSE)
    if text and other:
        return (TEXT if is_prose else CELL).format(beside(text, other))
    if is_prose:
        return Markup('<div class="prose">{}</div>').format(prose(text or ""))
    return prototype(text) if text and "(*" in text else CELL.format(text)


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
    runs = (mine[i:j] for tag, i, j, _, _ in matcher.get_opcodes() if tag in ("replace", "delete"))
    return [(run[0].start(), run[-1].end()) for run in runs]
