"""Columns of pictures: a version each, runs of versions between which nothing turns, or thin ones."""

import pytest

from kbase.build.pipeline import build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.history import history_page
from kbase.pages.history_picture import LETTER, ROOM, Lane, Mark, State, blocks_of, draw, runs
from kbase.pages.table_history import table_history_page

HEAD = "=======\nLocking\n=======\n\nbarn_operations\n===============\n\nprototypes::\n\n"
RULES = "\nlocking rules:\n\n=======\t====\nops\tgate\n=======\t====\n{}=======\t====\n"
RELEASES = 40
TURN = 25  # the release in which the second op goes, and the first one's rule changes


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    folder = tmp_path_factory.mktemp("barn")
    for release in range(1, RELEASES + 1):
        place = folder / "trees" / f"v8.{release}" / "Documentation" / "filesystems"
        place.mkdir(parents=True)
        early = release < TURN
        ops = {"sow": "yes" if early else "no"} | ({"reap": "yes"} if early else {})
        prototypes = "".join(f"\tint (*{name})(void);\n" for name in ops)
        rows = "".join(f"{name}\t{cell}\n" for name, cell in ops.items())
        (place / "locking.rst").write_text(HEAD + prototypes + RULES.format(rows))
    build(folder / "db", [str(folder / "trees")])
    return KnowledgeBase.open(folder / "db")


def test_every_version_has_a_column_where_all_fit() -> None:
    assert runs(["a", "b", "c"], {"b"}, 3) == (("a",), ("b",), ("c",))


def test_of_many_only_those_that_turn_begin_a_column() -> None:
    assert runs(["a", "b", "c", "d", "e"], {"c", "e"}, 4) == (("a", "b"), ("c", "d"), ("e",))
    assert runs(["a", "b", "c"], set(), 2) == (("a", "b", "c"),)
    assert runs([], set(), 0) == ()


def test_forty_releases_with_one_change_are_few_columns(kb: KnowledgeBase) -> None:
    op, table = history_page(kb, "barn_operations", "sow"), table_history_page(kb, "barn_operations")
    for drawing in (draw(op.versions, op.lanes), draw(table.versions, list(table.picture_lanes()))):
        assert [lines for _, lines in drawing.heads][-2:] == [
            ("v8.1", f"…v8.{TURN - 1}"),
            (f"v8.{TURN}", f"…v8.{RELEASES}"),
        ]


def test_a_block_reaches_from_its_first_version_to_its_last(kb: KnowledgeBase) -> None:
    page = history_page(kb, "barn_operations", "sow")
    boxes = [box for row in draw(page.versions, page.lanes).rows for box in row.boxes]
    yes, no = [box for box in boxes if box.kind in ("yes", "no")]
    assert yes.x + yes.width + 2 == no.x
    assert yes.width == no.width


MANY = tuple(f"v{series}.{minor}" for series in range(3, 8) for minor in range(20))


def test_where_all_of_many_versions_change_something_the_picture_still_fits_the_page() -> None:
    states = {label: State(number, f"{number % 7} parameters", "plain") for number, label in enumerate(MANY)}
    marks = tuple(Mark(version=label, kind="breaking", text=label) for label in MANY)
    lanes = [Lane(name="sow", href=None, blocks=blocks_of(MANY, states), marks=marks)]
    for versions in (MANY, MANY[::-1]):
        drawing = draw(versions, lanes)
        assert drawing.names_width + drawing.chart_width <= ROOM
        assert [title for _, title in drawing.columns] == list(versions)
        for line in (0, 1):
            labels = [(x, lines[line]) for x, lines in drawing.heads if lines[line]]
            ends = [x + LETTER * len(text) for x, text in labels]
            assert all(end < start for end, (start, _) in zip(ends, labels[1:], strict=False))
            assert ends[-1] <= drawing.chart_width
        assert [lines[0] for _, lines in drawing.heads if lines[0]] == sorted(
            {f"{label[1]}.x" for label in MANY}, reverse=versions != MANY
        )
        assert {versions[0], versions[-1]} <= {lines[1] for _, lines in drawing.heads}
        boxes = drawing.rows[0].boxes
        assert [box.text for box in boxes] == [""] * len(MANY)
        assert "3 parameters, v3.3" in [box.title for box in boxes]
