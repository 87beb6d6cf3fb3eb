"""The other notations of the one tree: text as people write it, JSON and YAML as programs do, plain sentences."""

from tesela.language.notations.json import from_json, to_json
from tesela.language.notations.sentence import say
from tesela.language.notations.text import write_text

__all__ = ["from_json", "say", "to_json", "write_text"]
