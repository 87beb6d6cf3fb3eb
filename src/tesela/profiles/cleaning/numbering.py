"""Know a plain number at once: mobiles and fixed lines, by the patterns that `phonenumbers` has of them.

Reading any number that somebody may have typed takes `phonenumbers` some twenty microseconds. What is plainly a
mobile or a fixed line of a country that has its prefix for itself is told by that country's patterns alone; a test
holds the two together. Everything else is left to `phonenumbers`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

_PLAIN = re.compile(r"(?:\(?\+)?[\d .()\-]*")
_DIGITS = re.compile(r"\D+")
_NUMBER_KINDS = ("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail")


class _Plan(NamedTuple):
    """How a country's numbers look."""

    prefix: str
    general: re.Pattern[str]
    mobile: re.Pattern[str]
    fixed: re.Pattern[str]
    others: re.Pattern[str]
    national_prefix: re.Pattern[str] | None


def find_line(text: str, country: str) -> tuple[str, bool] | None:
    """Return a plain number in E.164, and whether no mobile can have it; None for anything else, however valid.

    Example:
        >>> find_line("600 12 34 56", "ES"), find_line("91 123 45 67", "ES"), find_line("902 12 34 56", "ES")
        (('+34600123456', False), ('+34911234567', True), None)
    """
    if not text.isascii() or not _PLAIN.fullmatch(text):
        return None
    digits = _DIGITS.sub("", text)
    if "+" in text:
        plan, digits = _plan_of_prefix(digits)
    else:
        plan = _plan(country)
    if plan is None:
        return None
    is_mobile = plan.mobile.fullmatch(digits) is not None
    if not is_mobile and not plan.fixed.fullmatch(digits):
        return None
    if plan.others.fullmatch(digits) or not plan.general.fullmatch(digits):
        return None
    # what looks like a prefix to be dialled before the number is for the careful reading
    if plan.national_prefix and (found := plan.national_prefix.match(digits)) and found.end():
        return None
    return f"+{plan.prefix}{digits}", not is_mobile


def _plan_of_prefix(digits: str) -> tuple[_Plan | None, str]:
    """Return the plan whose prefix stands before some digits, and the digits after it."""
    prefixes = _prefixes()
    for length in (1, 2, 3):
        country = prefixes.get(digits[:length])
        if country:
            return _plan(country), digits[length:]
    return None, digits


@cache
def _prefixes() -> dict[str, str]:
    """Return the country of each prefix that one country alone has."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return {str(code): countries[0] for code, countries in COUNTRY_CODE_TO_REGION_CODE.items() if len(countries) == 1}


@cache
def _plan(country: str) -> _Plan | None:
    from phonenumbers import PhoneMetadata

    found = PhoneMetadata.metadata_for_region(country)
    if found is None or _prefixes().get(str(found.country_code)) != country:
        return None
    kinds = (getattr(found, name) for name in _NUMBER_KINDS)
    others = [kind.national_number_pattern for kind in kinds if kind is not None and kind.national_number_pattern]
    general = found.general_desc.national_number_pattern if found.general_desc else None
    mobile = found.mobile.national_number_pattern if found.mobile else None
    fixed = found.fixed_line.national_number_pattern if found.fixed_line else None
    if not general or not mobile or not fixed:
        return None
    return _Plan(
        str(found.country_code),
        re.compile(general),
        re.compile(mobile),
        re.compile(fixed),
        re.compile("|".join(others) or r"(?!)"),
        re.compile(found.national_prefix_for_parsing) if found.national_prefix_for_parsing else None,
    )
