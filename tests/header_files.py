"""Header files that hold nothing but the facts of `headers.json`, each on its line."""

import json
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

Facts = Mapping[str, Mapping[str, Any]]  # struct -> file, line, ops; op -> declaration, file, line, conditions


def header_facts(shared: Path, label: str) -> Facts:
    """The header facts of a release, none where only its documents are known."""
    file = shared / "kernels" / label / "headers.json"
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}


def header_files(facts: Facts) -> dict[str, str]:
    """The headers by path."""
    files: dict[str, dict[int, str]] = {}
    for struct, table in facts.items():
        lines = files.setdefault(f"include/{table['file']}", {})
        lines[table["line"]] = f"struct {struct} {{"
        for conditions, ops in groupby(sorted(table["ops"].values(), key=_line), key=_conditions):
            members = list(ops)
            for op in members:
                lines[op["line"]] = f"{lines.get(op['line'], '')} {op['declaration']}"
            for directive in conditions:
                lines[members[0]["line"] - 1] = directive
                lines[members[-1]["line"] + 1] = "#endif"
        last = max(table["line"], *(op["line"] + len(op["conditions"]) for op in table["ops"].values()))
        lines[last] = f"{lines[last]} }};" if lines[last] != "#endif" else "#endif"
        if lines[last] == "#endif":
            lines[last + 1] = "};"
    return {path: _text(lines) for path, lines in files.items()}


def _line(op: Mapping[str, Any]) -> int:
    return int(op["line"])


def _conditions(op: Mapping[str, Any]) -> list[str]:
    return list(op["conditions"])


def _text(lines: Mapping[int, str]) -> str:
    return "".join(f"{lines.get(number, '')}\n" for number in range(1, max(lines) + 1))
