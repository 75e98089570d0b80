"""The page about the JSON API: its addresses, their parameters, and an example of each."""

from collections.abc import Iterable
from dataclasses import dataclass

from kbase.kernel.exact_names import ItemKind
from kbase.knowledge.knowledge_base import KnowledgeBase, NamedItem
from kbase.model import addresses
from kbase.model.records import LockOrder, Steps
from kbase.pages.parts import Page
from kbase.pages.route import PREFIX, Parameter, Route
from kbase.pages.search import EXAMPLES, item_address, search_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An address of the API; `page` and `example` lead to a page that exists, if any of the kind does."""

    name: str
    address: str
    about: str
    parameters: tuple[Parameter, ...]
    page: str | None
    example: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiPage(Page):
    """The JSON API."""

    prefix: str
    operations: tuple[Operation, ...]


def api_page(kb: KnowledgeBase, routes: Iterable[Route]) -> ApiPage:
    """The page about the API, with examples from the knowledge base."""
    found = example_addresses(kb)
    return ApiPage(
        title="JSON API",
        address="/api/",
        about="The data of every page as JSON, for programs on any machine that reaches this one; no key is needed.",
        prefix=PREFIX,
        operations=tuple(_operation(route, found.get(route.name)) for route in routes),
    )


def _operation(route: Route, page: str | None) -> Operation:
    page = page if "<" in route.rule or page else route.rule
    return Operation(
        name=route.name,
        address=PREFIX + route.pattern,
        about=route.about,
        parameters=route.parameters,
        page=page,
        example=page and PREFIX + page,
    )


KINDS: dict[str, str] = {  # the route of each kind's page
    ItemKind.STRUCT: "table",
    ItemKind.OP: "op",
    ItemKind.FUNCTION: "function",
    ItemKind.FLAG: "flag",
    ItemKind.PORTING: "porting_entry",
    ItemKind.NOTE: "note",
    ItemKind.COMMIT: "commit",
}


def example_addresses(kb: KnowledgeBase) -> dict[str, str]:
    """An existing address for each route that has parameters, if there is a page of the kind."""
    found = {"search": search_address(EXAMPLES[1])}
    if locks := kb.locks().values():
        most = max(locks, key=lambda lock: (lock.versions[-1:] == kb.labels()[-1:], len(lock.ops), lock.subject))
        found["lock"] = addresses.lock_address(most.subject)
        found["lock_history"] = addresses.lock_history_address(most.subject)
    for kind, item in _newest_items(kb).items():
        found[KINDS[kind]] = item_address(item)
        if kind == ItemKind.OP:
            struct, _, op = item.name.partition(".")
            found["history"] = addresses.history_address(struct, op)
            found["table_history"] = addresses.table_history_address(struct)
    for label in kb.newest_first[:1]:
        found["version"] = addresses.version_address(label)
        found["document"] = addresses.document_address(label, kb.state(label).documents[0].path)
    counts = kb.drift.counts()
    for label in [label for label in kb.newest_first if label in counts][:1]:
        found["drift"] = addresses.drift_address(label)
        found["table_drift"] = addresses.table_drift_address(next(iter(counts[label])))
    for label in [label for label in kb.records(LockOrder) if label][-1:] or kb.newest_first[:1]:
        found["lock_order"] = addresses.lock_order_address(label)
    for label in [label for label in kb.records(Steps) if label][-1:]:
        found["steps"] = addresses.steps_address(label)
    if len(kb.labels()) > 1:
        old, new = kb.labels()[-2:]
        found["diff"] = addresses.diff_address(old, new)
        if tables := kb.state(new).tables:
            found["diff_table"] = addresses.diff_address(old, new, tables[0].name)
    return found


def _newest_items(kb: KnowledgeBase) -> dict[str, NamedItem]:
    """An example item for each kind that has a page: of the newest version, preferably an inode operation."""
    ages = {label: age for age, label in enumerate(kb.labels())}
    best: dict[str, tuple[tuple[int, bool], NamedItem]] = {}
    for (_, kind, name), versions in kb.symbols.items():
        rank = ages.get(versions[-1], -1) if versions else -1, name.startswith("inode_operations")
        if kind in KINDS and (kind not in best or rank > best[kind][0]):
            best[kind] = rank, NamedItem(kind=kind, name=name, versions=versions)
    return {kind: item for kind, (_, item) in best.items()}
