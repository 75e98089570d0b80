"""The page about the JSON interface: its addresses, their parameters, and an example of each that can be tried."""

from collections.abc import Iterable
from dataclasses import dataclass

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.parts import Page
from kbase.pages.route import PARTS, PREFIX, Route, Words
from kbase.pages.samples import samples


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationParameter:
    """A parameter of an address; `required` where it is a part of the path."""

    name: str
    about: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An address of the interface; `page` and `example` lead to something that is held, if anything of it is."""

    name: str
    address: str
    about: str
    parameters: tuple[OperationParameter, ...]
    page: str | None
    example: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfacePage(Page):
    """The JSON interface."""

    prefix: str
    operations: tuple[Operation, ...]


def interface_page(kb: KnowledgeBase, routes: Iterable[Route]) -> InterfacePage:
    """The page about the interface, with examples from the knowledge base."""
    found = samples(kb)
    return InterfacePage(
        title="JSON interface",
        address="/api/",
        about="Every page's data as JSON, for programs on any machine that reaches this one; no key is needed.",
        prefix=PREFIX,
        operations=tuple(_operation(route, found.get(route.name)) for route in routes),
    )


def _operation(route: Route, words: Words | None) -> Operation:
    page = None if words is None else route.address(words)
    return Operation(
        name=route.name,
        address=PREFIX + route.pattern,
        about=route.about,
        parameters=(
            *(OperationParameter(name=name, about=PARTS[name], required=True) for name in route.parts),
            *(OperationParameter(name=each.name, about=each.about, required=False) for each in route.query),
        ),
        page=page,
        example=page and PREFIX + page,
    )
