"""Write the rows that can be used, and apart those that cannot, with the first reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events.fields import FIELDS, WAREHOUSE_TYPES
from tesela.events.parquet import IN_THE_MAKING
from tesela.events.sources.mapping.converting.cells import is_secret
from tesela.events.sources.mapping.converting.conversion import CRUCIAL, Converted
from tesela.events.sources.mapping.converting.originals import kept_originals
from tesela.events.sources.mapping.converting.verdicts import make_verdicts

if TYPE_CHECKING:
    from pathlib import Path

    from tesela.events.fields import Field
    from tesela.events.sources.mapping.converting.conversion import Conversion


def write(work: Conversion, into: Path) -> Converted:
    """Write `accepted.parquet` and `rejected.parquet` into a folder."""
    make_verdicts(work)
    accepted, rejected = into / "accepted.parquet", into / "rejected.parquet"
    _write_accepted(work, accepted)
    _write_rejected(work, rejected)
    return Converted(accepted, rejected, work.staged.rows, tuple(work.notes))


def _write_accepted(work: Conversion, target: Path) -> None:
    originals = _originals(work)
    values = ", ".join(_output(work, each) for each in FIELDS[work.kind])
    constants = {f"k_{name}": value for name, value in work.mapping.constants.items() if name not in work.mapped}
    came = f", {kept_originals(work, _told)} AS originals" if work.kind == "contacts" else ""
    work.run(
        f"COPY (SELECT r.row_number, {values}, {_kept_properties(originals)} AS properties{came} "
        f"FROM read AS r WHERE r.row_number NOT IN (SELECT row_number FROM verdict)) TO '{_quoted(target)}' "
        f"{IN_THE_MAKING}",
        constants | {f"o_{name}": work.header_of(name) for name in originals} or None,
    )


def _write_rejected(work: Conversion, target: Path) -> None:
    staged = work.staged
    shown = [n for n, header in enumerate(staged.headers) if not is_secret(header)]
    pairs = ", ".join(f"$h{n}, c{n}::VARCHAR" for n in shown)
    work.run(
        f"COPY (SELECT row_number, raw, reason, NULL::VARCHAR AS detail FROM {staged.unreadable} "
        f"UNION ALL SELECT s.row_number, json_object({pairs})::VARCHAR, v.reason, v.detail "
        f"FROM {staged.relation} AS s JOIN verdict AS v USING (row_number) "
        f"ORDER BY row_number) TO '{_quoted(target)}' {IN_THE_MAKING}",
        {f"h{n}": staged.headers[n] for n in shown},
    )


def _output(work: Conversion, each: Field) -> str:
    value = _told(work, each)
    if each.name in work.mapping.inverted:
        value = f"CASE {value} WHEN 'yes' THEN 'no' WHEN 'no' THEN 'yes' END"
    return f"({value})::{WAREHOUSE_TYPES[each.type]} AS {each.name}"


def _told(work: Conversion, each: Field) -> str:
    """Return the SQL of a field's value: the columns', else what the file or other fields imply."""
    name, is_mapped = each.name, each.name in work.mapped
    told = [f"r.f_{name}"] if is_mapped else []
    if name == "order_id" and work.mapping.order_key:
        told.append("r.order_key")
    if name == "bounce_type" and "hint_bounce_type" in work.read_columns():
        told.append("r.hint_bounce_type")
    if name == "channel" and work.kind == "consents":
        told += [
            f"CASE WHEN r.f_{address} IS NOT NULL THEN '{channel}' END"
            for address, channel in (("email", "email"), ("phone", "sms"))
            if address in work.mapped
        ]
    if name == "status" and work.is_of_orders and is_mapped:
        told.append("CASE WHEN r.bad_status THEN 'completed' END")
    if name in work.mapping.constants and not is_mapped:
        told.append(f"$k_{name}")
    return f"coalesce({', '.join(told)})" if told else "NULL"


def _originals(work: Conversion) -> list[str]:
    """Return the fields whose original may have to be kept among the properties."""
    known = work.read_columns()
    return [name for name in work.mapped if f"raw_{name}" in known and name not in CRUCIAL]


def _kept_properties(originals: list[str]) -> str:
    """Return the SQL of the properties with the originals of values that could not be read, by their header."""
    if not originals:
        return "r.properties"
    pairs = ", ".join(f"$o_{name}, r.raw_{name}" for name in originals)
    broken = " OR ".join(f"r.raw_{name} IS NOT NULL" for name in originals)
    merged = f"json_merge_patch(coalesce(r.properties, '{{}}')::JSON, json_object({pairs}))::VARCHAR"
    return f"CASE WHEN {broken} THEN {merged} ELSE r.properties END"


def _quoted(path: Path) -> str:
    # COPY takes no bound value for its target; the folder is ours
    return str(path).replace("'", "''")
