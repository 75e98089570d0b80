"""What pip-audit found, in lines and as a status: it ends with 0 also where it could look nothing up.

    python tests/bench/audit.py pip-audit --format json ...

Runs the command and reads the JSON that it prints. Exit status: 0 all packages were looked up and nothing is known of
them; 1 some have known vulnerabilities, which are listed; 2 some could not be looked up, so nothing is known of these.
"""

import json
import subprocess
import sys
from typing import Any


def verdict(report: str) -> tuple[int, list[str]]:
    """The exit status and what to print; `report` is pip-audit's JSON, empty where it failed."""
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return 2, ["nothing was audited: pip-audit gave no report"]
    found = [line for package in packages for line in vulnerabilities(package)]
    skipped = [package for package in packages if "skip_reason" in package]
    audited = len(packages) - len(skipped)
    lines = [*found, f"{audited} of {len(packages)} packages audited, {len(found)} known vulnerabilities"]
    if not audited:
        lines = ["nothing was audited: the database of vulnerabilities could not be asked, so nothing is known"]
    if skipped:
        lines.append(f"{len(skipped)} could not be looked up, the first: {skipped[0]['skip_reason']}")
    return (1 if found else 2 if skipped or not packages else 0), lines


def vulnerabilities(package: dict[str, Any]) -> list[str]:
    """A line for each known vulnerability of a package."""
    return [
        f"{package['name']} {package['version']}: {each['id']}, mended in {', '.join(each['fix_versions']) or 'none'}"
        for each in package.get("vulns", ())
    ]


def main() -> int:
    """Print what was found; the status says it, too."""
    done = subprocess.run(sys.argv[1:], capture_output=True, text=True, check=False)
    if not done.stdout:  # the reason stands in the last line, below a traceback where there is no net
        print(done.stderr.rstrip().rpartition("\n")[2], file=sys.stderr)
    status, lines = verdict(done.stdout)
    print(*lines, sep="\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
