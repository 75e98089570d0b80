"""Header files made of the facts of a kernel's headers: each table and op on its line."""

from typing import Any


def header_files(facts: dict[str, Any]) -> dict[str, str]:
    """The text of each header by its path in the tree; `facts` are those of a `headers.json`."""
    files: dict[str, dict[int, str]] = {}
    for struct, table in facts.items():
        lines = files.setdefault(f"include/{table['file']}", {})
        lines[table["line"]] = f"struct {struct} {{"
        for op in table["ops"].values():
            lines[op["line"]] = f"{lines.get(op['line'], '')} {op['declaration']}"
        lines[max(table["line"], *(op["line"] for op in table["ops"].values()))] += " };"
    return {path: _text(lines) for path, lines in files.items()}


def _text(lines: dict[int, str]) -> str:
    return "".join(f"{lines.get(number, '')}\n" for number in range(1, max(lines) + 1))
