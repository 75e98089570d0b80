"""An ops table as ops x columns, and what is said over it: the locking table of one version."""

from collections.abc import Iterable
from dataclasses import dataclass

from kbase.model.states import TableState, VersionState
from kbase.reference.facts import OpFacts, Proof, RuleFact, TextFact, op_facts, proof_of, text_fact


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One op: a cell for each column, None where it is blank; `proof` is its line."""

    op: str
    dotted: str
    cells: tuple[RuleFact | None, ...]
    proof: Proof | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """The locking table of an ops table. `unlisted` are the ops that have no row in it."""

    struct: str
    label: str
    columns: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    unlisted: tuple[str, ...]
    blankets: tuple[TextFact, ...]
    notes: tuple[TextFact, ...]


def matrix(table: TableState, state: VersionState) -> Matrix:
    """The matrix of `table`, which is one of `state`."""
    facts = [op_facts(op, state) for op in table.ops]
    listed = [f for f in facts if f.has_row or f.rules]
    columns = _columns(table, listed)
    return Matrix(
        struct=table.name,
        label=table.version,
        columns=columns,
        rows=tuple(_row(f, columns) for f in listed),
        unlisted=tuple(f.op for f in facts if not (f.has_row or f.rules)),
        blankets=tuple(TextFact(text=cited.record.text, proof=proof_of(cited)) for cited in table.blankets),
        notes=tuple(map(text_fact, table.notes)),
    )


def _columns(table: TableState, facts: Iterable[OpFacts]) -> tuple[str, ...]:
    """The table's headers, then those that only its cells name."""
    return tuple(dict.fromkeys([*table.columns, *(rule.lock for f in facts for rule in f.rules)]))


def _row(facts: OpFacts, columns: tuple[str, ...]) -> MatrixRow:
    cells = {rule.lock: rule for rule in facts.rules}
    return MatrixRow(
        op=facts.op,
        dotted=facts.dotted,
        cells=tuple(cells.get(column) for column in columns),
        proof=facts.rules[0].proof if facts.rules else None,
    )
