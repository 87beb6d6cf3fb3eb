"""Defects in a shop's contacts, as they come in real exports: planted in a healthy shop, and told exactly."""

from tesela.events.sources.simulation.defects.plant import plant_defects

__all__ = ["plant_defects"]
