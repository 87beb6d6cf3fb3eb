"""How people are written: names, customer ids, addresses, phones and cards, in normal form.

No two people share any of them by chance: each ends in, or is scattered from, the person's own number. The
addresses are made up, and yet somebody may have one of them: never write to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events.sources.simulation.names import COMPANIES, FAMILIES, MEN, WOMEN, fold
from tesela.events.sources.simulation.people import pick
from tesela.events.sources.simulation.places import ABROAD

if TYPE_CHECKING:
    import numpy as np

    from tesela.events.sources.simulation.people import People

# which address of a person: each has five, and which of them a file shows is up to the file
EMAIL_VARIANTS = 5
MAIN, TYPO, SECOND, DISPOSABLE, ROLE = range(EMAIL_VARIANTS)

_DOMAINS = (
    "gmail.com",
    "hotmail.com",
    "yahoo.es",
    "outlook.es",
    "icloud.com",
    "hotmail.es",
    "telefonica.net",
    "live.com",
)
_DOMAIN_SHARE = (0.50, 0.18, 0.08, 0.08, 0.07, 0.05, 0.02, 0.02)
_TYPOS = {
    "gmail.com": ("gmial.com", "gmai.com", "gmail.con"),
    "hotmail.com": ("hotmial.com", "hotmai.com", "hotmail.con"),
}
_OTHER_TYPOS = ("yaho.es", "outlok.es", "gmial.com")
_DISPOSABLE = ("yopmail.com", "mailinator.com", "guerrillamail.com", "10minutemail.com")
_ROLES = ("info", "ventas", "admin", "contacto")

# factors without a divisor in common with 10^8 give everyone another number of eight digits
_PHONE_FACTOR, _CARD_FACTOR = 40_353_607, 7_654_321


class Wording:
    """The texts of one lot's people.

    Attributes:
        first_names, family_names, customer_ids, cards, phones: One a person.
        emails: `EMAIL_VARIANTS` a person.
    """

    def __init__(self, people: People, rng: np.random.Generator) -> None:
        ids = people.ids.tolist()
        self.first_names = [
            (WOMEN if woman else MEN)[name]
            for woman, name in zip(people.woman.tolist(), people.first_name.tolist(), strict=True)
        ]
        families = zip(people.family_1.tolist(), people.family_2.tolist(), strict=True)
        self.family_names = [f"{FAMILIES[one]} {FAMILIES[two]}" for one, two in families]
        self.customer_ids = [f"C{number:07d}" for number in ids]
        self.cards = [f"24{(number * _CARD_FACTOR + 1_234_567) % 10**8:08d}" for number in ids]
        digits = [f"{(number * _PHONE_FACTOR + 12_345_678) % 10**8:08d}" for number in ids]
        prefixes = [ABROAD[out][4] if out >= 0 else "+346" for out in people.abroad.tolist()]
        self.phones = [prefix + number for prefix, number in zip(prefixes, digits, strict=True)]
        self.emails = self._addresses(people, rng)

    def email_of(self, place: int, variant: int) -> str:
        """Return an address in normal form."""
        return self.emails[place * EMAIL_VARIANTS + variant]

    def _addresses(self, people: People, rng: np.random.Generator) -> list[str]:
        count = len(people)
        first_of = {name: fold(name) for name in (*WOMEN, *MEN)}
        family_of = [fold(name) for name in FAMILIES]
        domains = pick(rng, _DOMAIN_SHARE, count).tolist()
        shapes, others, odds = (rng.integers(0, 24, count).tolist() for _ in range(3))
        found: list[str] = []
        for n, (number, family_place) in enumerate(zip(people.ids.tolist(), people.family_1.tolist(), strict=True)):
            first, family, odd, other = first_of[self.first_names[n]], family_of[family_place], odds[n], others[n]
            # the number at the end makes each address one person's alone
            local = (f"{first}.{family}", f"{first[0]}{family}", f"{family}{first}", first)[shapes[n] % 4] + str(number)
            domain = _DOMAINS[domains[n]]
            typos = _TYPOS.get(domain, _OTHER_TYPOS)
            found += (
                f"{local}@{domain}",
                f"{local}@{typos[odd % len(typos)]}",
                f"{first}.{family[:3]}.{number}@{_DOMAINS[other % len(_DOMAINS)]}",
                f"{first}{number}@{_DISPOSABLE[odd % len(_DISPOSABLE)]}",
                f"{_ROLES[odd % len(_ROLES)]}@{COMPANIES[other % len(COMPANIES)]}{number}.es",
            )
        return found
