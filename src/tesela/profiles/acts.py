"""Acts by hand, whatever they are about: each changes some things, of which the last word holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Word(Protocol):
    """What an act says of one thing."""

    @property
    def key(self) -> Any:
        """The thing."""


W = TypeVar("W", bound=Word, covariant=True)


class Numbered(Protocol[W]):
    """An act with the number it has in the control store."""

    @property
    def number(self) -> int:
        """Its number; later acts have larger ones."""

    @property
    def effects(self) -> Sequence[W]:
        """What it says of each thing that it is about."""


A = TypeVar("A", bound=Numbered[Word])


def last_words(acts: Iterable[Numbered[W]]) -> dict[Any, W]:
    """Return what holds of each thing after some acts, in their order."""
    return {effect.key: effect for act in acts for effect in act.effects}


def find_act(acts: Iterable[A], number: int) -> A | None:
    """Return the act of a number, if there is one."""
    return next((each for each in acts if each.number == number), None)


def words_before(acts: Iterable[Numbered[W]], act: Numbered[W]) -> dict[Any, W]:
    """Return what held of each thing before an act."""
    return last_words(each for each in acts if each.number < act.number)


def find_later(acts: Iterable[Numbered[W]], act: Numbered[W]) -> int | None:
    """Return the newest act after another that is about any of the same things; the other cannot be undone then."""
    keys = {effect.key for effect in act.effects}
    later = (each.number for each in acts if each.number > act.number and keys & {e.key for e in each.effects})
    return max(later, default=None)
