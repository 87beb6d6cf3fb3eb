"""The tables of who people are, written by this room alone."""

from __future__ import annotations

from tesela.base import Holding
from tesela.warehouse import Column, Table

PROFILES = Table(
    name="profiles",
    grain="one person, or one anonymous visitor",
    key=("profile_id",),
    holds=Holding("profile", ("profile_id",)),
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
    holds=Holding("profile", ("profile_id",)),
    columns=(
        Column("profile_id", "BIGINT", "whose"),
        Column("field", "VARCHAR", "a column of `profiles`, or the name of another field"),
        Column("valid_from", "TIMESTAMP", "since when it holds, UTC; it ends where the next one begins"),
        Column("value", "VARCHAR", "the value as text; dates and times in ISO 8601", personal=True),
        Column("source", "VARCHAR", "who told it"),
        Column("load_id", "INTEGER", "load that brought it"),
        Column("original", "VARCHAR", "what was written; missing: the value itself", personal=True),
        Column("rules", "VARCHAR", "cleaning rules that made the value of it, in order; missing: none"),
    ),
)
"""The history behind `profiles`: one winning value per profile, field and time."""

IDENTIFIERS = Table(
    name="identifiers",
    grain="one identifier",
    key=("kind", "value"),
    holds=Holding("identifier", ("kind", "value")),
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
    grain="what holds for one address of one profile, one channel and purpose, since one moment",
    key=("profile_id", "address", "channel", "purpose", "occurred_at"),
    holds=Holding("profile", ("profile_id",)),
    columns=(
        Column("profile_id", "BIGINT", "whose address it is; a shared address is each one's"),
        Column(
            "address", "VARCHAR", "e-mail or phone in normal form; the identifier, where there is none", personal=True
        ),
        Column("channel", "VARCHAR", "email, sms, web_push, whatsapp, post, phone, onsite; any: an objection"),
        Column("purpose", "VARCHAR", "marketing unless told otherwise"),
        Column("status", "VARCHAR", "yes or no"),
        Column("occurred_at", "TIMESTAMP", "when it was given or withdrawn, UTC"),
        Column("source", "VARCHAR", "who told it"),
        Column("evidence", "JSON", "wording, form, double opt-in and whatever proves it", personal=True),
        Column("load_id", "INTEGER", "load that brought it"),
        Column("sequence", "BIGINT", "the entry of the ledger that says so"),
        Column("basis", "VARCHAR", "consent, existing_customer, contract, other; unproven: so an import says"),
        Column("is_objection", "BOOLEAN", "whether the person objected to the purpose as such"),
    ),
)
"""What stands of what each address said yes or no to: the ledger, as it is for today's profiles."""

CONSENT_ENTRIES = Table(
    name="consent_entries",
    grain="one entry of the ledger",
    key=("sequence",),
    holds=Holding("identifier", ("address_kind", "address")),
    columns=(
        Column("sequence", "BIGINT", "its place in the control store's ledger"),
        Column("address_kind", "VARCHAR", "kind of the identifier that spoke"),
        Column("address", "VARCHAR", "its normal form", personal=True),
        Column("channel", "VARCHAR", "what it was asked about; any: an objection"),
        Column("purpose", "VARCHAR", "what for"),
        Column("status", "VARCHAR", "yes, no or objection"),
        Column("basis", "VARCHAR", "what a yes rests on; missing: consent"),
        Column("method", "VARCHAR", "how and where it was given", personal=True),
        Column("wording", "VARCHAR", "the text that was agreed to, or its version"),
        Column("source", "VARCHAR", "who told it"),
        Column("occurred_at", "TIMESTAMP", "its own time, UTC; that of its arrival where nobody told it"),
        Column("is_dated", "BOOLEAN", "whether its own time was told"),
        Column("is_firm", "BOOLEAN", "whether it holds against an earlier no"),
        Column("confirmed_at", "TIMESTAMP", "when a double opt-in was confirmed, UTC"),
        Column("evidence", "JSON", "whatever else proves it", personal=True),
        Column("load_id", "INTEGER", "load that brought it; missing: none did"),
    ),
)
"""The ledger as far as it has been read, what was ignored included; its largest sequence says how far."""

