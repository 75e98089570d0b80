"""What the versions held say beside one another: diffs and lives, each made once and kept while there is room."""

from collections.abc import Collection, Mapping

from kbase.diff import Change, Side, diff_sides
from kbase.diff.history import OpLife, history
from kbase.diff.lock_history import LockLife, lock_history
from kbase.model.states import VersionState
from kbase.store.lru_method import kept
from kbase.store.state_loader import StateLoader

SIDES_KEPT = 128  # every release from 2.6.12 on, one of each series: a hundred and some
DIFFS_KEPT = 512
TABLES_KEPT = 32  # of which the lives of all ops are kept
LOCKS_KEPT = 64
LIVES_KEPT = 1024  # a life is a few changes; 300 ops were ever listed


class Comparisons:
    """Compares the states of one store; versions are given by their canonical labels."""

    def __init__(self, loader: StateLoader, labels: Mapping[str, tuple[str, ...]]) -> None:
        """Lives are told over the versions of one family; `labels` has them by family, oldest first."""
        self._loader = loader
        self._labels = labels

    def side(self, label: str) -> Side:
        """A version as comparisons see it."""
        return self._side(label)

    def diff(self, old: str, new: str) -> tuple[Change, ...]:
        """What changed from one version to another."""
        return self._diff(old, new)

    def life(self, family: str, struct: str, op: str) -> OpLife:
        """The life of an op."""
        return self._life(family, struct, op)

    def lives(self, family: str, struct: str) -> tuple[OpLife, ...]:
        """The lives of all ops that a table ever had: as the newest version lists them, then as older ones do."""
        return self._lives(family, struct)

    def lock_life(self, family: str, subject: str, ruled: Collection[str]) -> LockLife:
        """The life of a lock, `ruled` being the ops that ever had a rule about it."""
        return self._lock_life(family, subject, tuple(ruled))

    @kept(SIDES_KEPT)
    def _side(self, label: str) -> Side:
        return Side(self._loader.state(label))

    @kept(DIFFS_KEPT)
    def _diff(self, old: str, new: str) -> tuple[Change, ...]:
        return diff_sides(self._side(old), self._side(new))

    @kept(LIVES_KEPT)
    def _life(self, family: str, struct: str, op: str) -> OpLife:
        return history(self._states(family), struct, op, self._between)

    @kept(TABLES_KEPT)
    def _lives(self, family: str, struct: str) -> tuple[OpLife, ...]:
        states = self._states(family)
        tables = [state.by_name[struct] for state in reversed(states) if struct in state.by_name]
        ops = dict.fromkeys(op.name for table in tables for op in table.ops)
        return tuple(history(states, struct, op, self._between) for op in ops)

    @kept(LOCKS_KEPT)
    def _lock_life(self, family: str, subject: str, ruled: tuple[str, ...]) -> LockLife:
        return lock_history(self._states(family), subject, ruled)

    def _states(self, family: str) -> list[VersionState]:
        return [self._loader.state(label) for label in self._labels.get(family, ())]

    def _between(self, old: VersionState, new: VersionState) -> tuple[Change, ...]:
        return self._diff(old.label, new.label)
