"""Strings that make a regular expression work: pieces of what it matches, many times over.

They are taken from the pattern's own parse tree. For each repetition: what leads to it, its body many times, and what
lets the match fail behind it; the same with the beginning repeated, too; and words, pairs and triples of the pieces
that the whole tree has. The choices come from a generator of random numbers that begins with the pattern, so that
each run has the same strings.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from re import _constants as op
from re import _parser
from typing import Any

CHARACTERS = tuple(" \t\na0A_-=.,:;*#/\\|'\"`()[]<>{}")
GENERIC = (*CHARACTERS, "\u00e9", "()", "a ", " a", "a\n", "-a", "->", "a_", "yes ", "a, ")
ENDS = ("\0", "", "!", "\n\0", "a")
REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
MANY = 20  # a repetition of more is one that may cost
DRAWS = 3  # random examples of each piece
MIXED = 60  # random pairs and triples of the pieces


class Pumps:
    """The strings for one pattern."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.tree = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
        self.random = random.Random(pattern.pattern)  # nothing secret
        self.groups: dict[int, str] = {}
        self.alphabet = sorted({*CHARACTERS} | set(self._literals(self.tree)))
        self.words = sorted(set(self._words(self.tree)))

    def pieces(self) -> Iterator[tuple[str, str, str]]:
        """(beginning, piece to repeat, end), each once."""
        seen = set()
        for found in self._all():
            if found[1] and found not in seen:
                seen.add(found)
                yield found

    def _all(self) -> Iterator[tuple[str, str, str]]:
        starts = set[str]()
        for before, body, after in self._repeats(self.tree, [], []):
            for _ in range(DRAWS):
                start, word, rest = (self._example(nodes) for nodes in (before, body, after))
                starts.add(start)
                for end in ENDS:
                    yield start, word, end
                    yield start, word, rest[:-1] + end
                    yield "", start + word, end
                    yield "", start + word + rest[:-1], end
        if not starts:
            return  # nothing is repeated, so that nothing can hang
        for start in sorted(starts | {""}, key=lambda start: (len(start), start))[:5]:
            for word in (*self.alphabet, *GENERIC, *self.words):
                yield start, word, "\0"
                yield "", start + word, "\0"
        yield from self._mixed(sorted(starts))

    def _mixed(self, starts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Pairs and triples of pieces of the tree, and of single characters."""
        words = sorted({self._example([node]) for node in self._nodes(self.tree) for _ in range(DRAWS)} - {""})
        words += self.words
        words = [*self.random.sample(words, min(len(words), 60)), *self.random.sample(self.alphabet, 8)]
        for _ in range(MIXED):
            word = "".join(self.random.choices(words, k=self.random.choice((1, 2, 2, 3))))
            yield self.random.choice(starts), word, self.random.choice(ENDS)

    def _repeats(self, nodes: Sequence[Any], before: list[Any], after: list[Any]) -> Iterator[tuple[Any, Any, Any]]:
        """Each repetition of many: the nodes before it, its body, the nodes behind it."""
        for at, (kind, value) in enumerate(nodes):
            left, right = [*before, *nodes[:at]], [*nodes[at + 1 :], *after]
            if kind in REPEATS and value[1] >= MANY:
                yield left, value[2], right
            for inner in self._inner(kind, value):
                yield from self._repeats(inner, left, right)

    def _inner(self, kind: Any, value: Any) -> list[Any]:
        """The sequences of nodes inside of a node."""
        if kind in REPEATS:
            return [value[2]]
        if kind is op.BRANCH:
            return list(value[1])
        if kind is op.SUBPATTERN:
            return [value[3]]
        if kind in (op.ASSERT, op.ASSERT_NOT):
            return [value[1]]
        if kind is op.GROUPREF_EXISTS:
            return [each for each in value[1:] if each is not None]
        return [value] if kind is op.ATOMIC_GROUP else []

    def _nodes(self, nodes: Sequence[Any]) -> Iterator[Any]:
        for node in nodes:
            yield node
            for inner in self._inner(*node):
                yield from self._nodes(inner)

    def _words(self, nodes: Sequence[Any]) -> Iterator[str]:
        """Runs of literal characters."""
        for literal, run in groupby(nodes, key=lambda node: node[0] is op.LITERAL):
            if literal:
                yield "".join(chr(value) for _, value in run)
        for kind, value in nodes:
            for inner in self._inner(kind, value):
                yield from self._words(inner)

    def _literals(self, nodes: Sequence[Any]) -> Iterator[str]:
        for kind, value in self._nodes(nodes):
            if kind in (op.LITERAL, op.NOT_LITERAL):
                yield chr(value)
            elif kind is op.IN:
                yield from (chr(each) for item, each in value if item is op.LITERAL)
                yield from (chr(each[0]) for item, each in value if item is op.RANGE)

    def _example(self, nodes: Sequence[Any]) -> str:
        """A string that the nodes match, lookaround apart."""
        return "".join(self._one(kind, value) for kind, value in nodes)

    def _one(self, kind: Any, value: Any) -> str:
        if kind is op.LITERAL:
            return chr(value)
        if kind in (op.IN, op.NOT_LITERAL, op.ANY):
            fits = [c for c in self.alphabet if _fits(kind, value, c)]
            return self.random.choice(fits or ["\u4e00"])
        if kind in REPEATS:
            count = self.random.randint(value[0], max(value[0], min(value[1], value[0] + 2)))
            return "".join(self._example(value[2]) for _ in range(count))
        if kind is op.GROUPREF:
            return self.groups.get(value, "")
        if kind in (op.ASSERT, op.ASSERT_NOT, op.AT) or not self._inner(kind, value):
            return ""
        text = self._example(self.random.choice(self._inner(kind, value)))
        if kind is op.SUBPATTERN and value[0] is not None:
            self.groups[value[0]] = text
        return text


CATEGORIES: dict[Any, Callable[[str], bool]] = {
    op.CATEGORY_DIGIT: str.isdigit,
    op.CATEGORY_NOT_DIGIT: lambda c: not c.isdigit(),
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    op.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
    op.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
}


def _fits(kind: Any, value: Any, character: str) -> bool:
    """Whether a node of one character matches it."""
    if kind is op.ANY:
        return character != "\n"
    if kind is op.NOT_LITERAL:
        return chr(value) != character
    negated = value[0][0] is op.NEGATE
    return negated != any(_is_in(item, each, ord(character)) for item, each in value)


def _is_in(item: Any, value: Any, code: int) -> bool:
    if item is op.LITERAL:
        return bool(value == code)
    if item is op.RANGE:
        return bool(value[0] <= code <= value[1])
    return item is op.CATEGORY and CATEGORIES[value](chr(code))
