"""Write whole columns of numbers as text, in the spellings that shops' systems use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tesela.events.sources.simulation.seasons import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

ISO = "%Y-%m-%d %H:%M:%S"
ISO_DAY = "%Y-%m-%d"
SPANISH = "%d/%m/%Y %H:%M:%S"
SPANISH_DAY = "%d/%m/%Y"
DASHED_DAY = "%d-%m-%Y"

_HEX_PAIRS = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint16)


def moments(seconds: Ints, form: str) -> Any:
    """Return local seconds as text; `NEVER` as missing."""
    told = seconds < NEVER
    times = pa.array(np.where(told, seconds, 0).astype("datetime64[s]"), mask=~told)
    if form == ISO:
        return times.cast(pa.string())
    if form == ISO_DAY:
        return times.cast(pa.date32()).cast(pa.string())
    # seconds as whole numbers: %S would bring the fractions of finer units
    return pc.strftime(times, format=form)


def money(cents: Ints, *, decimal: str = ".", missing: NDArray[np.bool_] | None = None) -> Any:
    """Return cents as an amount with two decimals."""
    text = _as_decimals(cents, missing).cast(pa.string())
    return text if decimal == "." else pc.replace_substring(text, ".", decimal)


def _as_decimals(cents: Ints, missing: NDArray[np.bool_] | None) -> Any:
    # a decimal of Arrow is a whole number of 128 bits with a point put in
    words = np.empty((len(cents), 2), np.int64)
    words[:, 0] = cents
    words[:, 1] = cents >> 63
    valid = None if missing is None else pa.array(~missing).buffers()[1]
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [valid, pa.py_buffer(words)])


def hexes(numbers: Ints) -> Any:
    """Return 16 hexadecimal digits for each number: scattered, and different for different numbers."""
    mixed = numbers.astype(np.uint64)
    # the finaliser of splitmix64, which is a bijection
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    letters = _HEX_PAIRS[mixed.astype(">u8").view(np.uint8)]
    offsets = np.arange(0, 16 * len(numbers) + 1, 16, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(numbers), [None, pa.py_buffer(offsets), pa.py_buffer(letters)])


def coded(places: Ints, words: Sequence[str] | Any) -> Any:
    """Return the word at each place; -1 as missing."""
    dictionary = words if isinstance(words, pa.Array) else pa.array(words, pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32), mask=places < 0), dictionary)


def flags(values: NDArray[np.bool_], told: NDArray[np.bool_]) -> Any:
    """Return true, false, or missing where nothing was told."""
    return pa.array(values, mask=~told)
