"""The mapping: which column of a source is which field of a record. A person can see it, correct it and keep it."""

from __future__ import annotations

import difflib
import io
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from tesela.base import InputError
from tesela.events.fields import KINDS, MAPPABLE, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping as Dict
    from collections.abc import Sequence

    from tesela.events.sources.reading import StagedTable

Sure = Literal["vendor", "header", "content", "person"]
_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a source.

    Attributes:
        header: As the source spells it.
        field: Field of the record that it is; None keeps it among the properties.
        sure: What the match rests on: a vendor's known export, the header, the values, a person's word.
        rank: Where several columns are the same field, the one with the lowest rank is looked at first.
    """

    header: str
    field: str | None = None
    sure: Sure | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class ColumnSample:
    """A column with some of its values, for showing.

    Attributes:
        header: As the source spells it.
        field: Field that it is read as.
        samples: Up to three values, as text.
        sure: What the match rests on.
    """

    header: str
    field: str | None
    samples: tuple[str, ...]
    sure: Sure | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the columns of a source are read as fields of a kind of record.

    Several columns may be the same field: amounts of repeatable fields are added, of others the first that
    has a value counts.

    Attributes:
        kind: Kind of record.
        columns: All columns of the source, in order.
        vendor: Whose export it was recognised as.
        order_key: Headers whose values together make an order, where there is no order id.
        constants: Fields that the file implies, with their value.
        inverted: Consent fields in which the source's yes means no.
    """

    kind: Kind
    columns: tuple[Column, ...]
    vendor: str | None = None
    order_key: tuple[str, ...] = ()
    constants: Dict[str, str] = field(default_factory=dict)
    inverted: tuple[str, ...] = ()

    def field_of(self, header: str) -> str | None:
        """Return the field that a column is read as; None when it is kept as it is."""
        return self.columns[self._place(header)].field

    @property
    def known_fields(self) -> list[str]:
        """What a column of this kind of record can be, in the order in which people read them."""
        return [field.name for field in MAPPABLE[self.kind]]

    def places(self, name: str) -> list[int]:
        """Return the positions of the columns that are a field, the one that goes first first."""
        places = [place for place, column in enumerate(self.columns) if column.field == name]
        return sorted(places, key=lambda place: self.columns[place].rank)

    def has(self, name: str) -> bool:
        """Whether a column or the file itself says the field."""
        return bool(self.places(name)) or name in self.constants

    def with_field(self, header: str, name: str | None) -> Mapping:
        """Return a mapping in which a column is another field, or none.

        The field's earlier column goes back to the properties, unless the field takes several.

        Raises:
            InputError: when there is no such column or field; names near ones.
        """
        known = {each.name: each for each in MAPPABLE[self.kind]}
        if name is not None and name not in known:
            raise _unknown("events.sources.mapping.unknown_field", name, list(known))
        place = self._place(header)
        columns = list(self.columns)
        for other in self.places(name) if name is not None and not known[name].is_repeatable else ():
            columns[other] = Column(columns[other].header)
        columns[place] = Column(columns[place].header, name, "person")
        return replace(self, columns=tuple(columns))

    def with_order_key(self, headers: Sequence[str]) -> Mapping:
        """Return a mapping in which rows with the same values of some columns are one order.

        Raises:
            InputError: when there is no such column.
        """
        return replace(self, order_key=tuple(self.columns[self._place(header)].header for header in headers))

    def key_places(self) -> list[int]:
        """Return the positions of the columns that make an order."""
        return [self._place(header) for header in self.order_key]

    def fitted_to(self, headers: Sequence[str]) -> Mapping:
        """Return the mapping for a source whose columns may stand in another order, or be more.

        Raises:
            InputError: when the source lacks a column that the mapping reads.
        """
        if tuple(headers) == tuple(column.header for column in self.columns):
            return self
        known = {column.header: column for column in self.columns}
        for header in [*(column.header for column in self.columns if column.field), *self.order_key]:
            if header not in headers:
                raise _unknown("events.sources.mapping.unknown_column", header, list(headers))
        return replace(self, columns=tuple(known.get(header, Column(header)) for header in headers))

    def samples(self, staged: StagedTable) -> list[ColumnSample]:
        """Return each column with a few of its values."""
        shown = ", ".join(f"c{n}::VARCHAR" for n in range(len(self.columns)))
        rows = staged.connection.execute(
            f"SELECT {shown} FROM {staged.relation} ORDER BY row_number LIMIT 50"
        ).fetchall()
        found = []
        for place, column in enumerate(self.columns):
            values = dict.fromkeys(row[place] for row in rows if row[place] and row[place].strip())
            found.append(ColumnSample(column.header, column.field, tuple(values)[:_SAMPLES], column.sure))
        return found

    def to_yaml(self) -> str:
        """Write the mapping for people and for the next time."""
        from ruamel.yaml import YAML

        body: dict[str, Any] = {"kind": self.kind}
        if self.vendor:
            body["vendor"] = self.vendor
        body["columns"] = [
            {"header": each.header, "field": each.field} | ({"rank": each.rank} if each.rank else {})
            for each in self.columns
        ]
        lists = {"order_key": list(self.order_key), "inverted": list(self.inverted)}
        body |= {name: listed for name, listed in lists.items() if listed}
        if self.constants:
            body["constants"] = dict(self.constants)
        out = io.StringIO()
        YAML().dump(body, out)
        return out.getvalue()

    @classmethod
    def from_yaml(cls, written: str) -> Mapping:
        """Read a mapping back.

        Raises:
            InputError: when it is no mapping, or names a kind or field that does not exist.
        """
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            body = YAML(typ="safe").load(written)
            kind: Kind = body["kind"]
            columns = tuple(
                Column(
                    str(each["header"]),
                    each.get("field"),
                    "person" if each.get("field") else None,
                    int(each.get("rank") or 0),
                )
                for each in body["columns"]
            )
            constants = {str(key): str(value) for key, value in (body.get("constants") or {}).items()}
            order_key = tuple(map(str, body.get("order_key") or ()))
            inverted = tuple(map(str, body.get("inverted") or ()))
        except (YAMLError, KeyError, TypeError, AttributeError, ValueError) as cause:
            raise InputError("events.sources.mapping.not_a_mapping", reason=str(cause).splitlines()[0]) from cause
        if kind not in KINDS:
            raise _unknown("events.sources.mapping.unknown_kind", str(kind), list(KINDS))
        known = [each.name for each in MAPPABLE[kind]]
        for name in [*(c.field for c in columns if c.field), *constants, *inverted]:
            if name not in known:
                raise _unknown("events.sources.mapping.unknown_field", str(name), known)
        return cls(kind, columns, body.get("vendor"), order_key, constants, inverted)

    def _place(self, header: str) -> int:
        headers = [column.header for column in self.columns]
        for place, known in enumerate(headers):
            if header in (known, f"#{place + 1}") or header.casefold() == known.casefold():
                return place
        raise _unknown("events.sources.mapping.unknown_column", header, headers)


def _unknown(code: str, name: str, known: list[str]) -> InputError:
    near = difflib.get_close_matches(name, known, 3, 0.5) or known
    return InputError(code, name=name, near=", ".join(near[:30]))
