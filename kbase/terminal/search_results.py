"""Search results as text and as JSON."""

from typing import Any

from kbase.pages.parts import plural
from kbase.search.results import MARK_END, MARK_START, Hit, SearchResults
from kbase.terminal.printer import PROSE, Printer, bold, dim, marked

SNIPPET = 2  # lines of a snippet
MARKS = str.maketrans("", "", MARK_START + MARK_END)


def show_results(results: SearchResults, out: Printer) -> None:
    """The hits, best first: name and versions, prototype, rules, a snippet."""
    for before, hit in zip((None, *results.hits), results.hits, strict=False):
        if hit.meets is False and (before is None or before.meets):
            out.heading("other hits, not stated to meet the condition")
        out.line(bold(hit.name), dim(f"  {hit.kind}  {', '.join(hit.versions)}"))
        if hit.prototype:
            out.line(hit.prototype, indent=4)
        if hit.chips:
            out.line((" · ".join(hit.chips), "cyan"), indent=4)
        if hit.snippet:
            for line in marked(hit.snippet, min(out.width, PROSE) - 4)[:SNIPPET]:
                out.line(line, indent=4)


def show_search_remarks(results: SearchResults, out: Printer) -> None:
    """Remarks about the search itself: how many hits, an old name's new one, what to try instead."""
    shown = f", {len(results.hits)} shown" if len(results.hits) < results.total else ""
    out.line(dim(plural(results.total, "hit") + shown))
    if results.note:
        out.line(results.note)
    if results.reading:
        out.line(f"read as: {results.reading}")
    if results.suggestions:
        out.line(f"did you mean {', '.join(results.suggestions)}?")


def results_json(results: SearchResults) -> dict[str, Any]:
    """What `kbase search --json` prints."""
    return {
        "query": results.query,
        "total": results.total,
        "results": [_hit(hit) for hit in results.hits],
        "suggestions": list(results.suggestions),
        "note": results.note,
        "reading": results.reading,
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "kind": hit.kind,
        "name": hit.name,
        "versions": list(hit.versions),
        "title": hit.title,
        "snippet": hit.snippet.translate(MARKS),
        "url": hit.url,
    }
