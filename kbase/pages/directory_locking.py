"""The page of directory-locking: the classes of operation, each with its ordered steps."""

from dataclasses import dataclass, replace

from kbase.errors import UnknownName
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.pages.parts import Citation, plural, view_of
from kbase.pages.version_strips import PageOfVersion, related_versions, version_strip


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationView:
    """A class of operation, and the locks that it takes, in order."""

    subject: str
    anchor: str
    steps: tuple[str, ...]
    remarks: tuple[str, ...]
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class StepsPage(PageOfVersion):
    """How directories are locked at one version."""

    operations: tuple[OperationView, ...]


def steps_page(kb: KnowledgeBase, version: str) -> StepsPage:
    """The classes of operation of a version; UnknownName where it has no directory-locking document."""
    found = kb.state(version).steps
    if not found:
        raise UnknownName("no directory-locking document is available", version, "build from a kernel tree")
    labels = related_versions(kb, version)
    return StepsPage(
        title=f"Directory locking in {version}",
        address=addresses.steps_address(version),
        about=f"Which locks are taken in which order: {plural(len(found), 'kind')} of operation in {version}.",
        version=version,
        operations=tuple(  # by its last line: "same as above" has the first line of the class before it
            view_of(OperationView, cited, anchor=addresses.steps_anchor(cited.evidence.last)) for cited in found
        ),
        strip=version_strip(
            labels, version, {label: addresses.steps_address(label) for label in labels if kb.state(label).steps}
        ),
    )


def find_steps(kb: KnowledgeBase, name: str, version: str | None) -> StepsPage | None:
    """The page with only the class of operation of that name, or all for `directory-locking`; None where none has it.

    Without a version: the newest that has it, of linux before others.
    """
    wanted = " ".join(name.lower().split())
    for label in [version] if version else kb.newest_first:
        if not kb.state(label).steps:
            continue
        page = steps_page(kb, label)
        found = tuple(each for each in page.operations if wanted in ("directory-locking", each.subject.lower()))
        if found:
            return replace(page, operations=found)
    return None