CONSENT_ADDRESSES = Table(
    name="consent_addresses",
    grain="one profile and one of its identifiers that the ledger knows",
    key=("profile_id", "kind", "value"),
    holds=Holding("profile", ("profile_id",)),
    columns=(
        Column("profile_id", "BIGINT", "whose"),
        Column("kind", "VARCHAR", "kind of the identifier"),
        Column("value", "VARCHAR", "its normal form", personal=True),
    ),
)
"""Who carried which address when `consents` was made: where that has changed, it is made anew."""

SUPPRESSIONS = Table(
    name="suppressions",
    grain="one stop of one known address and channel",
    key=("kind", "value", "channel", "reason", "list_name"),
    holds=Holding("identifier", ("kind", "value")),
    columns=(
        Column("kind", "VARCHAR", "kind of the address: email, phone, or another identifier"),
        Column("value", "VARCHAR", "its normal form", personal=True),
        Column("channel", "VARCHAR", "what must not be written to"),
        Column("reason", "VARCHAR", "hard_bounce, complaint, manual, erased, exclusion_list"),
        Column("list_name", "VARCHAR", "name of the exclusion list; empty for every other reason"),
        Column("occurred_at", "TIMESTAMP", "since when, UTC; the date of an exclusion list"),
        Column("binds_consented", "BOOLEAN", "whether it stops those too who consented"),
    ),
)
"""Which known addresses are suppressed: found by their keyed hashes in the control store."""

ADDRESS_HASHES = Table(
    name="address_hashes",
    grain="one known address",
    key=("kind", "value"),
    holds=Holding("identifier", ("kind", "value")),
    columns=(
        Column("kind", "VARCHAR", "kind of the address"),
        Column("value", "VARCHAR", "its normal form", personal=True),
        Column("hash", "VARCHAR", "its hash under the workspace's key", personal=True),
    ),
)
"""The keyed hash of every address that was looked up, so that only new ones are hashed."""

CONSENT_STATE = Table(
    name="consent_state",
    grain="the one state of ledger and suppression that consents and suppressions are of",
    key=("load_id",),
    holds=Holding("nobody", why="numbers of the newest load, stop and list"),
    columns=(
        Column("load_id", "INTEGER", "newest load of which the ledger has been told what it says"),
        Column("suppression", "VARCHAR", "numbers of the newest stop and of the newest exclusion list looked up"),
        Column("is_outdated", "BOOLEAN", "whether somebody was about to say more"),
    ),
)
"""How far consents and suppressions have followed imports and the control store."""

SUBJECT_PROFILES = Table(
    name="subject_profiles",
    grain="one subject",
    key=("subject_id",),
    holds=Holding("subject", ("subject_id",)),
    columns=(
        Column("subject_id", "BIGINT", "the identifier that records came in under"),
        Column("profile_id", "BIGINT", "the smallest subject of the same person: the profile's number"),
        Column("is_known", "BOOLEAN", "whether it is more than an anonymous visitor; a person is when any subject is"),
    ),
)
"""Which profile each subject is."""

IDENTITY_MERGES = Table(
    name="identity_merges",
    grain="one thing that makes two subjects one person, from when to when",
    key=("subject_id", "with_subject_id", "kind", "value", "merged_at"),
    holds=Holding("subject", ("subject_id", "with_subject_id"), kept=True),
    columns=(
        Column("subject_id", "BIGINT", "the subject with the larger number"),
        Column("with_subject_id", "BIGINT", "the other one"),
        Column("kind", "VARCHAR", "kind of the identifier that both carry; `decision` where a person joined them"),
        Column("value", "VARCHAR", "the identifier, normal form; empty for a decision", personal=True),
        Column("merged_at", "TIMESTAMP", "when it was found, UTC"),
        Column("cause", "VARCHAR", "what it was found after: imports, an act by hand, rules"),
        Column("unmerged_at", "TIMESTAMP", "when it ceased to be so, UTC; missing: it is so"),
        Column("end_cause", "VARCHAR", "what it ceased after"),
    ),
)
"""Why subjects are one person: of all that joins them what is needed, the strongest; and why they once were."""

