"""Find out how a text file spells its letters, and bring it to UTF-8 without NUL.

The rule: a byte order mark decides; else strict UTF-8 over the whole file; else the likeliest of the encodings
that Spanish shops really use. General guessers read Spanish Windows text as Central European.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.events.sources.reading.staged import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tesela.events.sources.reading.contents import Contents

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LIKELY = ("cp1252", "mac_roman", "cp850")
_MIXED = "mixed"
_BINARY_STARTS = (
    b"\x89PNG", b"%PDF", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ\x90", b"SQLite format 3", b"\x1f\x8b",
    b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\xd0\xcf\x11\xe0", b"BZh", b"7z\xbc\xaf", b"Rar!",
)  # fmt: skip
_ACCENTED_LINE = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
_SAMPLE_BYTES = 1 << 16
_LONGEST_SAMPLE = 200
_SAMPLES = 5

_SPANISH, _NEARBY = "áéíóúñ", "üçàèìòùâêîôûäëïöãõ"
_WEIGHTS = dict.fromkeys(_NEARBY + _NEARBY.upper() + "¿¡ªº€“”‘«»…´®©™°£\u00a0", 1) | dict.fromkeys(
    _SPANISH + _SPANISH.upper(), 2
)
_BETWEEN_WORDS = "–—’·"


@dataclass(frozen=True, slots=True)
class Letters:
    """How a file spells its letters.

    Attributes:
        encoding: Python's name of the encoding; `mixed` for UTF-8 with a few letters of Windows in it.
        is_plain: Whether the bytes are UTF-8 already, without mark or NUL.
        notes: What was found.
        accented: Up to five lines with accents, as they were read.
    """

    encoding: str
    is_plain: bool
    notes: tuple[Note, ...]
    accented: tuple[str, ...]


def find_letters(contents: Contents, wanted: str | None, progress: Callable[[int], None] | None = None) -> Letters:
    """Read a whole file once and find out how it spells its letters.

    Raises:
        InputError: when the file is empty, no text at all, or the encoding named is not known.
    """
    name = _check_name(wanted)
    seen = _look_over(contents, progress)
    seen.refuse_binary(contents.path.name)
    encoding = name or seen.encoding()
    is_plain = encoding == "utf-8" and seen.is_utf8 and not seen.nuls
    notes = []
    if not is_plain or seen.accented:
        shown = "UTF-8" if encoding == _MIXED else encoding.removesuffix("-sig").upper()
        notes.append(Note("events.sources.reading.encoding", {"encoding": shown}))
    if encoding == _MIXED:
        notes.append(Note("events.sources.reading.mixed_letters"))
    if seen.nuls and not encoding.startswith(("utf-16", "utf-32")):
        notes.append(Note("events.sources.reading.nul_removed", {"count": seen.nuls}))
    accented = tuple(
        _decoder(encoding).decode(line, True).replace("\0", "").strip()[:_LONGEST_SAMPLE]
        for line in seen.accented[:_SAMPLES]
        if not encoding.startswith(("utf-16", "utf-32"))
    )
    return Letters(encoding, is_plain, tuple(notes), accented)


def plain_blocks(
    contents: Contents, letters: Letters, progress: Callable[[int], None] | None = None
) -> Iterator[bytes]:
    """Yield a file's text as UTF-8 without byte order mark or NUL, in blocks."""
    if letters.is_plain:
        yield from contents.blocks(progress)
        return
    decoder = _decoder(letters.encoding)
    for block in contents.blocks(progress):
        yield _clean(decoder.decode(block))
    yield _clean(decoder.decode(b"", True))


