"""A change as an item of a list: severity, kind, before and after, reason, and the lines that prove it.

Python instead of a macro, for speed: a page of two distant versions has six hundred changes.
"""

from collections.abc import Iterable
from html import escape

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from kbase.pages.changes import ChangeView
from kbase.web.side_by_side import beside
from kbase.web.typeset import citation_link, prose, prototype

WORDY = {"note", "description", "function", "flag", "steps"}  # first words of kinds of change that are about prose


@pass_context
def change_items(context: Context, changes: Iterable[ChangeView]) -> Markup:
    """Changes as items of a list, in their order; an entry of the porting log is shown with the first it explains."""
    root, shown = escape(context["root"]), set[str]()
    return Markup("".join(_item(change, root, shown) for change in changes))  # noqa: S704  # its parts are escaped below


def _item(change: ChangeView, root: str, shown: set[str]) -> str:
    subject = f": <code>{escape(change.subject)}</code>" if change.subject else ""
    likely = ' <span class="remark">likely</span>' if change.likely else ""
    return (
        f'<li class="change {change.severity}">'
        f'<p class="what"><span class="severity {change.severity}">{change.severity}</span> '
        f"{change.title}{subject}{likely}</p>{_sides(change)}{_why(change, root, shown)}</li>"
    )


def _sides(change: ChangeView) -> str:
    """Before and after, side by side where there are both."""
    both = change.before and change.after
    ends = (("before", change.before, change.after), ("after", change.after, change.before))
    sides = [
        f'<div class="{name}"><span class="sr">{name}: </span>{_side(change.kind, text, other)}</div>'
        for name, text, other in ends
        if text
    ]
    return f'<div class="sides{"" if both else " single"}">{"".join(sides)}</div>' if sides else ""


def _side(kind: str, text: str, other: str | None) -> str:
    """One side of a change: C, a cell, or prose; beside another, with the words marked that the other lacks."""
    wordy = kind.partition("-")[0] in WORDY
    if other:
        words = beside(text, other)
        return f'<div class="side-text">{words}</div>' if wordy else f'<code class="side">{words}</code>'
    if wordy:
        return f'<div class="prose">{prose(text)}</div>'
    return prototype(text) if "(*" in text else f'<code class="side">{escape(text)}</code>'


def _why(change: ChangeView, root: str, shown: set[str]) -> str:
    """The reason, the lines that prove it, and the porting entries that explain it, except those already shown."""
    prefix = "likely: " if change.likely else ""  # as the item says already
    reason = f"{escape(change.reason.removeprefix(prefix))} " if change.reason else ""
    reason += f"also in {escape(', '.join(change.also))} " if change.also else ""
    evidence = "".join(
        f'<span class="when">{escape(each.version)}</span> {citation_link(each, root)} ' for each in change.evidence
    )
    entries = [each for each in change.porting if each.href not in shown]
    shown.update(each.href for each in entries)
    porting = "".join(
        f'<p class="why">porting, <a href="{root}{escape(each.href)}">{escape(each.text)}</a></p>' for each in entries
    )
    return f'<p class="why">{reason}{evidence}</p>{porting}'
