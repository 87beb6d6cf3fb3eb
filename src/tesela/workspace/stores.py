"""The stores of one open workspace: record, warehouse, control; and keeping them in step."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from tesela import events, measurement, profiles, segments, traits
from tesela.base import Clock, ConflictError, SystemClock
from tesela.warehouse import DuckDBEngine, Engine, open_engine, statement
from tesela.workspace import shipping
from tesela.workspace.folder import Layout, clear_copies, hold_lock, scratch_folder, sweep_scratch
from tesela.workspace.mapping import make_views, mapped_tables
from tesela.workspace.tables import SHIPMENTS

T = TypeVar("T")

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tesela.control import ControlStore
    from tesela.warehouse import Table
    from tesela.workspace.settings import Settings

# What runs have published and no input can bring back.
HISTORY = (*traits.ALL_TABLES, *segments.ALL_TABLES, *measurement.ALL_TABLES)

# What the workspace's own file has found out over time; wherever rules run.
OWN_HISTORY = tuple(table for table in profiles.ALL_TABLES if table.holds and table.holds.kept)

ALL_TABLES = (*events.ALL_TABLES, *profiles.ALL_TABLES, *HISTORY)


@dataclass(slots=True)
class Stores:
    """The open stores of a workspace, owned by this process alone.

    Attributes:
        layout: Where they lie.
        settings: The workspace's settings.
        record: The record.
        identity: Finds out who is who.
        permissions: What people allow and what stops them.
        cleaning: Cleans what contacts say.
        clock: Tells when something was found out.
    """

    layout: Layout
    settings: Settings
    record: events.Record
    identity: profiles.IdentityGraph
    permissions: profiles.Permissions
    cleaning: profiles.ContactCleaning
    clock: Clock
    _warehouse: Engine | None
    _engine: Engine | None = None
    _shipped: str = ""
    _control: ControlStore | None = None
    # what is derived follows from what is there: one thread derives, the others wait for it
    _turn: threading.RLock = field(default_factory=threading.RLock)
    _held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @classmethod
    def open(cls, layout: Layout, settings: Settings, clock: Clock | None = None) -> Stores:
        """Lock the workspace, sweep what a crash left, and let the warehouse catch up with the record.

        Args:
            layout: Where the stores lie.
            settings: The workspace's settings.
            clock: Tells when something was found out; the system's by default.

        Raises:
            ConflictError: when another process has the workspace.
        """
        with contextlib.ExitStack() as held:
            held.enter_context(hold_lock(layout))
            sweep_scratch(layout)
            record = events.Record(layout.record)
            record.sweep()
            is_new = not layout.warehouse.exists()
            stores = cls(
                layout,
                settings,
                record,
                profiles.IdentityGraph(layout.identity, settings.identity),
                profiles.Permissions(layout.suppression_key),
                profiles.ContactCleaning(settings.cleaning_of_contacts),
                clock or SystemClock(),
                open_warehouse(layout, layout.warehouse, settings),
            )
            held.callback(stores._let_go)
            stores.warehouse.create(ALL_TABLES)
            if is_new:
                stores.load_history(stores.warehouse)
            if events.has_strayed(stores.warehouse, record):
                stores.rebuild()
            stores.follow()
            stores._held = held.pop_all()
        return stores

    def take(self, settings: Settings) -> None:
        """Work with other settings from now on; what was derived by others is derived anew when it is needed."""
        with self._turn:
            before, self.settings = self.settings, settings
            if settings.identity != before.identity:
                self.identity = profiles.IdentityGraph(self.layout.identity, settings.identity)
            if settings.cleaning_of_contacts != before.cleaning_of_contacts:
                self.cleaning = profiles.ContactCleaning(settings.cleaning_of_contacts)

    @property
    def warehouse(self) -> Engine:
        """The workspace's own file: records are loaded and everything that follows from them is derived there.

        Raises:
            ConflictError: when the workspace has been closed.
        """
        if self._warehouse is None:
            raise ConflictError("workspace.closed")
        return self._warehouse

    @property
    def engine(self) -> Engine:
        """The engine that runs rules and keeps what they find: the workspace's own file, or one beside it.

        It is opened at first use: importing alone never needs it.

        Raises:
            UnavailableError: when it cannot be reached.
        """
        if self.settings.engine == "duckdb":
            return self.warehouse
        if self._engine is None:
            with contextlib.ExitStack() as opening:
                engine = open_engine(self.settings.warehouse.address(self.settings.engine, self.layout.root))
                opening.callback(engine.close)
                self._set_up(engine)
                opening.pop_all()
            self._engine = engine
        return self._engine

    def _set_up(self, engine: Engine) -> None:
        """Make what is missing on an engine; what earlier runs published comes with it, once."""
        engine.create([*self._shipped_tables(), *HISTORY, SHIPMENTS])
        marks = shipping.shipped_marks(engine)
        make_views(engine, self.settings.warehouse.tables, shipping.SHIPPED, marks)
        if shipping.HISTORY_MARK not in marks:
            saved = {table: self._saved(table) for table in HISTORY}
            files = {table: path for table, path in saved.items() if path.exists()}
            shipping.bring_in(engine, files, [(shipping.HISTORY_MARK, "1", len(files))])

    def _shipped_tables(self) -> list[Table]:
        """Return the tables that are shipped: those that nothing of the shop's own stands for."""
        mapped = mapped_tables(self.settings.warehouse.tables, shipping.SHIPPED)
        return [table for table in shipping.SHIPPED if table not in mapped]

    @property
    def control(self) -> ControlStore:
        """The control store, opened at first use: reading alone never needs it."""
        if self._control is None:
            from tesela.control import ControlStore

            self._control = ControlStore(self.layout.control)
        return self._control

    def follow(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Apply the loads that the warehouse lacks."""
        with self._turn:
            events.follow_record(self.warehouse, lambda: self.control, self.record, progress=progress)

    def refresh(self) -> None:
        """Compute what follows from new loads, all or nothing, and let the engine have it."""
        # whoever finds all of it done has nothing to wait for: not for a load that is being read, either
        if self._is_derived and self._is_shipped:
            return
        with self._turn:
            self._derive()
            if not self._is_shipped:
                with scratch_folder(self.layout) as scratch:
                    stamp = self._stamp
                    shipping.ship_tables(self.warehouse, self.engine, stamp, self._shipped_tables(), scratch)
                self._shipped = stamp

    @property
    def _is_derived(self) -> bool:
        if events.following.underived_loads(self.warehouse):
            return False
        return all(each.is_current(self.warehouse) for each in (self.identity, self.cleaning, self.permissions))

    @property
    def _is_shipped(self) -> bool:
        return self.settings.engine == "duckdb" or self._shipped == self._stamp

    @property
    def _stamp(self) -> str:
        found = (self.identity.token, self.cleaning.token, self.permissions.stamp)
        return shipping.stamp_of(self.record, *(told(self.warehouse) for told in found))

    def decide(self, act: profiles.Act) -> profiles.Act:
        """Let a person decide who is who, and compute what follows; return the act with its number."""
        return self.decide_all([act])[0]

    def decide_all(self, acts: Sequence[profiles.Act]) -> list[profiles.Act]:
        """Let a person decide several times at once, and compute what follows; return the acts with their numbers."""
        # noted before the decision: what follows from it is computed later where a crash comes between
        with self._turn:
            self.identity.outdate(self.warehouse)
            made = profiles.keep_acts(self.control, acts)
            self._derive(f"act:{made[0].number}" if len(made) == 1 else f"acts:{made[0].number}-{made[-1].number}")
        return made

    @property
    def addresses(self) -> profiles.Addresses:
        """Reads and finds addresses as this workspace has them."""
        return profiles.Addresses(self.warehouse, self.settings.country)

    def say(self, what: Callable[[], T]) -> T:
        """Let somebody tell the control store what is allowed or stopped, and compute what follows."""
        # noted before it is said: what follows from it is computed later where a crash comes between
        with self._turn:
            self.permissions.outdate(self.warehouse)
            said = what()
            self.refresh()
        return said

    def take_in(self) -> tuple[int, int, int]:
        """Tell the ledger of consents and the stops what new loads say.

        Returns:
            New entries of the ledger; of these the yeses that change nothing; addresses newly stopped.
        """
        with self._turn:
            return self.permissions.take_in(self.control, self.warehouse, at=self.clock.now())

    def decide_cleaning(self, act: profiles.cleaning.CleaningAct) -> profiles.cleaning.CleaningAct:
        """Let a person decide about values, and derive what follows; return the act with its number."""
        # noted before the decision, as for identity
        with self._turn:
            self.cleaning.outdate(self.warehouse)
            made = self.cleaning.keep(self.control, act)
            self._derive()
        return made

    def _derive(self, cause: str = "") -> None:
        """Compute what follows from new loads: orders' events, identity, profiles, consents. All or nothing."""
        loads = events.following.underived_loads(self.warehouse)
        is_settled = all(each.is_current(self.warehouse) for each in (self.identity, self.cleaning))
        is_same = is_settled and not loads
        if is_same and self.permissions.is_current(self.warehouse):
            return
        self.take_in()
        if is_same:
            # somebody said something, and nothing else is new
            self.warehouse.write(self.permissions.build(self.control, self.warehouse))
            return
        cleaned = self.cleaning.clean(self.warehouse, self.control, loads)
        with scratch_folder(self.layout) as scratch:
            identity = self.identity.resolve(self.warehouse, self.control, scratch, loads)
        # other rules may change what was known of anybody
        is_part = is_settled and cleaned.is_part and identity.loads is not None
        imports = f"import:{','.join(map(str, loads))}" if loads else "rules"
        self.warehouse.write(
            [
                *profiles.note_before(),
                *events.derive_order_events(),
                *self.identity.write(identity, at=self.clock.now(), cause=cause or imports),
                *self.cleaning.write(cleaned),
                *profiles.build_profiles(
                    self.settings.identity,
                    self.cleaning.settings,
                    moved=identity.moved if is_part else None,
                    loads=loads,
                ),
                *self.permissions.build(self.control, self.warehouse),
                *profiles.note_changes(loads),
                events.following.mark_derived(),
            ]
        )
        self.identity.keep()

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the warehouse again from the record and the control store.

        The new one is built aside and takes the old one's place in one step: a crash leaves the old.

        Raises:
            UnavailableError: when a file of the record is missing or altered.
        """
        with self._turn:
            self._rebuild(progress)

    def _rebuild(self, progress: Callable[[int, int], None] | None) -> None:
        self.record.verify()
        self.save_history()
        fresh = self.layout.warehouse.with_suffix(".rebuilt")
        _remove(fresh)
        engine = open_warehouse(self.layout, fresh, self.settings)
        try:
            engine.create(ALL_TABLES)
            self.load_history(engine)
            events.follow_record(engine, lambda: self.control, self.record, progress=progress)
        finally:
            engine.close()
        self._close_warehouse()
        _remove(self.layout.warehouse, keep=True)
        fresh.replace(self.layout.warehouse)
        self._warehouse = open_warehouse(self.layout, self.layout.warehouse, self.settings)
        self.refresh()

    def rhythm(self) -> traits.lifecycle.Rhythm:
        """Return the thresholds of the lifecycle: those set by hand, else those measured last."""
        return self.settings.lifecycle.rhythm or traits.lifecycle.find_rhythm(self.engine)

    def clear_copies(self) -> None:
        """Remove everything that only saves work; it is made again at need."""
        self.identity = profiles.IdentityGraph(self.layout.identity, self.settings.identity)
        clear_copies(self.layout)

    def save_history(self) -> None:
        """Write what runs have published beside the record, for rebuilds and backups."""
        (self.layout.history / "drafts").mkdir(parents=True, exist_ok=True)
        for table in (*HISTORY, *OWN_HISTORY):
            if self.settings.engine == "duckdb" or table in OWN_HISTORY:
                written = shipping.write_out(self.warehouse, table, self.layout.history / "drafts")
            else:
                written = shipping.fetch(self.engine, table, self.layout.history / "drafts")
            written.replace(self._saved(table))

    def load_history(self, engine: Engine) -> None:
        """Read what earlier runs have published into an empty warehouse."""
        for table in (*HISTORY, *OWN_HISTORY):
            path = self._saved(table)
            if path.exists():
                engine.write(
                    [
                        statement(
                            "INSERT INTO {table} BY NAME SELECT * FROM read_parquet($path)",
                            tables={"table": table},
                            path=str(path),
                        )
                    ]
                )

    def _saved(self, table: Table) -> Path:
        return self.layout.history / f"{table.name}.parquet"

    def close(self) -> None:
        """Let go of everything; closing twice is harmless."""
        self._held.close()

    def _let_go(self) -> None:
        self._close_warehouse()
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        if self._control is not None:
            self._control.close()
            self._control = None

    def _close_warehouse(self) -> None:
        if self._warehouse is not None:
            self._warehouse.close()
            self._warehouse = None


def open_warehouse(layout: Layout, path: Path, settings: Settings) -> Engine:
    """Open a workspace's DuckDB file; statements may touch files only where Tesela keeps its own."""
    return DuckDBEngine(
        path,
        folders=[layout.record, layout.scratch, layout.history],
        memory_limit=settings.memory_limit,
    )


def _remove(path: Path, *, keep: bool = False) -> None:
    """Remove a database file's log, and the file itself unless it is about to be replaced."""
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    if not keep:
        path.unlink(missing_ok=True)
