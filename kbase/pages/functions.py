"""The pages of functions and flags, and links to what a text names."""

from collections.abc import Iterable
from dataclasses import dataclass

from kbase.kernel.exact_names import core_ops, is_called
from kbase.kernel.near_names import near_names
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.states import VersionState
from kbase.pages import parts
from kbase.pages import version_strips as strips
from kbase.pages.near_names import missing
from kbase.pages.parts import Link, Page, TextView
from kbase.pages.version_strips import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionPage(Page):
    """A documented helper function at one version."""

    version: str
    name: str
    group: str
    texts: tuple[TextView, ...]
    others: tuple[Link, ...]  # of the same group
    strip: tuple[Stop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagPage(Page):
    """A documented flag at one version, and the op it belongs to."""

    version: str
    name: str
    op: Link | None
    texts: tuple[TextView, ...]
    strip: tuple[Stop, ...]


def function_page(kb: KnowledgeBase, version: str, name: str) -> FunctionPage:
    """The page of a function; UnknownName where the version documents none of that name."""
    found = [cited for cited in kb.state(version).functions if cited.record.name == name]
    if not found:
        names = (cited.record.name for cited in kb.state(version).functions)
        raise missing(f"function {name}", version, near_names(name, names))
    group = found[0].record.group
    others = {f.record.name for f in kb.state(version).functions if f.record.group == group} - {name}
    return FunctionPage(
        title=f"{name}() in {version}",
        address=addresses.function_address(version, name),
        about=f"The documented function {name}() in {version}.",
        version=version,
        name=name,
        group=group,
        texts=tuple(parts.text_view(cited) for cited in found),
        others=tuple(Link(text=other, href=addresses.function_address(version, other)) for other in sorted(others)),
        strip=_function_strip(kb, version, name),
    )


def _function_strip(kb: KnowledgeBase, version: str, name: str) -> tuple[Stop, ...]:
    held = strips.holding(kb, "function", name)

    def place(label: str) -> str | None:
        return addresses.function_address(label, name) if label in held else None

    return strips.strip(strips.relatives(kb, version), version, place)


def flag_page(kb: KnowledgeBase, version: str, name: str) -> FlagPage:
    """The page of a flag; UnknownName where the version documents none of that name."""
    found = [cited for cited in kb.state(version).flags if cited.record.name == name]
    if not found:
        raise missing(f"flag {name}", version, near_names(name, (f.record.name for f in kb.state(version).flags)))
    owner = next(((f.record.struct, f.record.op) for f in found if f.record.struct and f.record.op), None)
    return FlagPage(
        title=f"{name} in {version}",
        address=addresses.flag_address(version, name),
        about=f"The documented flag {name} in {version}.",
        version=version,
        name=name,
        op=Link(text=".".join(owner), href=addresses.op_address(version, *owner)) if owner else None,
        texts=tuple(parts.text_view(cited) for cited in found),
        strip=_flag_strip(kb, version, name),
    )


def _flag_strip(kb: KnowledgeBase, version: str, name: str) -> tuple[Stop, ...]:
    held = strips.holding(kb, "flag", name)

    def place(label: str) -> str | None:
        return addresses.flag_address(label, name) if label in held else None

    return strips.strip(strips.relatives(kb, version), version, place)


def op_links(kb: KnowledgeBase, version: str, names: Iterable[str]) -> tuple[Link, ...]:
    """Links to the ops that a text names; a name that no ops table of the version has is left out."""
    state = _state(kb, version)
    core = core_ops(state)
    links = []
    for name in names:
        dotted = [op for op in state.ops.values() if is_called(name, op.struct, op.name, core)]
        links += [Link(text=op.dotted, href=addresses.op_address(state.label, op.struct, op.name)) for op in dotted]
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
