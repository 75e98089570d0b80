"""The pages of functions and flags, and links to what a text names."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kbase.kernel.exact_names import core_ops, is_called
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.states import Cited, VersionState
from kbase.pages.near_names import missing
from kbase.pages.parts import Link, TextView, plural, text_view
from kbase.pages.version_strips import PageOfVersion, strip_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionPage(PageOfVersion):
    """A documented helper function at one version."""

    name: str
    group: str
    texts: tuple[TextView, ...]
    others: tuple[Link, ...]  # of the same group
    porting: Link | None  # the entries of the porting log that name it


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagPage(PageOfVersion):
    """A documented flag at one version, and the op it belongs to."""

    name: str
    op: Link | None
    texts: tuple[TextView, ...]


def function_page(kb: KnowledgeBase, version: str, name: str) -> FunctionPage:
    """The page of a function; raises UnknownName if the version documents no function of this name."""
    functions = kb.state(version).functions
    found = _named(functions, "function", version, name)
    group = found[0].record.group
    others = {other.record.name for other in functions if other.record.group == group} - {name}
    return FunctionPage(
        title=f"{name}() in {version}",
        address=addresses.function_address(version, name),
        about=f"The documented function {name}() in {version}.",
        version=version,
        name=name,
        group=group,
        texts=tuple(map(text_view, found)),
        others=tuple(Link(text=other, href=addresses.function_address(version, other)) for other in sorted(others)),
        porting=_porting(kb, name),
        strip=strip_of(kb, version, ("function", name), lambda label: addresses.function_address(label, name)),
    )


def flag_page(kb: KnowledgeBase, version: str, name: str) -> FlagPage:
    """The page of a flag; raises UnknownName if the version documents no flag of this name."""
    found = _named(kb.state(version).flags, "flag", version, name)
    owner = next(((f.record.struct, f.record.op) for f in found if f.record.struct and f.record.op), None)
    return FlagPage(
        title=f"{name} in {version}",
        address=addresses.flag_address(version, name),
        about=f"The documented flag {name} in {version}.",
        version=version,
        name=name,
        op=Link(text=".".join(owner), href=addresses.op_address(version, *owner)) if owner else None,
        texts=tuple(map(text_view, found)),
        strip=strip_of(kb, version, ("flag", name), lambda label: addresses.flag_address(label, name)),
    )


def _porting(kb: KnowledgeBase, name: str) -> Link | None:
    number = len(kb.mentioning(name))
    text = f"{plural(number, 'entry')} of the porting log"
    return Link(text=text, href=addresses.porting_log_address(name)) if number else None


def _named(documented: Iterable[Cited[Any]], kind: str, version: str, name: str) -> list[Cited[Any]]:
    by_name: dict[str, list[Cited[Any]]] = {}
    for cited in documented:
        by_name.setdefault(cited.record.name, []).append(cited)
    if name not in by_name:
        raise missing(f"{kind} {name}", version, name, by_name)
    return by_name[name]


def op_links(kb: KnowledgeBase, version: str, names: Iterable[str]) -> tuple[Link, ...]:
    """Links to the ops that a text names; names that no ops table of the version has are left out."""
    state = _state(kb, version)
    core = core_ops(state)
    named = (op for name in names for op in state.ops.values() if is_called(name, op.struct, op.name, core))
    links = (Link(text=op.dotted, href=addresses.op_address(state.label, op.struct, op.name)) for op in named)
    return tuple(dict.fromkeys(links))


def function_links(kb: KnowledgeBase, version: str, names: Iterable[str]) -> tuple[Link, ...]:
    """Links to the documented functions that a text names."""
    state = _state(kb, version)
    documented = {cited.record.name for cited in state.functions}
    return tuple(
        Link(text=name, href=addresses.function_address(state.label, name)) for name in names if name in documented
    )


def _state(kb: KnowledgeBase, version: str) -> VersionState:
    """The version if it is a kernel's, else the latest kernel: notes and commits of others name its ops."""
    labels = kb.labels()
    if version in labels or not labels:
        return kb.state(version) if version in labels else kb.loose
    return kb.state(kb.latest())
