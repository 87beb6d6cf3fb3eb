"""The catalogue: segments ready to use, each with what it is for, what it needs and what to do with it."""

from tesela.segments.catalogue.adding import Added, add_segments, remove_segment
from tesela.segments.catalogue.catalogue import FAMILIES, Catalogue, load_catalogue, load_starter, write_starter
from tesela.segments.catalogue.choosing import Chosen, check_names, choose_values
from tesela.segments.catalogue.entry import Action, Entry
from tesela.segments.catalogue.figures import Figures, Gaps
from tesela.segments.catalogue.needs import Need, find_missing, find_needs, needs_of
from tesela.segments.catalogue.parameter import Measure, Parameter, say_value

__all__ = [
    "FAMILIES",
    "Action",
    "Added",
    "Catalogue",
    "Chosen",
    "Entry",
    "Figures",
    "Gaps",
    "Measure",
    "Need",
    "Parameter",
    "add_segments",
    "check_names",
    "choose_values",
    "find_missing",
    "find_needs",
    "load_catalogue",
    "load_starter",
    "needs_of",
    "remove_segment",
    "say_value",
    "write_starter",
]
