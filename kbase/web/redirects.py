"""Redirects to the canonical address of a page.

A release, or a patch level that is not available, leads to the address of the version that represents it, with
`?asked=6.8`: that page shows which version was requested.
"""

from urllib.parse import unquote, urlencode

from flask import request

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.parts import Page
from kbase.pages.route import Words
from kbase.pages.routes import ASKED, others


def canonical_address(kb: KnowledgeBase, page: Page, path: str, words: Words) -> str | None:
    """The address of a page with the query of the request, where it is not the path requested; otherwise None."""
    if "?" in page.address or unquote(page.address) == path:
        return None
    query = request.query_string.decode("ascii", "replace")
    asked = asked_part(kb, words.get("version") or words.get("range", ""))
    return page.address + (f"?{query}{asked.replace('?', '&')}" if query else asked)


def asked_part(kb: KnowledgeBase, asked: str) -> str:
    """The query part with the version or range that was asked for; empty where the page is about just that."""
    return f"?{urlencode({ASKED: asked})}" if any(others(kb, asked.split(".."))) else ""
