"""A part of the bundled corpus for the tests that build: the documents of eleven kernels, without their headers."""

import json
import shutil
from pathlib import Path

from kbase.sources.bundled import LOOSE_FOLDERS
from kbase.sources.restated import FOLDER as RESTATED

LABELS = (
    *("v2.6.12", "v2.6.27", "v3.10.64", "v4.14.194", "v4.19.304", "v5.4"),
    *("v5.15.55", "v6.1.192", "v6.4.6", "v6.8.1", "v6.12.117"),
)
LEFT_OUT = "linux/v4.19.304/Documentation/filesystems/Locking"  # a version that lacks a document


def write_few_kernels(corpus: Path, out: Path) -> None:
    """Write a corpus of these versions, each file for itself, and of the documents without a version."""
    entries = json.loads((corpus / "manifest.json").read_text("utf-8"))["files"]
    kept = {}
    for name, entry in entries.items():
        inside = name.split("/", 2)
        if inside[0] == "linux" and (inside[1] not in LABELS or "/include/" in name or name == LEFT_OUT):
            continue
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(corpus / entry.get("same_as", name), out / name)
        kept[name] = {key: value for key, value in entry.items() if key != "same_as"}
    for folder in (*LOOSE_FOLDERS, RESTATED):
        shutil.copytree(corpus / folder, out / folder)
    (out / "manifest.json").write_text(json.dumps({"files": kept}), "utf-8")
