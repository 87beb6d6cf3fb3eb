"""What an audit shows beside its findings: what data there is, who reacts, how the base grew, what sources became."""

from tesela.audit.pictures.channels import Channel, find_channels
from tesela.audit.pictures.conversion import Age, Cohort, Visitors, find_ages, find_cohorts, find_visitors
from tesela.audit.pictures.growth import Month, SourceMonth, find_months, find_source_months
from tesela.audit.pictures.inventory import Inventory, take_inventory
from tesela.audit.pictures.reactivity import Interaction, Rung, find_interaction, find_ladder
from tesela.audit.pictures.sources import Source, find_sources

__all__ = [
    "Age",
    "Channel",
    "Cohort",
    "Interaction",
    "Inventory",
    "Month",
    "Rung",
    "Source",
    "SourceMonth",
    "Visitors",
    "find_ages",
    "find_channels",
    "find_cohorts",
    "find_interaction",
    "find_ladder",
    "find_months",
    "find_source_months",
    "find_sources",
    "find_visitors",
    "take_inventory",
]
