"""How each engine writes what Tesela's plans ask of it; SQL nodes in, SQL nodes out."""

from tesela.warehouse.dialects.base import Dialect
from tesela.warehouse.dialects.duckdb import DuckDBDialect

DIALECTS: dict[str, Dialect] = {each.name: each for each in (DuckDBDialect(),)}
"""Dialects by the engine's name."""

__all__ = ["DIALECTS", "Dialect"]
