"""The matrix of an ops table, ops x columns, as the templates show it."""

from collections.abc import Mapping

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.tables import TablePage, table_page

Matrix = tuple[TablePage, Mapping[str, Mapping[str, str]]]  # cells that the page leaves out, by column and op


def matrix(kb: KnowledgeBase, label: str, struct: str) -> Matrix:
    """An ops table at a version, with the cells of columns that have no header, such as remarks behind a row.

    Raises:
        UnknownName: no such version or ops table.
    """
    table, others = kb.table(label, struct), dict[str, dict[str, str]]()
    for op in table.ops:
        for rule in (cited.record for cited in op.rules):
            if rule.lock not in table.columns and rule.cell.strip():
                others.setdefault(rule.lock, {})[op.name] = rule.cell
    return table_page(kb, table.version, struct), others
