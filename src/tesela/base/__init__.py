"""Ground floor: errors, texts, clock, moments, money. Standard library only."""

from tesela.base.clock import Clock, FixedClock, SystemClock
from tesela.base.errors import (
    ConflictError,
    InputError,
    NotFoundError,
    RefusedError,
    TeselaError,
    UnavailableError,
)
from tesela.base.holding import Holding, Whose
from tesela.base.moments import (
    PERIOD_UNITS,
    Unit,
    ZoneSpan,
    add_months,
    load_zone,
    local_spans,
    parse_moment,
    parse_period,
    start_of_day,
    step,
    to_local,
    to_utc,
    utc_offsets,
)
from tesela.base.money import from_e4, to_e4
from tesela.base.texts import LANGUAGES, Language, text

__all__ = [
    "LANGUAGES",
    "PERIOD_UNITS",
    "Clock",
    "ConflictError",
    "FixedClock",
    "Holding",
    "InputError",
    "Language",
    "NotFoundError",
    "RefusedError",
    "SystemClock",
    "TeselaError",
    "UnavailableError",
    "Unit",
    "Whose",
    "ZoneSpan",
    "add_months",
    "from_e4",
    "load_zone",
    "local_spans",
    "parse_moment",
    "parse_period",
    "start_of_day",
    "step",
    "text",
    "to_e4",
    "to_local",
    "to_utc",
    "utc_offsets",
]