class _Seen:
    """What one look over all bytes of a file found."""

    def __init__(self) -> None:
        self.start = b""
        self.size = 0
        self.nuls = 0
        self.is_utf8 = True
        self.is_blank = True
        self.accented: list[bytes] = []
        self._strict = codecs.getincrementaldecoder("utf-8")("strict")
        self._lenient = codecs.getincrementaldecoder("utf-8")("replace")
        self._sampled = 0
        self._broken = 0
        self._spared = 0

    def take(self, block: bytes) -> None:
        self.start = self.start or block
        self.size += len(block)
        self.nuls += block.count(0)
        self.is_blank = self.is_blank and not block.strip()
        if self.is_utf8:
            try:
                self._strict.decode(block)
            except UnicodeDecodeError:
                self.is_utf8 = False
        if not self.is_utf8:
            text = self._lenient.decode(block)
            self._broken += text.count("\ufffd")
            self._spared += len(block) - len(text)
        if self._sampled < _SAMPLE_BYTES and not block.isascii():
            self._keep_samples(block)

    def finish(self) -> None:
        try:
            self._strict.decode(b"", True)
        except UnicodeDecodeError:
            self.is_utf8 = False
            self._broken += 1

    def refuse_binary(self, name: str) -> None:
        """Refuse what is a picture, an archive or a program."""
        is_wide = self._marked() or self._sixteen_bits()
        if not is_wide and (self.start.startswith(_BINARY_STARTS) or self.nuls > self.size * 0.05):
            raise InputError("events.sources.reading.not_text", path=name)

    def encoding(self) -> str:
        """Return the encoding by the rule at the top of this module."""
        if named := self._marked() or self._sixteen_bits():
            return named
        if self.is_utf8:
            return "utf-8"
        # each letter of UTF-8 beyond ASCII spares at least one byte when decoded: a few strays among many
        if self._broken * 10 <= self._spared:
            return _MIXED
        return _likeliest(b"\n".join(self.accented))

    def _marked(self) -> str | None:
        return next((encoding for mark, encoding in _MARKS if self.start.startswith(mark)), None)

    def _sixteen_bits(self) -> str | None:
        """Return the kind of UTF-16 that has no mark, told by where its NULs stand."""
        sample = self.start[: 1 << 12]
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if self.size % 2 or max(even, odd) < len(sample) * 0.35 or min(even, odd) > len(sample) * 0.05:
            return None
        return "utf-16-be" if even > odd else "utf-16-le"

    def _keep_samples(self, block: bytes) -> None:
        for found in _ACCENTED_LINE.finditer(block):
            line = found[0][: _LONGEST_SAMPLE * 4]
            # a cut may have fallen in the middle of a line
            self.accented.append(line)
            self._sampled += len(line)
            if self._sampled >= _SAMPLE_BYTES:
                return


def _look_over(contents: Contents, progress: Callable[[int], None] | None) -> _Seen:
    seen = _Seen()
    for block in contents.blocks(progress):
        seen.take(block)
    seen.finish()
    if seen.is_blank:
        raise InputError("events.sources.reading.empty_file", path=contents.path.name)
    return seen


def _likeliest(sample: bytes) -> str:
    """Return the encoding under which the letters beyond ASCII are those of our languages, in their places."""
    scores = {name: _score(sample.decode(name, _AS_IS)) for name in _LIKELY}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] > 0:
        return best
    from charset_normalizer import from_bytes

    guess = from_bytes(sample, cp_isolation=list(_LIKELY)).best()
    return guess.encoding if guess is not None else "cp1252"


def _score(text: str) -> int:
    """Count letters that belong where they stand, less those that do not."""
    score = 0
    for before, letter, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if letter in _BETWEEN_WORDS:
            score += -1 if before.isalpha() and after.isalpha() else 1
        elif letter > "\x7f":
            is_shouted = letter.isupper() and before.islower()
            score += -1 if is_shouted else _WEIGHTS.get(letter, -1)
    return score


def _check_name(encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)
    except LookupError as cause:
        raise InputError("events.sources.reading.unknown_encoding", encoding=encoding) from cause
    return "utf-8-sig" if name == "utf-8" else name


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    if encoding == _MIXED:
        return codecs.getincrementaldecoder("utf-8")(_AS_WINDOWS)
    return codecs.getincrementaldecoder(encoding)(_AS_IS)


def _clean(letters: str) -> bytes:
    return letters.replace("\0", "").encode("utf-8", "replace")


def _keep_as_is(error: UnicodeError) -> tuple[str, int]:
    """Keep a byte that the encoding has no letter for as the control character of its number."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(map(chr, error.object[error.start : error.end])), error.end


def _keep_as_windows(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that is not UTF-8 as Windows does."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", _AS_IS), error.end


_AS_IS, _AS_WINDOWS = "tesela_as_is", "tesela_as_windows"
codecs.register_error(_AS_IS, _keep_as_is)
codecs.register_error(_AS_WINDOWS, _keep_as_windows)
