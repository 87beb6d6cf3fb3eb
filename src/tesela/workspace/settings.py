"""The settings of a workspace: `tesela.toml`, five lines that a person can read."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from tesela import profiles
from tesela.audit import AuditSettings
from tesela.base import LANGUAGES, ConflictError, InputError, Language, NotFoundError, load_zone
from tesela.traits import lifecycle, rfm
from tesela.warehouse import ENGINES
from tesela.workspace.engine_settings import WarehouseSettings
from tesela.workspace.folder import SETTINGS_FILE
from tesela.workspace.retention_settings import RetentionSettings

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

# signs that no name has and no page can show
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST = 200

_TABLES = ("warehouse", "identity", "cleaning", "retention", "rfm", "lifecycle", "audit")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a workspace is about.

    Attributes:
        name: The shop's name, shown on reports.
        timezone: IANA name; local dates and times of files and rules are in it.
        currency: ISO 4217 code; every amount is in it.
        language: `es` or `en`, of everything shown.
        country: ISO 3166 code; how phones, dates and numbers are read when they could be several things.
        engine: What runs the rules: the workspace's own DuckDB file, or an engine beside it.
        memory_limit: How much memory the warehouse may use before it spills to disk.
        warehouse: Where the engine is, when it is not the workspace's own file.
        identity: When records are one person, and which of their values hold.
        cleaning: Which rules clean what contacts say.
        retention: How long what happened is kept.
        rfm: What RFM counts, and how long its cut points are kept.
        lifecycle: Thresholds of its stages that are set by hand.
        audit: What a message costs, and how old consents and exclusion lists may be.
    """

    name: str = ""
    timezone: str = "Europe/Madrid"
    currency: str = "EUR"
    language: Language = "es"
    country: str = "ES"
    engine: str = "duckdb"
    memory_limit: str = "1500MB"
    warehouse: WarehouseSettings = field(default_factory=WarehouseSettings)
    identity: profiles.IdentitySettings = field(default_factory=profiles.IdentitySettings)
    cleaning: profiles.cleaning.CleaningSettings = field(default_factory=profiles.cleaning.CleaningSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    rfm: rfm.RFMSettings = field(default_factory=rfm.RFMSettings)
    lifecycle: lifecycle.LifecycleSettings = field(default_factory=lifecycle.LifecycleSettings)
    audit: AuditSettings = field(default_factory=AuditSettings)

    def __post_init__(self) -> None:
        load_zone(self.timezone)
        _require("name", self.name, not _UNPRINTABLE.search(self.name) and len(self.name) <= _LONGEST, "A-Z, 0-9, ...")
        _require("currency", self.currency, bool(re.fullmatch("[A-Z]{3}", self.currency)), "EUR, MXN, GBP, ...")
        _require("country", self.country, bool(re.fullmatch("[A-Z]{2}", self.country)), "ES, MX, CO, ...")
        _require("language", self.language, self.language in LANGUAGES, ", ".join(LANGUAGES))
        _require("engine", self.engine, self.engine in ENGINES, ", ".join(ENGINES))
        _require(
            "memory_limit",
            self.memory_limit,
            bool(re.fullmatch(r"\d+(\.\d+)?\s?(MB|GB|MiB|GiB)", self.memory_limit)),
            "1500MB, 4GB, ...",
        )

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's time zone."""
        return load_zone(self.timezone)

    @property
    def cleaning_of_contacts(self) -> profiles.cleaning.CleaningSettings:
        """How contacts are cleaned: of this country, where they tell none; the shop's own domains are no typos."""
        own = {address.rpartition("@")[2] for address in self.identity.own}
        return replace(self.cleaning, country=self.country, own_domains=self.cleaning.own_domains | own)

    def save(self, folder: Path) -> None:
        """Write `tesela.toml` into a folder."""
        # a JSON string is a TOML basic string
        lines = (
            f"{each.name} = {json.dumps(getattr(self, each.name), ensure_ascii=False)}"
            for each in fields(self)
            if each.name not in _TABLES
        )
        told = (self.warehouse, self.identity, self.cleaning, self.retention, self.rfm, self.lifecycle, self.audit)
        tables = "".join(each.written() for each in told)
        (folder / SETTINGS_FILE).write_text("\n".join(lines) + "\n" + tables, "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Settings:
        """Read `tesela.toml` from a folder.

        Raises:
            NotFoundError: when the folder is no workspace.
            InputError: when a setting is unknown, misspelt or of the wrong kind.
        """
        path = folder / SETTINGS_FILE
        if not path.is_file():
            raise NotFoundError("workspace.not_a_workspace", path=str(folder))
        try:
            told = path.read_text("utf-8")
        except (UnicodeDecodeError, OSError) as cause:
            raise InputError("workspace.settings_unreadable", path=str(path), reason=str(cause)) from cause
        return cls.read(told, path)

    @classmethod
    def read(cls, told: str, path: Path) -> Settings:
        """Read what `tesela.toml` says.

        Args:
            told: What stands in it.
            path: Where it stands, for messages.

        Raises:
            InputError: when a setting is unknown, misspelt or of the wrong kind.
        """
        try:
            written: dict[str, Any] = tomllib.loads(told)
        except tomllib.TOMLDecodeError as cause:
            raise InputError("workspace.settings_unreadable", path=str(path), reason=str(cause)) from cause
        known = {each.name for each in fields(cls)}
        warehouse = WarehouseSettings.read(written.pop("warehouse", {}))
        identity = profiles.IdentitySettings.read(written.pop("identity", {}))
        cleaning = profiles.cleaning.CleaningSettings.read(written.pop("cleaning", {}))
        retention = RetentionSettings.read(written.pop("retention", {}))
        own: dict[str, Any] = {
            "rfm": rfm.RFMSettings.read(written.pop("rfm", {})),
            "lifecycle": lifecycle.LifecycleSettings.read(written.pop("lifecycle", {})),
            "audit": AuditSettings.read(written.pop("audit", {})),
        }
        for key, value in written.items():
            if key not in known:
                raise InputError("workspace.unknown_setting", key=key, known=", ".join(sorted(known)))
            _require(key, value, isinstance(value, str), '"..."')
        return cls(**written, warehouse=warehouse, identity=identity, cleaning=cleaning, retention=retention, **own)


def create_folder(folder: Path, settings: Settings) -> None:
    """Make a folder a workspace.

    Raises:
        ConflictError: when it is one already.
    """
    if (folder / SETTINGS_FILE).exists():
        raise ConflictError("workspace.exists_already", path=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    settings.save(folder)


def _require(key: str, value: object, holds: bool, allowed: str) -> None:
    if not holds:
        raise InputError("workspace.bad_setting", key=key, value=value, allowed=allowed)
