"""A statement for an engine: SQL whose values are bound and whose tables are declared.

Nothing from outside (rule, header, file name, value) ever enters the text: values are bound by name, data
frames are registered under a name, and tables are put in from their declarations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tesela.warehouse.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with what it needs to run.

    Attributes:
        sql: The text; ours has `$name` where a value is bound, a rendered plan what its engine wants there.
        parameters: Values by name; extra ones are not allowed.
        relations: Arrow tables that the text reads by these names, present only while it runs.
        dialect: Whose SQL it is; ours is DuckDB's, and other engines translate it.
        steps: Queries that the text reads by these names, in order, for an engine that keeps their rows meanwhile.
    """

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    relations: Mapping[str, pa.Table] = field(default_factory=dict)
    dialect: str = "duckdb"
    steps: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> str:
        """The text with its steps, as one query for people to read."""
        steps = ",\n".join(f"{name} AS (\n{query}\n)" for name, query in self.steps.items())
        return f"WITH {steps}\n{self.sql}" if steps else self.sql


def statement(
    template: str,
    *,
    tables: Mapping[str, Table | str] | None = None,
    relations: Mapping[str, pa.Table] | None = None,
    **parameters: object,
) -> Statement:
    """Return a statement whose `{places}` are filled with the names of declared tables.

    Args:
        template: SQL text of ours; a literal brace is written twice.
        tables: What stands for each place: a table, or the quoted name of a relation of ours.
        relations: Arrow tables that the statement reads.
        parameters: Values bound to `$name`.
    """
    names = {place: t.name if isinstance(t, Table) else t for place, t in (tables or {}).items()}
    return Statement(template.format_map(names), parameters, relations or {})
