"""The list of versions, the reports of builds, and similar versions on the terminal."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.parts import plural
from kbase.terminal.printer import Piece, Printer, bold, dim

if TYPE_CHECKING:  # both bring the parsers, which most commands need not wait for
    from kbase.build.pipeline import BuildReport
    from kbase.build.version_similarity import Similarity
    from kbase.knowledge.identify import Identification

LIKELIEST = 5  # versions shown
MOST_LABELS = 8  # added or removed versions, and files without facts, that are named


def show_versions(kb: KnowledgeBase, out: Printer) -> None:
    """A line a version: its label, where that comes from, what it has, from which sources; then how exact dates are."""
    head = ("version", "release", "label from", "tables", "ops", "rules", "documents", "source")
    rows: list[list[Piece]] = [[dim(name) for name in head]]
    for info in kb.versions:
        counts = (str(info.counts.get(name, 0)) for name in ("tables", "ops", "rules"))
        named = (bold(info.label), info.stands_for or "", info.label_origin)
        rows.append([*named, *counts, str(info.documents), ", ".join(info.sources)])
    out.columns(rows, indent=0)
    if kb.exact_dates:
        out.line(dim(str(kb.exact_dates)))
    for warning in (warning for info in kb.versions for warning in info.warnings):
        out.line(("warning: ", "yellow"), warning)


def show_build(report: "BuildReport", out: Printer) -> None:
    """What a build did, in one line, added and removed versions, and warnings."""
    totals = f"{plural(report.versions, 'version')}, {plural(report.documents, 'document')}"
    done = f"{report.parsed} parsed, {report.carried} as before" if report.changed else "nothing changed"
    out.line(f"{totals}: {done}")
    for what, labels in (("new", report.added), ("gone", report.removed)):
        if labels:
            out.line(f"{what}: {', '.join(labels[:MOST_LABELS])}{_and_more(labels)}")
    if report.without_facts:
        files = ", ".join(report.without_facts[:MOST_LABELS])
        out.line(("no fact was read from: ", "yellow"), f"{files}{_and_more(report.without_facts)}")
    for warning in report.warnings:
        out.line(("warning: ", "yellow"), warning)


def _and_more(labels: Sequence[str]) -> str:
    return f" and {len(labels) - MOST_LABELS} more" if len(labels) > MOST_LABELS else ""


def show_identified(found: Sequence["Identification"], out: Printer) -> None:
    """The versions that each tree, or the loose documents, are most like, and why."""
    for each in found:
        out.title(each.label or "no version given", plural(len(each.paths), "document"))
        if each.vendor:
            out.line(f"a vendor's tree: {each.vendor}", indent=2)
        if each.warning:
            out.line(("warning: ", "yellow"), each.warning, indent=2)
        if not each.similar:
            out.line("similar to no available version", indent=2)
        likeliest = each.similar[:LIKELIEST]
        width = max((10, *(len(one.version) for one in likeliest)))
        for one in likeliest:
            out.line(bold(f"{one.version:<{width}}"), f" {one.score:7.2%}  {_similarity(one)}", indent=2)
            for example in one.examples:
                out.line(dim(example), indent=width + 12)


def _similarity(one: "Similarity") -> str:
    files = f"{plural(len(one.same_files), 'file')} the same, " if one.same_files else ""
    return f"{files}{one.counts}"


def identified_json(found: Iterable["Identification"]) -> list[dict[str, Any]]:
    """What `kbase identify --json` prints: each tree or loose set of documents, and the versions it is like."""
    return [
        {
            "label": each.label,
            "paths": list(each.paths),
            "warning": each.warning,
            "vendor": each.vendor,
            "versions": [_similarity_json(one) for one in each.similar],
        }
        for each in found
    ]


def _similarity_json(similarity: "Similarity") -> dict[str, Any]:
    return asdict(similarity) | {"score": round(similarity.score, 4), "reason": similarity.reason}
