"""What happened, and how records come in."""

from tesela.events.tables import EVENTS, PRODUCTS

__all__ = ["EVENTS", "PRODUCTS"]
