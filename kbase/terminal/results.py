"""Search results, findings and the list of versions on the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from kbase.knowledge.check import CODES, Finding, counts
from kbase.knowledge.knowledge_base import VersionInfo
from kbase.model.records import Level
from kbase.pages.parts import plural
from kbase.search.results import SearchResults
from kbase.terminal.lines import PROSE, Paper, marked

if TYPE_CHECKING:  # both bring the parsers, which most commands need not wait for
    from kbase.build.pipeline import BuildReport
    from kbase.knowledge.identify import Identified, Likeness

LIKELIEST = 5  # versions shown
MOST_LABELS = 8  # versions named that came or went, and files named that state nothing
SNIPPET = 2  # lines of a snippet
LEVELS = {Level.ERROR: "bold red", Level.WARNING: "yellow", Level.INFO: "dim"}


def show_results(results: SearchResults, paper: Paper) -> None:
    """The hits, best first: name and versions, prototype, rules, where the words stand."""
    for before, hit in zip((None, *results.hits), results.hits, strict=False):
        if hit.meets is False and (before is None or before.meets):
            paper.heading("other hits, not stated to meet the condition")
        paper.line(Text(hit.name, "bold"), Text(f"  {hit.kind}  {', '.join(hit.versions)}", "dim"))
        if hit.prototype:
            paper.line(hit.prototype, indent=4)
        if hit.chips:
            paper.line(Text(" · ".join(hit.chips), "cyan"), indent=4)
        snippet = marked(" ".join(hit.snippet.split()))
        for line in snippet.wrap(paper.console, min(paper.width, PROSE) - 4)[:SNIPPET]:
            paper.line(line, indent=4)


def show_search_remarks(results: SearchResults, paper: Paper) -> None:
    """What is said about the search itself: how many hits, an old name's new one, what to try instead."""
    shown = f", {len(results.hits)} shown" if len(results.hits) < results.total else ""
    paper.line(Text(plural(results.total, "hit") + shown, "dim"))
    if results.note:
        paper.line(results.note)
    if results.reading:
        paper.line(f"read as: {results.reading}")
    if results.suggestions:
        paper.line(f"did you mean {', '.join(results.suggestions)}?")


def show_findings(findings: Sequence[Finding], paper: Paper) -> None:
    """The findings as `path:line: code: message`, version by version, then the counts by code."""
    version = None
    for finding in findings:
        if finding.version != version:
            version = finding.version
            paper.title(version or "no version")
        head = Text(f"{finding.path}:{finding.line}: "), Text(finding.code, LEVELS[finding.level])
        paper.line(*head, f": {finding.message}", indent=2)
        if finding.excerpt:
            paper.line(Text(" ".join(finding.excerpt.split()), "dim"), indent=6)
    rows = [
        (Text(str(number), "bold"), code, Text(CODES.get(code, ""), "dim")) for code, number in counts(findings).items()
    ]
    paper.heading(plural(len(findings), "finding"))
    paper.columns(rows)


def show_versions(versions: Sequence[VersionInfo], paper: Paper) -> None:
    """A line a version: its label, where the label comes from, what is held, from where."""
    head = ("version", "stands for", "label from", "tables", "ops", "rules", "documents", "source")
    rows: list[list[Text | str]] = [[Text(name, "dim") for name in head]]
    for info in versions:
        counts = (str(info.counts.get(name, 0)) for name in ("tables", "ops", "rules"))
        named = (Text(info.label, "bold"), info.stands_for or "", info.label_origin)
        rows.append([*named, *counts, str(info.documents), ", ".join(info.sources)])
    paper.columns(rows, indent=0)
    for warning in (warning for info in versions for warning in info.warnings):
        paper.line(Text("warning: ", "yellow"), warning)


def show_build(report: "BuildReport", paper: Paper) -> None:
    """What a build did, in one line, which versions came or went, and what it warns of."""
    held = f"{plural(report.versions, 'version')}, {plural(report.documents, 'document')}"
    done = f"{report.parsed} parsed, {report.carried} as before" if report.changed else "nothing changed"
    paper.line(f"{held}: {done}")
    for what, labels in (("new", report.came), ("gone", report.gone)):
        if labels:
            paper.line(f"{what}: {', '.join(labels[:MOST_LABELS])}{_and_more(labels)}")
    if report.factless:
        files = ", ".join(report.factless[:MOST_LABELS])
        paper.line(Text("no fact was read from: ", "yellow"), f"{files}{_and_more(report.factless)}")
    for warning in report.warnings:
        paper.line(Text("warning: ", "yellow"), warning)


def _and_more(labels: Sequence[str]) -> str:
    return f" and {len(labels) - MOST_LABELS} more" if len(labels) > MOST_LABELS else ""


def show_identified(found: Sequence["Identified"], paper: Paper) -> None:
    """The versions that each tree, or the loose documents, are most like, and why."""
    for each in found:
        paper.title(each.label or "no version given", plural(len(each.paths), "document"))
        if each.warning:
            paper.line(Text("warning: ", "yellow"), each.warning, indent=2)
        if not each.likenesses:
            paper.line("like no version held", indent=2)
        for one in each.likenesses[:LIKELIEST]:
            paper.line(Text(f"{one.version:<10}", "bold"), f" {one.score:7.2%}  {_likeness(one)}", indent=2)
            for example in one.examples:
                paper.line(Text(example, "dim"), indent=22)


def _likeness(one: "Likeness") -> str:
    files = f"{plural(len(one.same_files), 'file')} the same, " if one.same_files else ""
    return f"{files}{one.counts}"
