"""Say of each row why it cannot be used, if it cannot: the first reason, and the value at fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tesela.events.fields import IDENTIFIER_KINDS
from tesela.events.sources.mapping.converting.conversion import CRUCIAL, NEEDED, PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tesela.events.sources.mapping.converting.conversion import Conversion


class _Case(NamedTuple):
    """SQL of when a reason holds, and of the value at fault."""

    when: str
    code: str
    detail: str


def make_verdicts(work: Conversion) -> None:
    """Make `verdict`: `row_number`, `reason`, `detail` of the rows that cannot be used."""
    cases = [*_broken(work), *_lacking(work), *_foreign(work)]
    reasons = " ".join(f"WHEN {when} THEN '{PREFIX}.{code}'" for when, code, _ in cases)
    details = " ".join(f"WHEN {when} THEN {detail}" for when, _, detail in cases)
    told = f"CASE {reasons} END AS reason, (CASE {details} END)::VARCHAR AS detail"
    work.run(f"CREATE TABLE verdict AS FROM (SELECT row_number, {told} FROM read AS r) WHERE reason IS NOT NULL")


def _broken(work: Conversion) -> Iterator[_Case]:
    known = work.read_columns()
    for name in work.mapped:
        if name in CRUCIAL and f"bad_{name}" in known:
            detail = f"r.raw_{name}" if f"raw_{name}" in known else "NULL"
            code = "bad_time" if work.fields[name].type == "moment" else "bad_number"
            yield _Case(f"r.bad_{name}", code, detail)


def _lacking(work: Conversion) -> Iterator[_Case]:
    for needed in NEEDED[work.kind]:
        names = needed if isinstance(needed, tuple) else (needed,)
        stands_in = "order_id" in names and bool(work.mapping.order_key)
        if stands_in or any(name in work.mapping.constants for name in names):
            continue
        present = [f"r.f_{name} IS NOT NULL" for name in names if name in work.mapped]
        if "amount" in names and work.kind == "order-lines":
            present = ["r.f_amount IS NOT NULL"]
        missing = "NOT (" + " OR ".join(present) + ")" if present else "true"
        if names == IDENTIFIER_KINDS:
            yield _Case(missing, "no_identifier", "NULL")
        else:
            yield _Case(missing, "missing_value", f"'{names[0]}'")


def _foreign(work: Conversion) -> Iterator[_Case]:
    money = [f"r.f_{name}" for name in work.mapped if work.fields[name].type == "money"]
    if money and "foreign_currency" in work.read_columns():
        is_priced = f"r.foreign_currency IS NOT NULL AND coalesce({', '.join(money)}) IS NOT NULL"
        yield _Case(is_priced, "other_currency", "r.foreign_currency")
