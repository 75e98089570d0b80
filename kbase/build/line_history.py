"""Which commits touched lines of a file: lines are followed from the newer version back, as `git log -L` does.

Pure. A declaration, a row or an entry is followed through the commits that changed it: what one of them replaced is
the only line there that names the same op, and what belongs to it. Of other lines (prose), only the last commit that
touched each is found. Lines that only the older version has are looked for where they were removed. Where several lines
could be meant, none is taken: a commit may be missing, but no other one is named instead.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, groupby

from kbase.sources.git_history import FileHistory
from kbase.sources.git_patches import FileDiff, Hunk

# What a line declares or describes: `int (*rename)(`, `rename: yes`, ```rename```.
ITEM = re.compile(r"\(\s*\*\s*(?P<declared>\w+)\s*\)|^\s*(?:``(?P<literal>\w+)``|(?P<row>\w+)\s*:)")
NEAR = 5  # lines: where lines are repeated, git may show a removal some lines beside the gap
HEADER = ".h"

Placed = tuple[int, str]  # a line and its place in the file; 0 is the top


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a file from `first` on; `items` are what a line names if it is theirs, in every version of the file.

    `alone` says whether no other line of the file names the same.
    """

    path: str
    first: int
    texts: tuple[str, ...]
    items: frozenset[str] = frozenset()
    alone: bool = False

    @property
    def length(self) -> int:
        return len(self.texts)

    def has(self, text: str) -> bool:
        """Whether a line elsewhere is one of these, or names the same op in the same form."""
        return "".join(_item(text)) in self.items if self.items else bool(text.strip()) and text in self.texts


@dataclass(frozen=True)
class TextFile:
    """A file of one of the two versions."""

    path: str
    lines: Sequence[str]

    @cached_property
    def items(self) -> Counter[str]:
        """How many of its lines name each op or member, by form and name."""
        return Counter("".join(_item(line)) for line in self.lines)

    def cited(self, first: int, last: int, names: Collection[str]) -> Lines:
        """The lines from `first` to before `last`, which are about an op that has one or several names."""
        texts = tuple(self.lines[first:last])
        forms = {form for form, name in map(_item, texts) if name in names}
        items = frozenset(form + name for form in forms for name in names)
        return Lines(self.path, first, texts, items, alone=sum(self.items[item] for item in items) == 1)


@dataclass(frozen=True, slots=True)
class Gap:
    """The place in a file, from `first` on, where it does not have lines that an older one has."""

    path: str
    first: int
    length: int
    lines: Lines


Part = Lines | Gap


@dataclass(frozen=True, slots=True)
class Step:
    """What a commit did to a part, compared with a parent, and what to follow in that parent."""

    touched: bool  # it changed something there
    found: bool = False  # it changed the lines themselves
    parts: tuple[Part, ...] = ()


def _item(text: str) -> tuple[str, str]:
    """What a line declares or describes: the form in which it does, and the name; both are empty if it is nothing."""
    found = ITEM.search(text)
    return (str(found.lastgroup), found[str(found.lastgroup)]) if found else ("", "")


def touching(history: FileHistory, parts: Iterable[Part]) -> tuple[str, ...]:
    """The commits that touched the parts of the newer version, newest first; merges may be among them."""
    pending = {next(iter(history.parents)): dict.fromkeys(parts)}
    found: dict[str, None] = {}
    for commit, parents in history.parents.items():
        for part in pending.pop(commit, ()):
            steps = {parent: step(part, history.diffs[commit, parent]) for parent in parents}
            same = next((parent for parent in parents if not steps[parent].touched), None)
            if same is None and all(each.found for each in steps.values()):
                found[commit] = None
            followed = {same: steps[same]} if same else _followed(part, steps)
            for parent, each in followed.items():
                pending.setdefault(parent, {}).update(dict.fromkeys(each.parts))
    return tuple(found)


def _followed(part: Part, steps: dict[str, Step]) -> dict[str, Step]:
    """The parents to look at where a part differs from all; a merge took a removal from a parent without the lines."""
    if isinstance(part, Gap) and len(steps) > 1:
        return {parent: each for parent, each in steps.items() if not each.found}
    return steps


def parts_of_newer(whole: Sequence[FileDiff], lines: Lines) -> tuple[Part, ...]:
    """The lines of the newer version, if they differ from the older one; `whole` is the difference of the two."""
    return (lines,) if step(lines, whole).touched else ()


def parts_of_older(whole: Sequence[FileDiff], lines: Lines) -> tuple[Part, ...]:
    """Where the newer version does not have lines of the older one any more.

    A document that is gone was replaced by another one in which they may still be; a header that is gone was removed.
    """
    diff = next((each for each in whole if each.old_path == lines.path), None)
    if diff is None or diff.hunks is None or (diff.new_path is None and not lines.path.endswith(HEADER)):
        return ()
    path, removing = diff.new_path or lines.path, (hunk for hunk in diff.hunks if _removes(hunk, lines))
    return tuple(Gap(path, hunk.new, hunk.added, lines) for hunk in removing)


