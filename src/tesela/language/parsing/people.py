"""Words that set a profile against the others: figures of the store and the population, ranks, peers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tesela.language import words
from tesela.language.nodes import Decile, Node, Percentile, PopulationValue, Rank, StoreValue, Top
from tesela.language.parsing.cursor import NOT, SUM
from tesela.language.parsing.events import EventWords

if TYPE_CHECKING:
    from tesela.language.nodes import PopulationFunction
    from tesela.language.parsing.tokens import Token

_STANDINGS = {"percentile": Percentile, "decile": Decile, "rank": Rank}


class PeopleWords(EventWords):
    """Reads values over people."""

    def _standing(self, token: Token) -> Node:
        value = self._nested(SUM)
        among, per = self._peers()
        return _STANDINGS[token.value.lower()](value, among, per, span=self._closed(token))

    def _top(self, token: Token) -> Node:
        self._next()
        share = self._share()
        self._expect("by")
        value = self._nested(SUM)
        among, per = self._peers()
        return Top(share, value, among, per, span=self._since(token))

    def _peers(self) -> tuple[Node | None, Node | None]:
        among = per = None
        while True:
            # `among everyone` closes the rule: it is never a population of its own
            if among is None and not self._stands("among", "everyone") and self._takes("among"):
                among = self._nested(NOT)
            elif per is None and self._takes("per"):
                per = self._name()
            else:
                return among, per

    def _of_people(self, token: Token) -> Node:
        """Read `store.f(…)` and `population.f(…)`."""
        word = self._next().value.lower()
        self._expect(".")
        name = self._next()
        if name.value.lower() not in words.POPULATION_FUNCTIONS:
            raise self._unknown_word(name, words.POPULATION_FUNCTIONS)
        function = cast("PopulationFunction", name.value.lower())
        self._expect("(")
        if word == "store":
            return StoreValue(function, self._selection(), span=self._closed(token))
        value = self._nested(NOT)
        where = per = None
        while True:
            if where is None and self._takes("where"):
                where = self._nested(NOT)
            elif per is None and self._takes("per"):
                per = self._name()
            else:
                break
        return PopulationValue(function, value, where, per, span=self._closed(token))
