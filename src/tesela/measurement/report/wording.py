"""How the report says numbers, money, dates and names in a language."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from tesela.base import Language, from_e4, text, to_local

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from tesela.measurement.report.figures import Bucket

_LOCALES: dict[Language, str] = {"es": "es_ES", "en": "en_GB"}
_WHOLE_MONEY_FROM = 1000
_SPANISH_GROUPS_FROM = 10_000


@dataclass(frozen=True, slots=True)
class Wording:
    """One language and one currency.

    Attributes:
        language: `es` or `en`.
        currency: ISO 4217 code.
    """

    language: Language
    currency: str

    @property
    def locale(self) -> str:
        """The locale's name in the form of web pages: `es-ES`."""
        return _LOCALES[self.language].replace("_", "-")

    def say(self, key: str, /, **values: object) -> str:
        """Return a text of the report."""
        return text(f"measurement.report.{key}", self.language, **values)

    def known_word(self, group: str, word: str) -> str:
        """Return a word of a source in the reader's language where we know it, else as it stands."""
        try:
            return self.say(f"{group}.{word}")
        except KeyError:
            return word

    def number(self, value: int | Decimal | None, places: int = 0) -> str:
        """Return a number with at most some decimals."""
        from babel.numbers import format_decimal

        if value is None:
            return self.say("word.none")
        rounded = _rounded(value, places)
        pattern = "#,##0." + "0" * places if places else "#,##0"
        return format_decimal(rounded, self._grouped(pattern, rounded), locale=_LOCALES[self.language])

    def percent(self, share: Decimal | None) -> str:
        """Return a share (0 to 1) as a percentage, with one decimal below ten per cent."""
        from babel.numbers import format_percent

        if share is None:
            return self.say("word.none")
        spaced = "#,##0{}\u00a0%" if self.language == "es" else "#,##0{}%"
        is_small = 0 < abs(share) < Decimal("0.0995")
        rounded = _rounded(share, 3 if is_small else 2)
        return format_percent(rounded, spaced.format(".0" if is_small else ""), locale=_LOCALES[self.language])

    def money(self, amount: Decimal | None) -> str:
        """Return an amount of the shop's currency, without cents when it is large."""
        from babel.core import Locale
        from babel.numbers import format_currency

        if amount is None:
            return self.say("word.none")
        locale = Locale.parse(_LOCALES[self.language])
        if abs(amount) < _WHOLE_MONEY_FROM:
            return format_currency(amount, self.currency, locale=locale)
        rounded = _rounded(amount, 0)
        pattern = self._grouped(locale.currency_formats["standard"].pattern.replace(".00", ""), rounded)
        return format_currency(rounded, self.currency, pattern, locale=locale, currency_digits=False)

    def money_e4(self, amount_e4: int) -> str:
        """Return ten-thousandths of the shop's currency as money."""
        return self.money(from_e4(amount_e4))

    def month(self, first_day: date) -> str:
        """Return a month, short."""
        from babel.dates import format_skeleton

        return format_skeleton("yMMM", first_day, locale=_LOCALES[self.language])

    def long_month(self, first_day: date) -> str:
        """Return a month, in full: `November 2026`."""
        from babel.dates import format_skeleton

        return format_skeleton("yMMMM", first_day, locale=_LOCALES[self.language])

    def moment(self, moment: datetime, zone: ZoneInfo) -> str:
        """Return a UTC moment as local date and time."""
        from babel.dates import format_date, format_time

        local, locale = to_local(moment, zone), _LOCALES[self.language]
        return f"{format_date(local, 'long', locale=locale)}, {format_time(local, 'HH:mm', locale=locale)}"

    def days(self, bucket: Bucket) -> str:
        """Return a range of days in words."""
        key = "bucket.days_on" if bucket.last is None else "bucket.days"
        return self.say(key, first=self.number(bucket.first), last=bucket.last)

    def orders(self, bucket: Bucket) -> str:
        """Return a range of numbers of orders in words."""
        if bucket.last is None:
            return self.say("bucket.orders_on", first=bucket.first)
        if bucket.first == bucket.last:
            return self.say("bucket.one_order" if bucket.first == 1 else "bucket.orders", first=bucket.first)
        return self.say("bucket.order_range", first=bucket.first, last=bucket.last)

    def _grouped(self, pattern: str, value: Decimal) -> str:
        """Return a pattern as a language groups thousands: Spanish leaves four digits together.

        Babel leaves CLDR's `minimumGroupingDigits` out; browsers follow it, and both must write the same.
        """
        return pattern.replace("#,##0", "0") if self.language == "es" and abs(value) < _SPANISH_GROUPS_FROM else pattern


def _rounded(value: int | Decimal, places: int) -> Decimal:
    """Round half up, as people and browsers do; Babel alone would round half to even."""
    return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
