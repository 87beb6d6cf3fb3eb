"""People with consents and stops, on any engine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from rooms.profiles.consent_ledger.a_ledger import LATE, Address, Ledger
from tesela.profiles import CONSENTS, IDENTIFIERS, PROFILES
from tesela.profiles.suppression import (
    ExclusionList,
    HashKey,
    Stop,
    add_stops,
    can_receive,
    find_receivers,
    import_list,
    open_key,
    project_suppressions,
)
from tesela.profiles.tables import SUPPRESSIONS
from tesela.warehouse import Engine, Statement, load_dialect, statement

READ = (PROFILES, IDENTIFIERS, CONSENTS, SUPPRESSIONS)
_OF_PROFILES = "profile_id, is_known, email, phone, postal_code"


@dataclass
class Shop:
    """The loader is DuckDB; `engine` is where questions are asked, and gets what they read."""

    ledger: Ledger
    engine: Engine | None = None
    key: HashKey = field(init=False)

    def __post_init__(self) -> None:
        self.key = open_key(self.ledger.folder / "suppression.key", self.ledger.control)
        if self.engine is not None:
            self.engine.create(READ)

    @classmethod
    def in_folder(cls, folder: Path, engine: Engine | None = None) -> Shop:
        return cls(Ledger.in_duckdb(folder), engine)

    def stop(self, address: Address, channel: str = "email", reason: str = "manual", **told: Any) -> int:
        given = {"occurred_at": datetime(2026, 6, 2), "source": "test", **told}
        made = Stop(self.key.hash(*address), channel, reason, **given)  # type: ignore[arg-type]
        return add_stops(self.ledger.control, [made], recorded_at=LATE)

    def exclude(self, *addresses: Address, name: str = "Robinson", day: int = 1, **told: Any) -> ExclusionList:
        channels = told.pop("channels", ["email"])
        version = ExclusionList(name, date(2026, 6, day), **told)
        members = {self.key.hash(*each): channels for each in addresses}
        return import_list(self.ledger.control, version, members, imported_at=LATE)

    def project(self) -> None:
        self.ledger.project()
        project_suppressions(self.ledger.control, self.ledger.engine, self.key)
        if self.engine is not None:
            for table in READ:
                # what questions of reach read; chdb stumbles over missing dates that come straight from DuckDB
                names = _OF_PROFILES if table == PROFILES else "*"
                rows = self.ledger.engine.query(statement(f"SELECT {names} FROM {{table}}", tables={"table": table}))
                self.engine.write([statement("DELETE FROM {table}", tables={"table": table})])
                self.engine.load(table, rows)

    def why_not(
        self, channel: str = "email", *, at: datetime = LATE, among: list[int] | None = None
    ) -> dict[int, str | None]:
        """Why each profile cannot receive, with what suppressed it; None for those who can."""
        engine = self.engine or self.ledger.engine
        if among is not None:
            found = find_receivers(engine, channel, as_of=at, among=among).to_pylist()
        else:
            asked = _question(engine.name, channel)
            given = {name: at if value == LATE else value for name, value in asked.parameters.items()}
            found = engine.query(replace(asked, parameters=given)).to_pylist()
        return {row["profile_id"]: None if row["told"] == "yes" else row["told"] for row in found}

    def close(self) -> None:
        self.ledger.close()


@cache
def _question(engine: str, channel: str) -> Statement:
    return can_receive(load_dialect(engine), channel, as_of=LATE)
