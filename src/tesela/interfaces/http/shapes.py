"""What goes over the wire: the forms that all answers share."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

T = TypeVar("T")


def _as_utc(moment: datetime) -> str:
    return f"{moment.isoformat()}Z"


Moment = Annotated[
    datetime,
    PlainSerializer(_as_utc, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T23:00:00Z"]}),
]
"""A moment in UTC."""

Number = Annotated[Decimal, PlainSerializer(float, return_type=float)]
"""A number; money in the shop's currency."""

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", examples=["big_spenders"])]
AsOf = Annotated[str | None, Field(max_length=40, description="A date or time in the shop's zone; now by default.")]


class Shape(BaseModel):
    """What comes in: nothing that is not known."""

    model_config = ConfigDict(extra="forbid", str_max_length=100_000)


class Told(BaseModel):
    """What goes out, made of what the workspace answers."""

    model_config = ConfigDict(from_attributes=True)


class Page(Told, Generic[T]):
    """Some of many rows."""

    rows: list[T]
    total: int = Field(description="How many there are on all pages.")
    offset: int
    limit: int


def plain(told: Any) -> Any:
    """Return rows of the workspace as JSON has them: moments in UTC, numbers as numbers."""
    if isinstance(told, dict):
        return {name: plain(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [plain(value) for value in told]
    if isinstance(told, datetime):
        return _as_utc(told)
    if isinstance(told, Decimal):
        return float(told)
    return told.isoformat() if isinstance(told, date) else told


Plain = Annotated[dict[str, Any], BeforeValidator(plain)]
"""A row whose columns are told where it comes from."""