def _removes(hunk: Hunk, lines: Lines) -> bool:
    """Whether a hunk removes these lines, and none that could be taken for them."""
    places = [place for place, text in _removed(hunk) if lines.has(text)]
    inside = [place for place in places if 0 <= place - lines.first < lines.length]
    return len(places) == len(inside) == 1 if lines.items else bool(inside)


def step(part: Part, files: Sequence[FileDiff]) -> Step:
    """What the difference from a parent did to a part."""
    diff = next((each for each in files if part.path == (each.new_path or each.old_path)), None)
    if diff is None:
        return Step(touched=False, parts=(part,))
    if diff.hunks is None or diff.old_path is None:
        replaced = any(each.old_path and not each.new_path and not each.old_path.endswith(HEADER) for each in files)
        return Step(touched=True, found=diff.hunks is not None and isinstance(part, Lines) and not replaced)
    if isinstance(part, Gap):
        return _step_of_gap(part, diff.hunks, diff.old_path)
    before = replace(part, path=diff.old_path, first=_old(diff.hunks, part.first))
    hunks = [hunk for hunk in diff.hunks if _overlaps(hunk, part)]
    if not hunks:
        return Step(touched=False, parts=(before,))
    kept = [(_old(diff.hunks, place), part.texts[place - part.first]) for place in _kept(part, hunks)]
    followed = kept
    if part.items:
        own = _item_of(sorted(chain(kept, *map(_removed, hunks))), part)
        followed = sorted({*own, *kept}) if own else []
    return Step(touched=True, found=True, parts=_runs(before, followed))


def _step_of_gap(gap: Gap, every: Sequence[Hunk], path: str) -> Step:
    """What a commit did at a gap: it removed the lines, or the parent does not have them there either."""
    lines = replace(gap.lines, path=path)
    near = [hunk for hunk in every if lines.alone or _distance(hunk, gap) <= NEAR]
    found = [hunk for hunk in near for text in hunk.removed if lines.has(text)]
    if found:
        certain = len(found) == 1 or not lines.items
        followed = _item_of([*_removed(found[0])], lines) if certain and lines.items else ()
        return Step(touched=True, found=certain, parts=_runs(lines, followed))
    hunks = [hunk for hunk in every if _distance(hunk, gap) <= 0]
    if not hunks:
        return Step(touched=False, parts=(replace(gap, path=path, first=_old(every, gap.first)),))
    places = [_old(every, place) for place in _kept(gap, hunks)]
    first = min(chain(places, (hunk.old for hunk in hunks)))
    last = max(chain((place + 1 for place in places), (hunk.old + len(hunk.removed) for hunk in hunks)))
    return Step(touched=True, parts=(Gap(path, first, last - first, gap.lines),))


def _overlaps(hunk: Hunk, lines: Lines) -> bool:
    """Whether a hunk changes some of the lines, or removes some between two of them."""
    first, last = lines.first, lines.first + lines.length
    return first < hunk.new + hunk.added and hunk.new < last if hunk.added else first < hunk.new < last


def _distance(hunk: Hunk, gap: Gap) -> int:
    """How many lines are between a hunk and a gap; 0 or less where they meet."""
    return max(hunk.new - gap.first - gap.length, gap.first - hunk.new - hunk.added)


def _kept(part: Part, hunks: Collection[Hunk]) -> Iterator[int]:
    """The places of a part that none of these hunks touches."""
    for place in range(part.first, part.first + part.length):
        if not any(hunk.new <= place < hunk.new + hunk.added for hunk in hunks):
            yield place


def _old(hunks: Iterable[Hunk], place: int) -> int:
    """The place in the older file of a line that no hunk touches."""
    return place + sum(len(hunk.removed) - hunk.added for hunk in hunks if hunk.new + hunk.added <= place)


def _removed(hunk: Hunk) -> Iterator[Placed]:
    return enumerate(hunk.removed, hunk.old)


def _item_of(placed: Sequence[Placed], lines: Lines) -> Sequence[Placed]:
    """The only declaration, row or entry of the same op: to its semicolon, a blank line or the next item."""
    starts = [at for at, (_, text) in enumerate(placed) if lines.has(text)]
    if len(starts) != 1:
        return ()
    for at, (_, text) in enumerate(placed[starts[0] :], starts[0]):
        if at > starts[0] and (not text.strip() or any(_item(text))):
            return placed[starts[0] : at]
        if text.rstrip().endswith(";"):
            return placed[starts[0] : at + 1]
    return placed[starts[0] :]


def _runs(lines: Lines, followed: Sequence[Placed]) -> tuple[Lines, ...]:
    """These lines, each run of neighbours for itself."""
    runs = ([line for _, line in run] for _, run in groupby(enumerate(followed), lambda each: each[1][0] - each[0]))
    return tuple(replace(lines, first=run[0][0], texts=tuple(text for _, text in run)) for run in runs)
