"""With which version the facts about an op turned: its prototype, or a rule about it.

Prose is not compared, as one version may be held with it and the next without: only what is stated as a fact counts,
and only between versions where the same documents say something of the op.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from kbase.diff.release_line import ported_back
from kbase.model.records import Held
from kbase.model.versions import parse_version, version_key
from kbase.search.index import Catalogue, Entry
from kbase.search.results import HitKind

STATED = (HitKind.OP, HitKind.STRUCT, HitKind.LOCK, HitKind.FLAG, HitKind.PORTING)  # not only described in prose

Facts = tuple[frozenset[str], list[str], list[str]]  # prototypes, cells, terms of rules
UNKNOWN = f"={Held.UNKNOWN.value}"  # a blank cell, under a header that may be new


def turns(catalogue: Catalogue, text: Callable[[int], str]) -> Mapping[str, Sequence[int]]:
    """The documents of ops that state other facts in a version than in the one held before, by the version's label.

    A stable version to which they were ported back is passed over: see `kbase.diff.release_line`.
    `text` gives a document's text, where every prototype has a line, as `kbase.search.facts` writes it.
    """
    found: defaultdict[str, list[int]] = defaultdict(list)
    for documents in catalogue.things:
        if catalogue.entries[documents[0]].kind == HitKind.OP:
            for label, document in _turns_of(catalogue, documents, text):
                found[label].append(document)
    return found


def _turns_of(catalogue: Catalogue, documents: Sequence[int], text: Callable[[int], str]) -> list[tuple[str, int]]:
    entries = catalogue.entries
    told = [(label, d) for d in documents for label in catalogue.version_sets[entries[d].versionset]]
    stated = {d: (_facts(entries[d], text(d)), frozenset(map(_file, entries[d].documents))) for d in documents}
    found, before, last = list[tuple[str, int]](), dict[tuple[str, frozenset[str]], Facts](), dict[str, Facts]()
    told.sort(key=lambda pair: version_key(pair[0]))
    back = ported_back({label: stated[document] for label, document in told})
    for label, document in told:
        if label in back:
            continue
        family, (facts, files) = parse_version(label).family, stated[document]
        if facts not in (before.get((family, files), facts), last.get(family)):
            found.append((label, document))
        before[family, files] = last[family] = facts
    return found


def _facts(entry: Entry, text: str) -> Facts:
    cells = [chip.partition(": ")[2] for chip in entry.chips]  # neither a lock's new name nor a rule over the table
    rules = [rule for rule in entry.rules if not rule.endswith(UNKNOWN)]
    return _prototypes(text, entry.op or ""), cells, rules


def _prototypes(text: str, op: str) -> frozenset[str]:
    """The declarations of the op in its text, without their comments."""
    return frozenset(_declared(op).findall(text))


def _declared(op: str) -> re.Pattern[str]:
    """The declaration of an op in a text."""
    return re.compile(rf"^.*\(\*{re.escape(op)}\)\([^()]*(?:\([^()]*\)[^()]*)*\)", re.MULTILINE)


def _file(path: str) -> str:
    """A file's name without folder, ending and case, which change while it stays the same document."""
    return path.rsplit("/", 1)[-1].partition(".")[0].lower()
