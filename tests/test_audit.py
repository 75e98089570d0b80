"""`make audit` never takes what could not be looked up for sound."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parent / "bench/audit.py"
SOUND = {"name": "spade", "version": "1.0", "vulns": []}
BAD = {"name": "rake", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": []}]}
SKIPPED = {"name": "hoe", "skip_reason": "not found: hoe (3.0)"}


@pytest.mark.parametrize(
    ("packages", "status", "told"),
    [
        ([SOUND], 0, "1 of 1 packages audited, 0 known vulnerabilities\n"),
        ([SOUND, BAD], 1, "rake 2.0: PYSEC-1, mended in 2.1\n2 of 2 packages audited, 1 known vulnerabilities\n"),
        ([BAD, SKIPPED], 1, "1 could not be looked up"),
        ([SOUND, SKIPPED], 2, "1 could not be looked up, the first: not found: hoe (3.0)\n"),
        ([SKIPPED], 2, "nothing was audited"),
        ([], 2, "nothing was audited"),
        (None, 2, "nothing was audited: pip-audit gave no report\n"),
    ],
)
def test_the_status_says_what_was_audited(packages: list[dict] | None, status: int, told: str) -> None:
    report = "" if packages is None else json.dumps({"dependencies": packages, "fixes": []})
    command = [sys.executable, "-c", "import sys; print(end=sys.argv[1]); print('no net', file=sys.stderr)", report]
    done = subprocess.run([sys.executable, PROGRAM, *command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (status, "" if report else "no net\n")
    assert told in done.stdout
