"""What the words of a plain question name: ops, locks and tables."""

from kbase.search.analyzer import HOW_WORDS, QUESTION_WORDS, WEAK_WORDS
from kbase.search.asking import Condition
from kbase.search.index import Catalogue
from kbase.search.plan import Plan
from kbase.search.results import HitKind
from kbase.search.symbols import Symbols


class Question:
    """The words of a plan, looked up among the names of an index."""

    def __init__(self, symbols: Symbols, catalogue: Catalogue, plan: Plan) -> None:
        self.symbols, self.catalogue, self.plan = symbols, catalogue, plan

    def named(self) -> dict[str, list[str]]:
        """The ops, locks and tables that the words name, by kind; words that mostly say how are no names."""
        corrected = dict(self.plan.corrected)
        said = [corrected.get(word, word) for word in self.plan.said]
        named = dict[str, list[str]]({HitKind.OP: [], HitKind.LOCK: [], HitKind.STRUCT: []})
        spans = [said[first : first + size] for size in (3, 2, 1) for first in range(len(said) + 1 - size)]
        names = [glue.join(span) for span in spans for glue in ("_", " ") if len(span) > 1 or span[0] not in HOW_WORDS]
        for symbol in filter(None, map(self.symbols.exact, names)):
            for thing in symbol.all:
                entry = self.catalogue.entries[self.catalogue.things[thing][0]]
                if entry.kind in named:
                    named[entry.kind].append(entry.name)
        return named

    def content(self) -> list[str]:
        """The words that say what is looked for."""
        return [word.typed for word in self.plan.words if word.typed not in WEAK_WORDS | QUESTION_WORDS]

    def tables(self) -> tuple[Condition, ...]:
        """The condition to be of the ops table that the words are the name of; none where they are not."""
        names = ("_".join((*self.content(), *end)) for end in ((), ("ops",), ("operations",)))
        things = [thing for symbol in map(self.symbols.exact, names) if symbol for thing in symbol.things]
        first = [self.catalogue.entries[self.catalogue.things[thing][0]] for thing in things]
        tables = tuple(dict.fromkeys(entry.name.lower() for entry in first if entry.kind == HitKind.STRUCT))
        return (("struct", tables),) if tables else ()
