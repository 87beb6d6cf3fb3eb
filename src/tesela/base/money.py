"""Money as whole ten-thousandths of the shop's currency (`amount_e4`), never as a float."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

SCALE = 10_000


def to_e4(amount: Decimal | int | str) -> int:
    """Return an amount in ten-thousandths, rounded half up.

    Example:
        >>> to_e4("12.5"), to_e4(3), to_e4("-0.00005")
        (125000, 30000, -1)
    """
    return int((Decimal(amount) * SCALE).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_e4(amount_e4: int) -> Decimal:
    """Return ten-thousandths as an exact decimal amount.

    Example:
        >>> from_e4(125000)
        Decimal('12.5000')
    """
    return Decimal(amount_e4).scaleb(-4)
