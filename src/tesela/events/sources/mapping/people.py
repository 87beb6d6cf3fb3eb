"""Bring what identifies and describes people to a normal form: e-mails, phones, countries, languages.

Each function reads one distinct value and returns None for what it cannot read; nothing is guessed.
"""

from __future__ import annotations

import re
from functools import cache

from tesela.events.sources.mapping.vocabulary import normalise, words

_ANGLED = re.compile(r".*<([^<>]+)>\s*")

# Addresses that are plainly right need no careful reading; the SQL twin is `PLAIN_EMAIL`.
PLAIN_EMAIL = (
    r"^[a-z0-9][a-z0-9_+-]*(\.[a-z0-9_+-]+)*@[a-z0-9]+(-+[a-z0-9]+)*(\.[a-z0-9]+(-+[a-z0-9]+)*)*\.[a-z]{2,18}$"
)


# domains that reach nobody, which the careful reading refuses
_NOWHERE = r"\.(arpa|invalid|local|localhost|onion)$"


def is_plain_email(lowered: str) -> str:
    """Return the SQL of whether a lower-case text is an address that needs no careful reading."""
    shape = f"regexp_matches({lowered}, '{PLAIN_EMAIL}') AND NOT regexp_matches({lowered}, '{_NOWHERE}')"
    return f"({shape} AND strpos({lowered}, '@') <= 65 AND length({lowered}) <= 254)"


def read_email(written: str) -> str | None:
    """Return the normal form of an address: lower case, no name around it, right in its syntax.

    Example:
        >>> read_email("Ana López <Ana.Lopez@Example.ES>"), read_email("ana@@x")
        ('ana.lopez@example.es', None)
    """
    from email_validator import EmailNotValidError, validate_email

    angled = _ANGLED.fullmatch(written)
    bare = (angled[1] if angled else written).strip().removeprefix("mailto:")
    try:
        return validate_email(bare, check_deliverability=False, test_environment=True).normalized.lower()
    except (EmailNotValidError, ValueError):
        return None


def read_phone(written: str, country: str) -> str | None:
    """Return a phone in E.164; a number without prefix is of the shop's country."""
    import phonenumbers

    text = written.strip().removeprefix("'")
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    found: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return found


def read_country(written: str) -> str | None:
    """Return the ISO 3166 code of a country named in Spanish or English, or by a code."""
    return _countries().get(normalise(written))


def read_language(written: str) -> str | None:
    """Return the ISO 639 code of a language named in Spanish or English, or by a code such as `es-MX`."""
    known = _languages()
    return known.get(normalise(written)) or known.get(normalise(re.split("[-_]", written)[0]))


def read_word(written: str, group: str) -> str | None:
    """Return what a word of a small vocabulary means (`words.toml`); None when it says nothing or is not known."""
    return words(group).get(normalise(written)) or None


def read_slug(written: str) -> str | None:
    """Return a text as a name in snake_case."""
    return normalise(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", written)).replace(" ", "_") or None


def read_status(written: str, vendor: str | None) -> str | None:
    """Return the state of an order; None for a word that is not known."""
    own = words(f"status_{vendor}") if vendor == "woocommerce" else {}
    return own.get(normalise(written)) or words("status").get(normalise(written))


def read_first_source(written: str) -> str | None:
    """Return how a person came: one of ours where the word is known, else the word itself."""
    return read_word(written, "first_source") or read_slug(written)


def read_event_name(written: str, *, of_messages: bool) -> str | None:
    """Return an event's name in snake_case: one of ours where the word is known.

    Args:
        written: The source's name.
        of_messages: Whether the source tells what happened to messages: only there is a click one on an e-mail's
            link, and there its word for a purchase is no order, since the shop tells its orders itself.
    """
    spoken = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", written)
    groups = ("message", "message in full") if of_messages else ("name", "message in full")
    return next(filter(None, (read_word(spoken, group) for group in groups)), None) or read_slug(written)


def read_truth(written: str) -> str | None:
    """Return yes or no; a count, such as pieces in stock, is yes above nought."""
    if re.fullmatch(r"-?\d+([.,]0+)?", written):
        return "yes" if float(written.replace(",", ".")) > 0 else "no"
    return read_word(written, "consent")


@cache
def _countries() -> dict[str, str]:
    from babel import Locale
    from babel.core import get_global

    found: dict[str, str] = {}
    for language in ("es", "en"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found[normalise(name)] = code
                found[code.casefold()] = code
    others = (
        ("GB", "uk"), ("GB", "inglaterra"), ("GB", "england"), ("GB", "gran bretana"), ("GB", "great britain"),
        ("US", "usa"), ("US", "eeuu"), ("US", "ee uu"), ("US", "estados unidos de america"), ("ES", "esp"),
        ("ES", "espana peninsular"), ("MX", "mex"), ("CO", "col"), ("AR", "arg"), ("CL", "chl"), ("PE", "per"),
        ("NL", "holanda"), ("NL", "holland"), ("CZ", "czech republic"), ("FR", "fra"), ("PT", "prt"), ("IE", "eire"),
    )  # fmt: skip
    aliases = {
        code.casefold(): current[0]
        for code, current in get_global("territory_aliases").items()
        if len(code) == 3 and code.isalpha() and len(current) == 1
    }
    return aliases | found | {name: code for code, name in others}


@cache
def _languages() -> dict[str, str]:
    from babel import Locale

    found: dict[str, str] = {}
    for language in ("es", "en"):
        for code, name in Locale(language).languages.items():
            if len(code) <= 3 and code.isalpha():
                found[normalise(name)] = code
                found[code] = code
    found.update({"castellano": "es", "spa": "es", "eng": "en", "cat": "ca", "valenciano": "ca"})
    return found
