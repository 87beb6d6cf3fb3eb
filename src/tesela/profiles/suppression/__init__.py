"""Who must not be written to, whatever they said: stops, exclusion lists; and who can receive."""

from tesela.profiles.suppression.imported import append_bounces
from tesela.profiles.suppression.key import HashKey, open_key
from tesela.profiles.suppression.lists import ExclusionList, import_list, list_lists
from tesela.profiles.suppression.projection import build_suppressions, project_suppressions
from tesela.profiles.suppression.receiving import (
    Receiving,
    can_receive,
    find_receivers,
)
from tesela.profiles.suppression.stops import (
    CAN_RECEIVE,
    EXCLUSION_LIST,
    REASONS,
    Stop,
    Suppression,
    add_stops,
    list_suppressions,
)

__all__ = [
    "CAN_RECEIVE",
    "EXCLUSION_LIST",
    "REASONS",
    "ExclusionList",
    "HashKey",
    "Receiving",
    "Stop",
    "Suppression",
    "add_stops",
    "append_bounces",
    "build_suppressions",
    "can_receive",
    "find_receivers",
    "import_list",
    "list_lists",
    "list_suppressions",
    "open_key",
    "project_suppressions",
]
