"""What an admin may set of a shop: each value, what it does, what a change of it means; written to `tesela.toml`."""

from __future__ import annotations

import hashlib
import threading
import zoneinfo
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

from tesela import profiles
from tesela.base import LANGUAGES, ConflictError, InputError, Language, step, text, write_period
from tesela.traits import rfm
from tesela.workspace.settings import Settings
from tesela.workspace.settings_file import Value, replace_file, with_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tesela.base import Clock
    from tesela.workspace.stores import Stores

Kind = Literal["text", "choice", "zone", "currency", "country", "number", "amount", "period"]
Need = Literal["run", "audit"]


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that an admin may set.

    Attributes:
        key: Its name in `tesela.toml`, after that of its table: `audit.consent_years`.
        kind: What it is.
        needs: What must be done before everything shown follows from a change; None: it holds at once.
        choices: What it may be, where that can be listed.
        value: What holds now; None where nothing is set and nothing is usual.
        usual: What holds where nothing is set.
    """

    key: str
    kind: Kind
    needs: Need | None = None
    choices: tuple[str, ...] = ()
    value: Value | None = None
    usual: Value | None = None

    def say(self, what: Literal["name", "about", "change"], language: Language) -> str:
        """Return its name, what it does, or what a change of it means."""
        return text(f"workspace.setting.{self.key}.{what}", language)

    def named_choices(self, language: Language) -> dict[str, str]:
        """Return what it may be, with what that is called."""
        if self.kind != "choice":
            return {choice: choice for choice in self.choices}
        return {choice: text(f"workspace.setting.choice.{choice}", language) for choice in self.choices}


@dataclass(frozen=True, slots=True)
class Change:
    """What was set, or would be.

    Attributes:
        before: The settings that became another value, as they were.
        after: The same as they are now.
        needs: What must be done before everything shown follows from them, the most first.
    """

    before: Sequence[Setting]
    after: Sequence[Setting]
    needs: Sequence[Need]


def _key(table: str, name: str) -> str:
    return f"{table}.{name}"


_KNOWN = (
    Setting("name", "text"),
    Setting("language", "choice", choices=LANGUAGES),
    Setting("timezone", "zone", "run"),
    Setting("currency", "currency", "run"),
    Setting("country", "country", "run"),
    Setting(_key("audit", "cost_per_thousand"), "amount", "audit"),
    Setting(_key("audit", "consent_years"), "number", "audit"),
    Setting(_key("audit", "exclusion_list_days"), "number", "audit"),
    Setting(_key("lifecycle", "active"), "period", "run"),
    Setting(_key("lifecycle", "cooling"), "period", "run"),
    Setting(_key("lifecycle", "dormant"), "period", "run"),
    Setting(_key("rfm", "window"), "period", "run"),
    Setting(_key("rfm", "money"), "choice", "run", choices=rfm.MONEY),
    Setting(_key("rfm", "refit_after"), "period", "run"),
    Setting(_key("cleaning", "day_order"), "choice", "run", choices=profiles.cleaning.DAY_ORDERS),
)
KEYS = tuple(each.key for each in _KNOWN)
"""All that may be set; engine, identity, retention and lists of domains are changed in the file by hand."""


class Configuring:
    """Shows and changes the settings of an open workspace.

    Args:
        stores: The open stores; what is changed holds for them at once.
        clock: Tells the present, from which lengths of time must be possible.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self._turn = threading.Lock()
        self._after: list[Callable[[], object]] = []

    @property
    def version(self) -> str:
        """What tells the file as it lies from any other."""
        return hashlib.sha256(self._stores.layout.settings.read_bytes()).hexdigest()[:32]

    def list(self) -> list[Setting]:
        """Return all that may be set, with what holds now."""
        return _told(self._stores.settings)

    def after(self, then: Callable[[], object]) -> None:
        """Let something be done after each change."""
        self._after.append(then)

    def change(
        self, values: Mapping[str, Value | float | None], *, version: str | None = None, is_trial: bool = False
    ) -> Change:
        """Set values: in the file, and for whoever works with the open workspace from now on.

        All are changed or none. What somebody wrote into the file by hand meanwhile comes to hold too, but for what
        the stores were opened with (the engine and its memory): that takes a restart.

        Args:
            values: New values by key; None takes back what was set, so that the usual holds.
            version: What the file was when the values were chosen: when it is another by now, nothing is changed.
            is_trial: Say what would change, and change nothing.

        Raises:
            InputError: when there is no such setting, or it cannot be that; the file stays as it was.
            ConflictError: when the file has changed meanwhile, or tells a value in a form that is left to hands.
            UnavailableError: when the file cannot be written.
        """
        with self._turn:
            if version is not None and version != self.version:
                raise ConflictError("workspace.settings_changed")
            stores, path = self._stores, self._stores.layout.settings
            written = path.read_bytes().decode()
            changed = with_values(written, {key: _checked(key, value) for key, value in values.items()})
            held = stores.settings
            wanted = Settings.read(changed, path)
            self._try_out(wanted)
            wanted = replace(wanted, engine=held.engine, warehouse=held.warehouse, memory_limit=held.memory_limit)
            if not is_trial and changed != written:
                replace_file(path, changed)
            if not is_trial:
                stores.take(wanted)
        if not is_trial:
            for then in self._after:
                then()
        both = [(was, now) for was, now in zip(_told(held), _told(wanted), strict=True) if was.value != now.value]
        needed = {now.needs for _, now in both}
        needs = [each for each in get_args(Need) if each in needed]
        return Change([was for was, _ in both], [now for _, now in both], needs)

    def _try_out(self, settings: Settings) -> None:
        """Refuse lengths of time that reach out of the calendar: a run would fail over them."""
        now, zone = self._clock.now(), settings.zone
        settings.rfm.since(now, zone)
        settings.rfm.stale_before(now, zone)
        if settings.lifecycle.rhythm is not None:
            step(now, -settings.lifecycle.rhythm.dormant_days, "day", zone)


def _checked(key: str, value: Value | float | None) -> Value | None:
    """Return a value in the form that the file has it."""
    kinds = {each.key: each for each in _KNOWN}
    if key not in kinds:
        raise InputError("workspace.unknown_setting", key=key, known=", ".join(KEYS))
    asked = kinds[key]
    if value is None:
        return None
    if asked.kind == "amount":
        return str(value).strip()
    if asked.kind == "number":
        is_whole = isinstance(value, int) or (isinstance(value, str) and value.strip().isdecimal() and len(value) < 10)
        if not is_whole or isinstance(value, bool):
            raise InputError("workspace.bad_setting", key=key, value=value, allowed="1, 2, 3, ...")
        return int(value)
    if not isinstance(value, str):
        raise InputError("workspace.bad_setting", key=key, value=value, allowed=", ".join(asked.choices) or '"..."')
    value = value.strip()
    return value.upper() if asked.kind in ("currency", "country") else value


def _told(settings: Settings) -> list[Setting]:
    return [
        replace(
            each,
            value=_value(settings, each.key),
            usual=_value(Settings(), each.key),
            choices=_zones() if each.kind == "zone" else each.choices,
        )
        for each in _KNOWN
    ]


def _value(settings: Settings, key: str) -> Value | None:
    table, _, name = key.rpartition(".")
    if table == "lifecycle":
        rhythm = settings.lifecycle.rhythm
        return None if rhythm is None else write_period(getattr(rhythm, f"{name}_days"), "day")
    found = getattr(getattr(settings, table) if table else settings, name)
    return str(found) if isinstance(found, Decimal) else found


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC"))