IDENTITY_STATE = Table(
    name="identity_state",
    grain="the one resolution that profiles are of",
    key=("token",),
    holds=Holding("nobody", why="fingerprints of rules"),
    columns=(
        Column("token", "VARCHAR", "what tells this resolution from others; what is kept of it bears the same"),
        Column("rules", "VARCHAR", "fingerprint of the settings it was found by; missing: something was decided since"),
    ),
)
"""Which resolution the profiles are of, so that the next one need only look at what is new."""

CHANGED_PROFILES = Table(
    name="changed_profiles",
    grain="one profile about whom something has come in",
    key=("profile_id",),
    holds=Holding("profile", ("profile_id",)),
    columns=(Column("profile_id", "BIGINT", "who; gone once memberships have been published with what came in"),),
)
"""About whom something has come in since memberships were last published."""

CLEANED_VALUES = Table(
    name="cleaned_values",
    grain="one distinct value of a kind that some contact has",
    key=("kind", "context", "original"),
    columns=(
        Column("kind", "VARCHAR", "what it is: email, phone, name, birth_date, country, postal_code, region, ..."),
        Column("context", "VARCHAR", "country or order of day and month it was read by; empty where none matters"),
        Column("original", "VARCHAR", "as it came", personal=True),
        Column("value", "VARCHAR", "what the rules made of it", personal=True),
        Column("rules", "VARCHAR", "names of the rules that changed it, in order, with blanks between; empty: none"),
        Column("flags", "VARCHAR", "what is to be known of it: disposable, role, invalid, ...; empty: nothing"),
        Column("suggestion", "VARCHAR", "what was probably meant, for a person to accept", personal=True),
        Column("fingerprint", "VARCHAR", "of the rules, lists and libraries that gave the answer"),
    ),
    holds=Holding("words", ("original", "value", "suggestion")),
)
"""What cleaning found of each distinct value of the contacts."""

CLEANING_DECISIONS = Table(
    name="cleaning_decisions",
    grain="one value about which a person decided, as it stands",
    key=("kind", "context", "original"),
    columns=(
        Column("kind", "VARCHAR", "what it is"),
        Column("context", "VARCHAR", "as in `cleaned_values`"),
        Column("original", "VARCHAR", "as it came", personal=True),
        Column("value", "VARCHAR", "the suggestion that was accepted", personal=True),
    ),
    holds=Holding("words", ("original", "value")),
)
"""What people decided about values: of the control store, as it stood when attributes were last derived."""

CLEANING_STATE = Table(
    name="cleaning_state",
    grain="the one cleaning that attributes are of",
    key=("settings",),
    columns=(
        Column("settings", "VARCHAR", "fingerprint of the settings; missing: somebody decided something since"),
        Column("token", "VARCHAR", "what tells this cleaning from others"),
    ),
    holds=Holding("nobody", why="fingerprints of rules"),
)
"""Which cleaning the attributes are of."""

ALL_TABLES: tuple[Table, ...] = (
    PROFILES,
    ATTRIBUTE_VALUES,
    IDENTIFIERS,
    CONSENTS,
    CONSENT_ENTRIES,
    CONSENT_ADDRESSES,
    SUPPRESSIONS,
    ADDRESS_HASHES,
    CONSENT_STATE,
    SUBJECT_PROFILES,
    IDENTITY_MERGES,
    IDENTITY_STATE,
    CHANGED_PROFILES,
    CLEANED_VALUES,
    CLEANING_DECISIONS,
    CLEANING_STATE,
)
