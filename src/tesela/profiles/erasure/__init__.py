"""The rights of the person: what is held of her, and that nothing of it is held any more."""

from tesela.profiles.erasure.erased import ErasedPeople
from tesela.profiles.erasure.held import held_rows, take_out
from tesela.profiles.erasure.traces import Traces

__all__ = ["ErasedPeople", "Traces", "held_rows", "take_out"]
