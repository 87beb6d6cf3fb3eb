"""Who people are."""

from tesela.profiles.tables import ATTRIBUTE_VALUES, CONSENTS, IDENTIFIERS, PROFILES

__all__ = ["ATTRIBUTE_VALUES", "CONSENTS", "IDENTIFIERS", "PROFILES"]
