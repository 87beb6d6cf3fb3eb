"""A shop that does not exist, with a known truth."""

from tesela.events.sources.simulation.simulate import SimulationSummary, simulate

__all__ = ["SimulationSummary", "simulate"]
