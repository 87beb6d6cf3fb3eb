"""What a table holds of people, and how one person's part of it is told from others'.

Every table says it where it is declared; erasure, access and the list of what is held read it there. A test fails
where one does not (`tests/house`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Whose = Literal["nobody", "profile", "subject", "identifier", "hash", "record", "words"]


@dataclass(frozen=True, slots=True)
class Holding:
    """What a table holds of people.

    Attributes:
        whose: How a person's rows are told: `profile` and `subject` by numbers, `identifier` by its kind and normal
            form, `hash` by an identifier's keyed hash, `record` by the strongest identifier in the row itself,
            `words` by any text that names her. `nobody`: there are none, and `why` says so.
        columns: Where that stands: numbers (any of them), kind and value, the hash, or the texts; none of a `record`.
        kept: Whether nothing can bring the rows back, so that hers are taken out one by one. Other tables of the
            warehouse follow from the record and are made again without her. All of the control store is kept.
        why: Of a table with nobody's rows.
    """

    whose: Whose
    columns: tuple[str, ...] = ()
    kept: bool = False
    why: str = ""
