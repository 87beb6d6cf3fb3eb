"""The tables of who people are, written by this room alone."""

from __future__ import annotations

from tesela.warehouse import Column, Table

PROFILES = Table(
    name="profiles",
    grain="one person, or one anonymous visitor",
    key=("profile_id",),
    columns=(
        Column("profile_id", "BIGINT", "dense number, handed out once and never used for another"),
        Column("is_known", "BOOLEAN", "has a customer id, e-mail, phone, loyalty card or member id"),
        Column("first_seen_at", "TIMESTAMP", "time of the earliest record or event, UTC"),
        Column("customer_id", "VARCHAR", "smallest customer id of the profile", personal=True),
        Column("email", "VARCHAR", "current e-mail, normal form", personal=True),
        Column("phone", "VARCHAR", "current phone, E.164 where it could be read", personal=True),
        Column("loyalty_card", "VARCHAR", "current loyalty card", personal=True),
        Column("first_name", "VARCHAR", "given name", personal=True),
        Column("last_name", "VARCHAR", "family names", personal=True),
        Column("birth_date", "DATE", "date of birth", personal=True),
        Column("gender", "VARCHAR", "as declared: female, male, other", personal=True),
        Column("country", "VARCHAR", "ISO 3166 alpha-2 where it could be read"),
        Column("region", "VARCHAR", "region or province", personal=True),
        Column("city", "VARCHAR", "city", personal=True),
        Column("postal_code", "VARCHAR", "postal code", personal=True),
        Column("language", "VARCHAR", "ISO 639 code"),
        Column("time_zone", "VARCHAR", "IANA zone"),
        Column("created_at", "TIMESTAMP", "when the person first gave their data, UTC"),
        Column("first_source", "VARCHAR", "how they came: form, sweepstake, social, store, ..."),
        Column("properties", "JSON", "every other field", personal=True),
    ),
)
"""The current view of each person."""

ATTRIBUTE_VALUES = Table(
    name="attribute_values",
    grain="one value of one field of one profile, since a time",
    key=("profile_id", "field", "valid_from"),
    columns=(
        Column("profile_id", "BIGINT", "whose"),
        Column("field", "VARCHAR", "a column of `profiles`, or the name of another field"),
        Column("valid_from", "TIMESTAMP", "since when it holds, UTC; it ends where the next one begins"),
        Column("value", "VARCHAR", "the value as text; dates and times in ISO 8601", personal=True),
        Column("source", "VARCHAR", "who told it"),
        Column("load_id", "INTEGER", "load that brought it"),
    ),
)
"""The history behind `profiles`: one winning value per profile, field and time."""

IDENTIFIERS = Table(
    name="identifiers",
    grain="one identifier",
    key=("kind", "value"),
    columns=(
        Column("kind", "VARCHAR", "customer_id, email, phone, loyalty_card, member_id, anonymous_id"),
        Column("value", "VARCHAR", "normal form", personal=True),
        Column("subject_id", "BIGINT", "its number in the control store; missing when it never stood alone"),
        Column("profile_id", "BIGINT", "the profile it points at"),
        Column("since", "TIMESTAMP", "earliest record or event that carries it, UTC"),
        Column("source", "VARCHAR", "source of that record"),
    ),
)
"""Which identifier points at which profile."""

CONSENTS = Table(
    name="consents",
    grain="one statement about one address, channel and purpose at one moment",
    key=("address", "channel", "purpose", "occurred_at"),
    columns=(
        Column("profile_id", "BIGINT", "whose address it is"),
        Column(
            "address", "VARCHAR", "e-mail or phone in normal form; the identifier, where there is none", personal=True
        ),
        Column("channel", "VARCHAR", "email, sms, web_push, whatsapp, post, phone, onsite"),
        Column("purpose", "VARCHAR", "marketing unless told otherwise"),
        Column("status", "VARCHAR", "yes or no"),
        Column("occurred_at", "TIMESTAMP", "when it was given or withdrawn, UTC"),
        Column("source", "VARCHAR", "who told it"),
        Column("evidence", "JSON", "wording, form, double opt-in and whatever proves it", personal=True),
        Column("load_id", "INTEGER", "load that brought it"),
    ),
)
"""What each address said yes or no to."""

SUBJECT_PROFILES = Table(
    name="subject_profiles",
    grain="one subject",
    key=("subject_id",),
    columns=(
        Column("subject_id", "BIGINT", "the identifier that records came in under"),
        Column("root_id", "BIGINT", "the strongest subject of the same person"),
        Column("profile_id", "BIGINT", "the smallest subject of the same person: the profile's number"),
        Column("is_known", "BOOLEAN", "whether the person is more than an anonymous visitor"),
    ),
)
"""Which profile each subject is."""

CHANGED_PROFILES = Table(
    name="changed_profiles",
    grain="one profile about whom something has come in",
    key=("profile_id",),
    columns=(Column("profile_id", "BIGINT", "who; gone once memberships have been published with what came in"),),
)
"""About whom something has come in since memberships were last published."""

ALL_TABLES: tuple[Table, ...] = (
    PROFILES,
    ATTRIBUTE_VALUES,
    IDENTIFIERS,
    CONSENTS,
    SUBJECT_PROFILES,
    CHANGED_PROFILES,
)
