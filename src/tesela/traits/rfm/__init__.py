"""RFM: how recently, how often and for how much each buyer bought, as scores that can be explained."""

from tesela.traits.rfm.explaining import AxisExplained, RFMExplained, explain_rfm
from tesela.traits.rfm.fit import AXES, Axis, RFMFit
from tesela.traits.rfm.movement import RFMMove, RFMMovement, RFMRevenue, count_movement, count_revenue
from tesela.traits.rfm.names import SEGMENTS, TIERS, name_of, tier_of
from tesela.traits.rfm.run import TRAITS, run_rfm
from tesela.traits.rfm.runs import RFMCell, RFMRun, find_run, list_runs
from tesela.traits.rfm.settings import MONEY, RFMSettings

__all__ = [
    "AXES",
    "MONEY",
    "SEGMENTS",
    "TIERS",
    "TRAITS",
    "Axis",
    "AxisExplained",
    "RFMCell",
    "RFMExplained",
    "RFMFit",
    "RFMMove",
    "RFMMovement",
    "RFMRevenue",
    "RFMRun",
    "RFMSettings",
    "count_movement",
    "count_revenue",
    "explain_rfm",
    "find_run",
    "list_runs",
    "name_of",
    "run_rfm",
    "tier_of",
]
