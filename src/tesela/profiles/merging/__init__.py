"""Merges and unmerges by hand: who decided what, what holds now, and back again."""

from tesela.profiles.merging.acts import Act, ActName, Effect, decisions_of, keep_act, keep_acts, list_acts, take_back

__all__ = ["Act", "ActName", "Effect", "decisions_of", "keep_act", "keep_acts", "list_acts", "take_back"]
