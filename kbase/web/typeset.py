"""Typesetting for the templates: prototypes as C, texts as paragraphs, addresses below the site's prefix.

All input is plain text; all output is escaped.
"""

import html
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from flask import request
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from kbase.pages.c_text import split_parameters
from kbase.pages.history_picture import Drawing, Lane, draw
from kbase.pages.order_picture import draw_orders
from kbase.pages.parts import Citation, Link
from kbase.pages.version_strips import Stop, in_series, series_of_strip
from kbase.web.overview import anchor, reading_order, severity_counts

HEAD = re.compile(
    r"""
    (?> (?P<head> .*? \( \s* \* \s* (?: const \s+ )? \w+ \s* \) \s* \( ) )  # int (*rename)(
    (?P<parameters> .* )
    (?P<tail> \) [^()]* )
    """,
    re.VERBOSE | re.DOTALL,
)
TOKEN = re.compile(r"(?P<word>[A-Za-z_]\w*)|(?P<space>\s+)|(?P<other>[^\sA-Za-z_]+)")
LONGEST = 2000  # characters of a declaration that is looked at closely
WORD = re.compile(r"[A-Za-z_]\w*")
TAGS = {"struct", "union", "enum"}
QUALIFIERS = TAGS | {"const", "volatile", "restrict", "static", "inline"}
BUILTIN = {"void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "bool", "_Bool"}
POINTED = re.compile(r"\(\s*\*\s*(?:const\s+)?(\w+)\s*\)")

ITEM = re.compile(r"(?P<indent>[ ]*)(?:[-*o+]|\d{1,2}[.)]|\(\d{1,2}\))[ ]+(?=\S)")  # "- one", "2) two"
CODE, ERRNO = Markup("<code>{}</code>"), Markup('<code class="errno">{}</code>')
EM, STRONG = Markup("<em>{}</em>"), Markup("<strong>{}</strong>")
INLINE = re.compile(
    r"""
    ``(?P<literal> [^`\n]+ )``            # RST's ``literal``
    | (?P<code> (?: \b \w{1,60} )? (?: -> \w+ )+ (?: \(\) )?  # ->rename(), inode->i_lock
      | \b [A-Za-z_]\w* \(\)              # d_instantiate()
      | \b [A-Z][A-Z0-9]* _ [A-Z0-9_]+ \b # RENAME_NOREPLACE
      )
    | (?P<errno> (?<![\w-]) -E[A-Z0-9]{2,} \b )  # -ECHILD
    | (?<![\w*)]) \*(?P<strong>\*)? (?P<stressed> [^\s*] (?: [^*\n]{0,80} [^\s*] )? ) \*(?(strong)\*) (?![\w*(]) # *so*
    """,
    re.VERBOSE,
)


@lru_cache(2048)  # a page of an ops table has a hundred, which are on the pages of other versions too
def prototype(text: str) -> Markup:
    """A declaration as C: its head, then its parameters, each a piece that is not broken."""
    match = HEAD.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if match is None:
        return Markup(f'<code class="c">{_words(text, None)}</code>')  # noqa: S704  # its words are escaped
    name = POINTED.search(match["head"])
    pieces = split_parameters(match["parameters"])
    pieces[-1] += f"{match['tail']};"
    typeset = " ".join(f'<span class="c-p">{_words(piece, _declared(piece), "c-v")}</span>' for piece in pieces)
    head = _words(match["head"], name[1] if name else None)
    code = f'<code class="c"><span class="c-h">{head}</span><span class="c-ps">{typeset}</span></code>'
    return Markup(code)  # noqa: S704  # its words are escaped


def _declared(parameter: str) -> str | None:
    """The name that a parameter declares: the last word after a type."""
    if pointed := POINTED.search(parameter):
        return str(pointed[1])
    words: list[str] = WORD.findall(re.split(r"[\[,)]", parameter)[0])
    plain = [word for word in words if word not in QUALIFIERS - TAGS and not word.startswith("__")]
    if len(plain) < 2 or plain[-1] != words[-1] or plain[-1] in BUILTIN | TAGS or plain[-2] in TAGS:
        return None
    return plain[-1]


def _words(text: str, name: str | None, css: str = "c-n") -> str:
    """The words of a piece of C, escaped, each in a span of its class; `name` is the one that is declared."""
    words = list(TOKEN.finditer(text))
    named = max((n for n, token in enumerate(words) if token["word"] == name), default=-1) if name else -1
    return "".join(
        f'<span class="{_class(token["word"], number == named, css)}">{token["word"]}</span>'
        if token["word"]
        else escape(token[0])
        for number, token in enumerate(words)
    )


def _class(word: str, named: bool, css: str) -> str:
    if named:
        return css
    if word.startswith("__"):
        return "c-a"
    return "c-k" if word in QUALIFIERS else "c-t"


def prose(text: str) -> Markup:
    """A text as paragraphs and lists; text with an indentation of its own stays unchanged."""
    return Markup("").join(_block(block) for block in re.split(r"\n[ \t]*\n", text.strip("\n")) if block.strip())


def _block(block: str) -> Markup:
    """The text between two blank lines: paragraphs and items in their order."""
    pieces: list[tuple[str, list[str]]] = []
    depth = 0  # of the item at hand
    for line in block.expandtabs().split("\n"):
        item, indent = ITEM.match(line), len(line) - len(line.lstrip())
        if item:
            pieces.append(("li", [line[item.end() :]]))
            depth = item.end("indent")
        elif pieces and (indent > depth if pieces[-1][0] == "li" else indent == 0):
            pieces[-1][1].append(line.strip())
        elif pieces and indent:
            return Markup("<pre>{}</pre>").format(block.expandtabs())
        else:
            pieces.append(("p", [line.strip()]))
    return _pieces([(tag, inline(" ".join(lines))) for tag, lines in pieces])


def _pieces(pieces: list[tuple[str, Markup]]) -> Markup:
    """Paragraphs, and lists of items that follow one another."""
    typeset = []
    for tag, group in groupby(pieces, key=itemgetter(0)):
        if tag == "li":
            items = Markup("").join(Markup("<li>{}</li>").format(text) for _, text in group)
            typeset.append(Markup("<ul>{}</ul>").format(items))
        else:
            typeset += [Markup("<p>{}</p>").format(text) for _, text in group]
    return Markup("").join(typeset)


@lru_cache(2048)  # the summaries and notes of an op are on the pages of several versions, and in hits
def inline(text: str) -> Markup:
    """One paragraph: ops, functions, flags and literals as code, *emphasis*, `::` at its end as a colon."""
    pieces, end = [], 0
    text = f"{text[:-2].rstrip()}:" if text.endswith("::") else text
    for match in INLINE.finditer(text):
        pieces += [escape(text[end : match.start()]), _typeset(match)]
        end = match.end()
    return Markup("").join([*pieces, escape(text[end:])])


def _typeset(match: re.Match[str]) -> Markup:
    """A match of `INLINE` as HTML."""
    if match["stressed"]:
        return (STRONG if match["strong"] else EM).format(match["stressed"])
    return (ERRNO if match["errno"] else CODE).format(match["literal"] or match[0])


def breakable(name: str) -> Markup:
    """A long identifier that may be broken after `_`, `.`, `/` only."""
    whole = str(escape(name))
    return Markup(whole.replace("_", "_<wbr>").replace(".", ".<wbr>").replace("/", "/<wbr>"))  # noqa: S704  # escaped


def below(address: str) -> str:
    """An address of this site with the prefix that it is served at."""
    return request.script_root + address


def marked(text: str, matches: Iterable[tuple[int, int]]) -> Markup:
    """A text with its matches marked: first character, last + 1."""
    pieces, at = list[str](), 0
    for first, last in matches:
        pieces += text[at:first], "\x02", text[first:last], "\x03"
        at = last
    whole = str(escape("".join([*pieces, text[at:]])))
    return Markup(whole.replace("\x02", "<mark>").replace("\x03", "</mark>"))  # noqa: S704  # escaped above


def linked(text: str, links: Iterable[Link]) -> Markup:
    """A text in which the text of each link leads where the link does."""
    whole = str(escape(text))
    for link in links:
        name = str(escape(link.text))
        whole = whole.replace(name, f'<a href="{escape(below(link.href))}">{name}</a>', 1)
    return Markup(whole)  # noqa: S704  # its parts are escaped above


@pass_context
def rendered_once(context: Context, value: Hashable, macro: str) -> Markup:
    """The value rendered by a macro of `cached_macros.html`, from a cache for equal values."""
    return _rendered(context.environment, macro, value, context["root"])


@lru_cache(4096)  # a page of hits renders the facts of twenty ops
def _rendered(environment: Environment, macro: str, value: Hashable, root: str) -> Markup:
    rendered: Markup = getattr(environment.get_template("cached_macros.html").make_module({"root": root}), macro)(value)
    return rendered


def drawing(lanes: Iterable[Lane], versions: Sequence[str]) -> Drawing:
    """The picture of a history, to be drawn by `history_picture.svg`."""
    return draw(versions, tuple(lanes))


@pass_context
def cited(context: Context, citation: Citation) -> Markup:
    """The evidence of a fact: a small link to the line. No macro, for speed: a page has dozens."""
    to = f'<span class="to">\N{EN DASH}{citation.last}</span>' if citation.last > citation.line else ""
    href, label = html.escape(context["root"] + citation.href), html.escape(citation.label)
    return Markup(f'<a class="cite" href="{href}">{label}{to}</a>')  # noqa: S704  # its parts are escaped


@pass_context
def as_stops(context: Context, stops: Iterable[Stop]) -> Markup:
    """The versions of a strip as a list. No macro, for speed: there may be a hundred."""
    root = html.escape(context["root"])
    items = []
    for stop in stops:
        kind = "absent" if not stop.present else "changed" if stop.changed else ""
        here = ' aria-current="page"' if stop.here else ""
        beside = f'<span class="sr"> ({"missing" if kind == "absent" else kind})</span>' if kind else ""
        link = f'<a href="{root}{html.escape(stop.href)}"{here}>{html.escape(stop.version)}{beside}</a>'
        items.append(f'<li class="{kind}">{link}</li>' if kind else f"<li>{link}</li>")
    return Markup(f"<ol>{''.join(items)}</ol>")  # noqa: S704  # its parts are escaped


@pass_context
def at(context: Context, address: str) -> str:
    """`below`, for templates, which have the prefix as `root`."""
    return f"{context['root']}{address}"


FILTERS: dict[str, Callable[..., Any]] = {
    "anchor": anchor,
    "as_stops": as_stops,
    "at": at,
    "breakable": breakable,
    "cited": cited,
    "drawing": drawing,
    "by_series": series_of_strip,
    "in_series": in_series,
    "inline": inline,
    "linked": linked,
    "marked": marked,
    "order_drawing": draw_orders,
    "prose": prose,
    "prototype": prototype,
    "reading_order": reading_order,
    "rendered_once": rendered_once,
    "severity_counts": severity_counts,
}
