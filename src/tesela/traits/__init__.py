"""Traits: what is known of a profile at a time, as named values of the language."""

from tesela.traits import lifecycle, rfm, scores
from tesela.traits.stored import STORED_TRAITS
from tesela.traits.tables import ALL_TABLES, TRAIT_VALUES
from tesela.traits.trait import Trait, load_traits

__all__ = ["ALL_TABLES", "STORED_TRAITS", "TRAIT_VALUES", "Trait", "lifecycle", "load_traits", "rfm", "scores"]
