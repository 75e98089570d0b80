"""No regular expression of kbase hangs: each is tried with texts made to hang it (`tests/bench/hangs.py`)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).resolve().parents[1] / "bench/hangs.py"
SOURCES = sorted((PROGRAM.parents[2] / "kbase").rglob("*.py"))


def hangs(*patterns: str) -> list[str]:
    """What hangs, of all patterns or of those given, a line each."""
    command = [sys.executable, str(PROGRAM), *patterns]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (int(bool(done.stdout)), "")
    return done.stdout.splitlines()


def test_no_pattern_hangs() -> None:
    assert hangs() == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:[(\[].*[)\]]_?)+",  # exponential
        r"(?:\s*\[[^\[\]]*:[^\[\]]*\])+\s*",
        r"(?:a+|b)+c",
        r"(?:except (?P<except>.*?) )?may (?P<what>.*?)(?: except (?P<after>.*?))?[.\s]*(?:\[.*\])?[.\s]*!",  # cubic
        r"\s*=*\s*(\w+_type)\s*=*\s*",
        r"(?:\.\./)*[\w./-]+\.html",  # quadratic
        r"-{3,}\s*(\w[\w ]*?)\s*-{3,}",
        r"(?:(\w+)\s*)?->\s?([a-z]\w*)",
        r"/\*.*?\*/",
        r"\s+$",
    ],
)
def test_patterns_that_hang_are_found(pattern: str) -> None:
    found = hangs(pattern)
    assert len(found) == 1
    assert found[0].endswith(repr(pattern))


def test_patterns_that_do_not_are_not() -> None:
    assert hangs(r"(?<!\s)\s+$", r"(?<![\w-])(?>\w+|-)+;", r"<[^<]{0,20}>") == []


def test_patterns_are_made_of_what_is_said_or_escaped() -> None:
    """What a pattern takes from data is a number or escaped, so that it is like the one that was tried."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                made = [call for call in ast.walk(node) if isinstance(call, ast.Call) and _is_made(call)]
                assert len(made) < 2, f"{path}: {node.name}"
                if node.name == "_form":
                    continue  # compiles the constants of a table of patterns, each of which is tried
                assert not made or "re.escape" in ast.unparse(node) or "int" in ast.unparse(node.args), path


def _is_made(call: ast.Call) -> bool:
    """Whether a call makes a pattern of something else than a constant."""
    return ast.unparse(call.func) in {
        f"re.{name}" for name in ("compile", "match", "fullmatch", "search", "sub", "split")
    } and not isinstance(call.args[0], ast.Constant)
