"""What is to be known of the domain of an e-mail address, found once a domain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from tesela.profiles.cleaning.wordlists import load

_PLAIN = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,18}")
# half of a domain of this many letters may differ from another's by one letter and be nobody's typo
_SHORTEST_NAME = 5
_NEAR = 0.8
_LONGEST = 253
# how many domains are remembered at once
_ROOM = 500_000


@dataclass(frozen=True, slots=True)
class Domain:
    """What a domain is.

    Attributes:
        normal: Its normal form; None when it is no domain.
        meant: The domain that it is probably a typo of.
        is_disposable: Whether its mailboxes are made to be thrown away.
        is_nowhere: Whether it is one that people write who give none.
        is_plain: Whether it is in normal form and there is nothing to say about it.
    """

    normal: str | None
    meant: str | None = None
    is_disposable: bool = False
    is_nowhere: bool = False
    is_plain: bool = False


class Domains:
    """Domains looked at so far.

    Attributes:
        providers: Domains where many people have their mail, most frequent first.
    """

    def __init__(self, own: frozenset[str]) -> None:
        lists = load("providers.toml")
        self._own = frozenset(name.lower() for name in own)
        self.providers: tuple[str, ...] = (*lists["domains"], *sorted(self._own.difference(lists["domains"])))
        self._right = frozenset(lists["right"]).union(self.providers)
        self._typos: dict[str, str] = lists["typos"]
        self._endings: dict[str, str] = lists["endings"]
        nowhere = load("addresses.toml")["placeholder"]
        self._nowhere, self._nowhere_endings = frozenset(nowhere["domains"]), frozenset(nowhere["endings"])
        self._found: dict[str, Domain] = {}

    def find(self, name: str) -> Domain:
        """Return what a domain is, in any case of letters."""
        found = self._found.get(name)
        if found is None:
            if len(self._found) >= _ROOM:
                self._found.clear()
            found = self._found[name] = self._look_at(name)
        return found

    def _look_at(self, name: str) -> Domain:
        normal = _normal(name)
        if normal is None:
            return Domain(None)
        is_nowhere = normal in self._nowhere or normal.rpartition(".")[2] in self._nowhere_endings
        is_disposable = normal not in self._own and normal not in self._typos and _is_disposable(normal)
        meant = None if is_disposable or is_nowhere else self._meant(normal)
        is_plain = name == normal and not (is_nowhere or is_disposable or meant)
        return Domain(normal, meant, is_disposable, is_nowhere, is_plain)

    def _meant(self, name: str) -> str | None:
        """Return the provider that a domain is one or two slips away from."""
        if name in self._right:
            return None
        if name in self._typos:
            return self._typos[name]
        mended = self._with_right_ending(name)
        if mended in self._right:
            return mended
        return self._nearest(mended) or (mended if mended != name else None)

    def _with_right_ending(self, name: str) -> str:
        for depth in (2, 1):
            labels = name.split(".")
            right = self._endings.get(".".join(labels[-depth:]))
            if right and len(labels) > depth:
                return ".".join((*labels[:-depth], right))
        return name

    def _nearest(self, name: str) -> str | None:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        if len(name.partition(".")[0]) < _SHORTEST_NAME - 1:
            return None
        comparable = [full for full in self.providers if len(full.partition(".")[0]) >= _SHORTEST_NAME]
        near = process.extract(name, comparable, scorer=OSA.normalized_similarity, score_cutoff=_NEAR, limit=None)
        # the likeliest of equally near ones is the most frequent
        best = max(near, key=lambda found: (found[1], -found[2]), default=None)
        return best[0] if best else None


def _normal(name: str) -> str | None:
    """Return the normal form of a domain; None when it is none."""
    lowered = name.lower()
    if len(name) <= _LONGEST and name.isascii() and _PLAIN.fullmatch(lowered):
        labels = lowered.split(".")
        if max(map(len, labels)) <= 63 and not any(label.startswith("xn--") for label in labels):
            return lowered if labels[-1] not in _NOWHERE else None
    return _validated(name)


# endings that reach nobody, by RFC 2606, 6761 and 7686; `test` and `example` are told as placeholders
_NOWHERE = frozenset(("arpa", "invalid", "local", "localhost", "onion"))


def _validated(name: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    if len(name) > _LONGEST:
        return None
    try:
        found = validate_email(f"a@{name}", check_deliverability=False, test_environment=True)
    except (EmailNotValidError, ValueError):
        return None
    domain: str = found.domain
    return domain.lower()


def _is_disposable(name: str) -> bool:
    """Tell whether a domain, or one above it, is on a list of disposable ones."""
    labels = name.split(".")
    above = [".".join(labels[place:]) for place in range(len(labels) - 1)]
    return not _relays().intersection(above) and not _disposable().isdisjoint(above)


@cache
def _disposable() -> frozenset[str]:
    from disposable_email_domains import blocklist

    return frozenset(blocklist) | set(load("addresses.toml")["disposable"]["domains"])


@cache
def _relays() -> frozenset[str]:
    from disposable_email_domains import allowlist

    return frozenset(allowlist) | set(load("addresses.toml")["relay"]["domains"])
