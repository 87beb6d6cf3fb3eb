"""Read the text of a rule into nodes: precedence climbing over a short list of tokens.

Binding, tightest first: `where`, window, `since`; comparison; `not`; `and`; `xor`; `or`; `except`. The parser
knows words and their places, never what a name means: that is `resolve`'s.

Each module reads one family of words; each builds on the one before, from the cursor up to the whole rule.
"""

from tesela.language.parsing.rule import parse

__all__ = ["parse"]
