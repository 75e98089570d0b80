"""The columns of a picture of lives, and where they stand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from kbase.pages.picture_columns import Run, runs

SECOND = 14  # px: a second line over a column, for the last version of a run


@dataclass(frozen=True)
class Columns:
    """The columns of a picture, oldest version first, and where they stand."""

    runs: tuple[Run, ...]
    width: int  # of each

    @classmethod
    def fitting(
        cls, versions: Sequence[str], turning: Collection[str], room: int, widths: tuple[int, int]
    ) -> "Columns":
        """As many as fit in the room, between the narrowest and the widest width; runs where not all versions do."""
        narrowest, widest = widths
        found = runs(versions, turning, room // narrowest)
        return cls(found, max(narrowest, min(widest, room // max(1, len(found)))))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {version: place for place, run in enumerate(self.runs) for version in run}

    def left(self, version: str) -> int:
        """Where the version's column begins."""
        return self._places[version] * self.width

    def right(self, version: str) -> int:
        """Where it ends."""
        return self.left(version) + self.width

    @property
    def total(self) -> int:
        """The width of all."""
        return len(self.runs) * self.width

    @property
    def top(self) -> int:
        """The height that the heads take beyond one line."""
        return SECOND if any(len(run) > 1 for run in self.runs) else 0
