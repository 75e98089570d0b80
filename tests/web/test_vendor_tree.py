"""The page of a vendor's tree says that it is one, and so does a build where the label does not."""

from pathlib import Path

from kbase.build.pipeline import build
from kbase.web import create_app
from tests.web.page_trees import by_class, parsed, text_of

HEADER = "struct seq_operations {\n\tint (*show)(struct seq_file *, void *);\n\tRH_KABI_RESERVE(1)\n};\n"


def test_a_tree_with_a_suffix_and_one_with_macros_only(tmp_path: Path) -> None:
    for name in ("linux-6.12.0-250.el10", "linux-6.12.1"):
        file = tmp_path / "trees" / name / "include/linux/seq_file.h"
        file.parent.mkdir(parents=True)
        file.write_text(HEADER)
        (tmp_path / "trees" / name / "Documentation/filesystems").mkdir(parents=True)
    report = build(tmp_path / "db", [str(tmp_path / "trees")])
    sign = "include/linux/seq_file.h has macros of a vendor"
    assert report.warnings == (f"labelled v6.12.1, but is a vendor's tree: {sign}",)
    client = create_app(tmp_path / "db").test_client()
    for label, reason in (("v6.12-250.el10", "its label ends in -250.el10"), ("v6.12.1", sign)):
        notices = [text_of(notice) for notice in by_class(parsed(client.get(f"/v/{label}/").text), "notice")]
        assert f"A vendor's tree, which may have parts of later releases: {reason}." in notices
        assert client.get(f"/api/v1/v/{label}/").get_json()["vendor"] == reason
    assert client.get("/api/v1/v/v6.8.1/").get_json()["vendor"] is None
