"""Clean e-mail addresses: their normal form, and what is to be known of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tesela.profiles.cleaning.cleaned import Cleaned, Draft
from tesela.profiles.cleaning.domains import Domains
from tesela.profiles.cleaning.wordlists import UNSEEN, load, says_nothing

if TYPE_CHECKING:
    from tesela.profiles.cleaning.settings import CleaningSettings

_ANGLED = re.compile(r"[^<>]*<\s*([^<>\s]+@[^<>\s]+)\s*>\s*")
_MAILTO = re.compile(r"mailto:\s*", re.IGNORECASE)
# quotes, brackets and marks that lists of addresses leave around one
_AROUND = " \t\r\n\"'`´‘’“”<>()[],;"
_PLAIN_LOCAL = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*")
_WORDS = re.compile(r"[a-z]+")
_ADDRESS = re.compile(r"[^\s,;/|<>()\[\]\"]+@[^\s,;/|<>()\[\]\"@]+")
_LONGEST, _LONGEST_LOCAL = 254, 64
# longer than anything that an address can be repaired from
_ABSURD = 1_000


class EmailReader:
    """Cleans addresses; asks about each domain once."""

    def __init__(self, settings: CleaningSettings) -> None:
        self._on = settings.active("email")
        self._domains = Domains(settings.own_domains)
        lists = load("addresses.toml")
        self._roles = frozenset(lists["role"]["words"])
        self._leading = frozenset(lists["role"]["leading"])
        self._between = self._roles | set(lists["role"]["between"])
        self._nobody = frozenset(lists["placeholder"]["locals"])

    def __call__(self, written: str) -> Cleaned:
        """Return one value, cleaned."""
        local, _, name = written.partition("@")
        # an address in normal form of which there is nothing to say, as most are
        if name and len(local) <= _LONGEST_LOCAL and len(written) <= _LONGEST and _PLAIN_LOCAL.fullmatch(local):
            domain = self._domains.find(name)
            if domain.is_plain and not self._is_role(local) and local not in self._nobody:
                return Cleaned(written, written)
        return self._read(written)

    def _read(self, written: str) -> Cleaned:
        draft = Draft(written, self._on)
        if says_nothing(written):
            draft.flag("email.placeholder", "placeholder")
        self._bring_to_form(draft)
        normal = self._normal(draft.value)
        if normal is None:
            draft.flag("email.syntax", "invalid")
            if len(written) <= _ABSURD:
                self._repair(draft)
            return draft.done()
        draft.put("email.normal", normal)
        self._judge(draft, normal)
        return draft.done()

    def _bring_to_form(self, draft: Draft) -> None:
        text = draft.value
        angled = _ANGLED.fullmatch(text)
        bare = (angled[1] if angled else text).strip(_AROUND) if "email.unwrap" in self._on else text
        prefix = _MAILTO.match(bare)
        # blanks at the ends are another rule's
        lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        unwrapped = (bare[prefix.end() :] if prefix else bare).removesuffix(".")
        if unwrapped != text.strip():
            draft.put("email.unwrap", f"{lead}{unwrapped}{trail}")
        draft.put("email.blanks", UNSEEN.sub("", draft.value).strip())
        draft.put("email.case", draft.value.lower())

    def _normal(self, address: str) -> str | None:
        """Return the normal form of an address; None when it is none."""
        local, _, name = address.rpartition("@")
        lowered = local.lower()
        if len(local) <= _LONGEST_LOCAL and len(address) <= _LONGEST and _PLAIN_LOCAL.fullmatch(lowered):
            domain = self._domains.find(name)
            if domain.normal is None:
                return None
            # an address that is right in capitals stays in them where another rule is switched off
            return address if domain.normal == name.lower() else f"{local}@{domain.normal}"
        return self._validated(address)

    def _validated(self, address: str) -> str | None:
        from email_validator import EmailNotValidError, validate_email

        if len(address) > _LONGEST + _LONGEST_LOCAL:
            return None
        try:
            found = validate_email(address, check_deliverability=False, test_environment=True)
        except (EmailNotValidError, ValueError):
            return None
        return address if found.normalized.lower() == address.lower() else found.normalized

    def _judge(self, draft: Draft, address: str) -> None:
        local, _, name = address.lower().rpartition("@")
        domain = self._domains.find(name)
        if domain.is_disposable:
            draft.flag("email.disposable", "disposable")
        elif domain.meant:
            draft.flag("email.typo", "typo_domain")
            draft.suggest("email.typo", f"{local}@{domain.meant}")
        if domain.is_nowhere or local in self._nobody:
            draft.flag("email.placeholder", "placeholder")
        if self._is_role(local):
            draft.flag("email.role", "role")

    def _is_role(self, local: str) -> bool:
        words = _WORDS.findall(local.partition("+")[0])
        if len(words) > 1 and words[0] in self._leading:
            return True
        return not self._roles.isdisjoint(words) and self._between.issuperset(words)

    # -- what was probably meant

    def _repair(self, draft: Draft) -> None:
        text = draft.value.lower()
        several = [found for found in _ADDRESS.findall(text) if self._normal(found)]
        if len(several) > 1:
            draft.flag("email.repair", "several")
        for candidate in (*several[:1], *self._candidates(text)):
            normal = self._normal(candidate)
            if normal is not None:
                name = normal.rpartition("@")[2]
                meant = self._domains.find(name).meant
                draft.suggest("email.repair", f"{normal.rpartition('@')[0]}@{meant or name}".lower())
                return

    def _candidates(self, text: str) -> list[str]:
        """Return addresses that a broken one may have been, the likeliest first."""
        joined = re.sub(r"\s+", "", re.sub(r"\s*[(\[]?\b(?:at|arroba)\b[)\]]?\s*", "@", text))
        mended = re.sub(r"@[@.]*|\.+@[@.]*", "@", joined.replace(",", ".").replace(";", "."))
        mended = re.sub(r"\.{2,}", ".", mended).strip(".")
        found = [mended]
        if "@" not in mended:
            found += [
                f"{mended.removesuffix(name).rstrip('.')}@{name}"
                for name in self._domains.providers
                if mended.endswith(name) and len(mended) > len(name)
            ]
        local, _, name = mended.rpartition("@")
        if local and "." not in name:
            found += [f"{local}@{full}" for full in self._domains.providers if full.partition(".")[0] == name]
            found += [f"{local}@{name[:-3]}.com"] if name.endswith("com") and len(name) > 6 else []
        return found
