"""The findings of `kbase check` on the terminal."""

from collections.abc import Sequence

from kbase.knowledge.check import CODES, Finding, counts
from kbase.model.records import Level
from kbase.pages.parts import plural
from kbase.terminal.printer import Printer, bold, dim

LEVELS = {Level.ERROR: "bold red", Level.WARNING: "yellow", Level.INFO: "dim"}


def show_findings(findings: Sequence[Finding], out: Printer) -> None:
    """The findings as `path:line: code: message`, version by version, then the counts by code."""
    version = None
    for finding in findings:
        if finding.version != version:
            version = finding.version
            out.title(version or "no version")
        head = f"{finding.path}:{finding.line}: ", (finding.code, LEVELS[finding.level])
        out.line(*head, f": {finding.message}", indent=2)
        if finding.excerpt:
            out.line(dim(" ".join(finding.excerpt.split())), indent=6)
    rows = [(bold(str(number)), code, dim(CODES.get(code, ""))) for code, number in counts(findings).items()]
    out.heading(plural(len(findings), "finding"))
    out.columns(rows)
