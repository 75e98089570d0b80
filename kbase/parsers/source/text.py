"""A C file as text in which patterns find code only, and the branches of `#if` around each place.

Comments, the content of strings and whole directives are blanks; positions stay those of the file. Both branches of a
condition stay, unless the kernel's version decides it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from kbase.model.source_code import Branch, Macro
from kbase.parsers.source.conditions import branch_after, is_compiled

NO_CODE = re.compile(
    r"/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|//[^\n]*+"
    r'|"(?:[^"\\\n]|\\[^\n]|\\\n)*+"?|\'(?:[^\'\\\n]|\\[^\n]){1,8}+\''
)
DIRECTIVE = re.compile(r"^[ \t]*+#[ \t]*+(\w+)((?:[^\n\\]|\\[^\n]|\\\n)*+)", re.MULTILINE)
DEFINE = re.compile(r"\s*(\w+)(\(([^()]*)\))?([\s\S]*)")
VISIBLE = re.compile(r"[^\n]")
CONTINUED = re.compile(r"\\\n")
DEEPEST = 100  # conditions in each other


@dataclass(frozen=True, slots=True)
class _Directive:
    word: str
    rest: str
    start: int
    end: int


def _blank(text: str) -> str:
    return VISIBLE.sub(" ", text) if "\n" in text else " " * len(text)


def _without(found: re.Match[str]) -> str:
    """Blanks for a comment; for a string its quotes with blanks in between."""
    text = found[0]
    if text.startswith("/") or text[-1] != text[0] or len(text) == 1:  # or a string without an end
        return _blank(text)
    return text[0] + _blank(text[1:-1]) + text[0]


@dataclass(frozen=True)
class CodeText:
    """One file; `data` are its bytes, read as Latin-1: every byte is a character.

    `at` is the line of a macro's call, where the text is its expansion.
    """

    path: str
    data: bytes
    at: int | None = None

    @cached_property
    def _clean(self) -> str:
        return NO_CODE.sub(_without, self.data.decode("latin-1"))

    @cached_property
    def _directives(self) -> list[_Directive]:
        return [_Directive(m[1], m[2], m.start(), m.end()) for m in DIRECTIVE.finditer(self._clean)]

    @cached_property
    def text(self) -> str:
        """The code of all branches."""
        return self._blanked((each.start, each.end) for each in self._directives)

    def compiled(self, version_code: int) -> str:
        """The code without the branches that a kernel of that LINUX_VERSION_CODE leaves out."""
        if not any(is_compiled(branches, version_code) is False for branches in self._regions[1]):
            return self.text
        starts, found = self._regions
        ends = (*starts[1:], len(self._clean))
        regions = zip(starts, ends, found, strict=True)
        off = [(start, end) for start, end, branches in regions if is_compiled(branches, version_code) is False]
        return self._blanked(sorted([*((each.start, each.end) for each in self._directives), *off]))

    def _blanked(self, places: Iterable[tuple[int, int]]) -> str:
        """The text with blanks at these places, which are sorted."""
        parts, at = list[str](), 0
        for start, end in places:
            if end > at:
                first = max(start, at)
                parts += [self._clean[at:first], _blank(self._clean[first:end])]
                at = end
        return "".join([*parts, self._clean[at:]])

    @cached_property
    def _regions(self) -> tuple[list[int], list[tuple[Branch, ...]]]:
        """Where the branches that apply change, and those that apply from there on, the outermost first."""
        starts, stack = [0], list[Branch]()
        found: list[tuple[Branch, ...]] = [()]
        for each in self._directives:
            if each.word.startswith("if") and len(stack) < DEEPEST:
                stack.append(branch_after(None, each.word, each.rest, each.start))
            elif each.word.startswith("el") and stack:
                stack[-1] = branch_after(stack[-1], each.word, each.rest, each.start)
            elif each.word == "endif":
                del stack[-1:]
            else:
                continue
            starts.append(each.end)
            found.append(tuple(stack))
        return starts, found

    def branches(self, position: int) -> tuple[Branch, ...]:
        """The branches of conditions around a place, the outermost first."""
        starts, found = self._regions
        return found[bisect_right(starts, position) - 1]

    @cached_property
    def macros(self) -> list[Macro]:
        """The macros that it defines, in their order."""
        return list(self._macros())

    def _macros(self) -> Iterator[Macro]:
        for each in self._directives:
            found = DEFINE.fullmatch(each.rest) if each.word == "define" else None
            if found:
                names = tuple(name.strip() for name in found[3].split(",")) if found[2] else None
                yield Macro(name=found[1], parameters=names, text=CONTINUED.sub("  ", found[4]).strip())

    @cached_property
    def _lines(self) -> list[int]:
        return [found.end() for found in re.finditer(r"\n", self._clean)]

    def line(self, position: int) -> int:
        """The number of the line at a place, from 1."""
        return self.at or bisect_right(self._lines, position) + 1
