"""What contacts say: one look at all that was written answers every check of values, gaps and duplicates."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from tesela.audit.found import Found, Unknown
from tesela.audit.probes import completeness, duplicates, values
from tesela.profiles import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tesela.audit.ground import Ground

_KEYS = (*values.KEYS, *completeness.KEYS, *duplicates.KEYS)


@contextlib.contextmanager
def lay_out_contacts(ground: Ground) -> Iterator[None]:
    """Have `written_records` and `written_values` for the length of a block."""
    try:
        for each in written.gather_written(ground.cleaning.settings):
            ground.engine.write([each])
        yield
    finally:
        ground.engine.write(written.forget_written())


def probe_contacts(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer every check of the sections values, completeness and duplicates."""
    if not ground.base:
        return dict.fromkeys(_KEYS, Unknown("nobody"))
    with lay_out_contacts(ground):
        return {
            **values.find_faults(ground),
            **completeness.find_gaps(ground),
            **duplicates.find_duplicates(ground),
        }
