"""The columns of a picture of lives: a version each, or several between which nothing turns."""

from collections.abc import Collection, Sequence

Run = tuple[str, ...]  # neighbouring versions


def runs(versions: Sequence[str], turning: Collection[str], most: int) -> tuple[Run, ...]:
    """The versions in their order, as columns; where there are more than `most`, only those `turning` begin one.

    A picture of four hundred versions shows the few at which something changed.
    """
    if len(versions) <= most:
        return tuple((version,) for version in versions)
    found: list[list[str]] = []
    for version in versions:
        if not found or version in turning:
            found.append([])
        found[-1].append(version)
    return tuple(map(tuple, found))
