"""Clean names of people: letters that were broken on the way, blanks, apostrophes, capitals.

Nothing is guessed: no accent is added, nothing is split into first and last name, and what has capitals of its own
(McDonald, DeVito, MaríaJosé) keeps them.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING

from tesela.profiles.cleaning.casing import Casing
from tesela.profiles.cleaning.cleaned import Cleaned, Draft
from tesela.profiles.cleaning.wordlists import says_nothing, tidy

if TYPE_CHECKING:
    from tesela.profiles.cleaning.settings import CleaningSettings

# a name of the usual letters and capitals, nothing to do: the pattern that most values match
_UPPER, _LOWER = "A-ZÁÉÍÓÚÑÜ", "a-záéíóúñüç"
_PLAIN = re.compile(rf"[{_UPPER}][{_LOWER}]+(?: (?:de(?: la| las| los)? |del )?[{_UPPER}][{_LOWER}]+)*")
# letters that are not of Spanish: only with them can there be others to restore
_UNUSUAL = re.compile(r"[^\x00-\x7fÁÉÍÓÚÑÜáéíóúñüªº]")
_RESTORED = re.compile(
    r"[\x20-\u017f\u0218-\u021b\u0300-\u036f\u1e00-\u1eff\u2000-\u206f]*|(?:[\x20-\x40]*[\u0370-\u052f]){3,}[\x20-\x40]*"
)
_ENTITY = re.compile(r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|[a-zA-Z]{2,8});")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’‘`´ʼ′＇](?=[^\W\d_])")
# an Ã before small letters is what is left of an Á or í whose second half was no letter
_HALF = re.compile(r"Ã(?=[a-záéíóúñ])|(?<=[a-záéíóúñ])Ã")
_LOST = re.compile(r"�|(?<=[^\W\d_])\?+(?=[^\W\d_]|\s|$)|^\?+(?=[^\W\d_])")
_NO_NAME = re.compile(r"[@\d]|https?:|www\.|[<>{}\[\]|\\^~=+*%$€£¥_]")
_LONGEST = 400


class NameReader:
    """Cleans first names, last names and whole names alike."""

    def __init__(self, settings: CleaningSettings) -> None:
        self._on = settings.active("name")
        self._casing = Casing()

    def __call__(self, written: str) -> Cleaned:
        """Return one value, cleaned."""
        # a name of several words that only fills a field is in the list; of one word it would look plain
        if _PLAIN.fullmatch(written) and not says_nothing(written):
            return Cleaned(written, written)
        draft = Draft(written, self._on)
        if len(written) > _LONGEST:
            draft.flag("name.shape", "no_name")
            return draft.done()
        is_name = not says_nothing(written)
        if not is_name:
            draft.flag("name.placeholder", "placeholder")
        if "&" in draft.value and _ENTITY.search(draft.value):
            draft.put("name.entities", html.unescape(draft.value))
        if _UNUSUAL.search(draft.value):
            self._mend(draft)
        # after the mending: a blank may be the half of a letter
        draft.put("name.blanks", tidy(draft.value))
        draft.put("name.apostrophe", _APOSTROPHE.sub("'", draft.value))
        if is_name:
            self._judge(draft)
        return draft.done()

    def _mend(self, draft: Draft) -> None:
        from ftfy import fix_encoding

        restored = fix_encoding(draft.value)
        # letters that fit another encoding by chance come out as signs of far-away scripts
        if _RESTORED.fullmatch(restored):
            draft.put("name.mojibake", restored)
        draft.put("name.unicode", unicodedata.normalize("NFC", draft.value))

    def _judge(self, draft: Draft) -> None:
        text = draft.value
        has_halves = bool(_HALF.search(text))
        if has_halves or _LOST.search(text):
            draft.flag("name.lost", "lost_letters")
            # Á at the start of a word, í inside one: the two whose second half is most easily lost
            meant = re.sub(r"\bÃ(?=[a-z])", "Á", text) if has_halves else text
            draft.suggest("name.lost", re.sub(r"(?<=[a-záéíóúñ])Ã", "í", meant))
        if _NO_NAME.search(text):
            draft.flag("name.shape", "no_name")
        elif self._casing.is_company(text):
            draft.flag("name.shape", "company")
        else:
            draft.put("name.case", self._casing.fit(text))
