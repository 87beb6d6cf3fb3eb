"""The traits whose values are stored: what a rule may ask of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tesela.traits.rfm.run import TRAITS

if TYPE_CHECKING:
    from collections.abc import Mapping

STORED_TRAITS: Mapping[str, Literal["number"] | tuple[str, ...]] = {
    name: texts or "number" for name, texts in TRAITS.items()
}
"""Scored traits by name: `number`, or the texts that it can be."""
