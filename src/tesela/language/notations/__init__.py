"""The other notations of the one tree: text as people write it, JSON and YAML as programs do, plain sentences."""

from tesela.language.notations.json import from_json, to_json
from tesela.language.notations.schema import read_schema
from tesela.language.notations.sentence import say
from tesela.language.notations.text import write_text

__all__ = ["from_json", "read_schema", "say", "to_json", "write_text"]
