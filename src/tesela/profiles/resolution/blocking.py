"""Say which values are no identifiers: placeholders, test addresses, numbers of one digit, the shop's own addresses.

A blocked value stays on record and merges nobody. It does not count as a distinct value of a unique kind either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tesela.base import InputError

ANY_KIND = "*"


@dataclass(frozen=True, slots=True)
class Block:
    """Values of one kind that merge nobody.

    Attributes:
        kind: Kind of identifier without its source, or `*` for every kind.
        reason: Why, in a word: what is shown beside a blocked value.
        values: Whole values, compared without case and without spaces around.
        pattern: RE2 expression that matches a whole value, without case; empty for none.
    """

    kind: str
    reason: str
    values: frozenset[str] = frozenset()
    pattern: str = ""

    def __post_init__(self) -> None:
        if not self.kind or not self.reason:
            raise InputError("profiles.resolution.block_without_name", kind=self.kind, reason=self.reason)
        import re2

        try:
            re2.compile(self.pattern)
        except re2.error as cause:
            raise InputError("profiles.resolution.bad_pattern", pattern=self.pattern, reason=str(cause)) from cause
        object.__setattr__(self, "values", frozenset(value.strip(" ").lower() for value in self.values))


def block_own(*addresses: str) -> Block:
    """Return the block of the shop's own e-mail addresses: tills and agents type them in for customers.

    Args:
        addresses: An address (`shop@ana.es`), or a domain with all its addresses (`ana.es`).

    Example:
        >>> block_own("ana.es", "box@mail.com").values
        frozenset({'box@mail.com'})
    """
    domains = [re.escape(each) for each in sorted(addresses) if "@" not in each]
    pattern = f".*@(.*\\.)?({'|'.join(domains)})" if domains else ""
    return Block("email", "own", frozenset(each for each in addresses if "@" in each), pattern)


def _same_digit(at_least: int) -> str:
    return "|".join(f"{digit}{{{at_least},}}" for digit in range(10))


_PLACEHOLDERS = """
    null none nil nan n/a na n.a. undefined unknown anonymous guest deleted empty test true false
    desconocido desconocida ninguno ninguna anonimo anónimo invitado prueba borrado vacio vacío
    - -- . ? (null) (none) (not_set) [null] #n/a
"""
_SAID_IN_WORDS = frozenset({"", "not set", "(not set)", "not available", "sin datos", "no tiene", "[object object]"})
_TEST_NAMES = "test|tests|testing|tester|prueba|pruebas|asdf|qwerty|none|null|nobody|noemail|no-email|sinemail|sin"

DEFAULT_BLOCKS: tuple[Block, ...] = (
    Block(ANY_KIND, "placeholder", frozenset(_PLACEHOLDERS.split()) | _SAID_IN_WORDS),
    # nothing but zeros, an all-zero UUID among them
    Block(ANY_KIND, "zeros", pattern=r"\+?0[0-]*"),
    Block("email", "no_address", pattern=r"[^@]*|@.*|.*@"),
    Block("email", "test_address", pattern=rf"({_TEST_NAMES})[0-9]*@.*|.*@(test|prueba|tests)\.[a-z]+"),
    # names that no mail can reach (RFC 2606 and 6761)
    Block("email", "test_address", pattern=r".*@(.*\.)?(test|invalid|localhost|example)"),
    Block("email", "no_reply", pattern=r"(no|do-?not|not)[-_.]?reply@.*|(mailer-daemon|postmaster)@.*"),
    # with and without a country code before it
    Block("phone", "one_digit", pattern=rf"(\+\d{{1,3}})?({_same_digit(6)})"),
    Block("phone", "counted_up", pattern=r"(\+\d{1,3})?0?(12345678|123456789|1234567890|987654321)"),
    Block("phone", "too_short", pattern=r"\D*(\d\D*){0,5}"),
    Block("loyalty_card", "one_digit", pattern=_same_digit(5)),
    Block("loyalty_card", "counted_up", pattern=r"123456(7(8(9(0)?)?)?)?"),
)
"""What is blocked unless told otherwise. Domains such as example.com are not: demos and tests live there."""
