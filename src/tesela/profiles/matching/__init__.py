"""Probable duplicates: the same person under another spelling, found, explained and proposed."""

from tesela.profiles.matching.duplicates import Duplicates
from tesela.profiles.matching.fields import FIELDS
from tesela.profiles.matching.finding import MORE_LIKELY_THAN_NOT, Found, find_duplicates
from tesela.profiles.matching.opening import open_scorer
from tesela.profiles.matching.pairs import Evidence, Pairs, PairScorer
from tesela.profiles.matching.people import write_people
from tesela.profiles.matching.proposals import MatchProposal

__all__ = [
    "FIELDS",
    "MORE_LIKELY_THAN_NOT",
    "Duplicates",
    "Evidence",
    "Found",
    "MatchProposal",
    "PairScorer",
    "Pairs",
    "find_duplicates",
    "open_scorer",
    "write_people",
]
