"""The audit on the benchmark's shop: one million people, fifty million events.

    python benchmarks/bench_audit.py [EVENTS]     (50,000,000 unless told otherwise)

The warehouse is copied, because the benchmark's shop has fewer tables, and given what an audit reads besides: a contact
record, an identifier and a consent of each person, bounces, complaints and unsubscriptions of some.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from measured import own_peak_mib
from shop import AS_OF, ZONE, shop_file

from tesela.audit import Asked, AuditSettings, examine, load_checks
from tesela.control import ControlStore
from tesela.events import ALL_TABLES as EVENT_TABLES
from tesela.profiles import ALL_TABLES as PROFILE_TABLES
from tesela.profiles import ContactCleaning, cleaning
from tesela.traits import ALL_TABLES as TRAIT_TABLES
from tesela.warehouse import DuckDBEngine, Statement

_FILLED = (
    """
    INSERT INTO identifiers BY NAME
    SELECT 'email' AS kind, coalesce(email, 'p' || profile_id || '@gmail.com') AS value, profile_id AS subject_id,
        profile_id, first_seen_at AS since, 'shop' AS source FROM profiles
    """,
    "UPDATE profiles SET email = 'p' || profile_id || '@gmail.com' WHERE email IS NULL AND is_known",
    """
    INSERT INTO contact_records BY NAME
    SELECT 'shop' AS source, 'p' || profile_id AS key, profile_id AS content, first_seen_at AS source_time,
        first_seen_at AS received_at, 1 AS load_id, profile_id AS row_number, true AS is_current, email,
        first_source, 'n' || profile_id % 9000 AS first_name, 's' || profile_id % 70000 AS last_name,
        '+346' || lpad(profile_id::VARCHAR, 8, '0') AS phone,
        DATE '1950-01-01' + (profile_id % 20000)::INT AS birth_date,
        'ES' AS country, ['Madrid', 'Barcelona', 'Cataluña'][profile_id % 3 + 1] AS region,
        lpad((profile_id % 52000)::VARCHAR, 5, '0') AS postal_code, first_seen_at AS created_at FROM profiles
    """,
    """
    INSERT INTO cleaned_values BY NAME
    SELECT DISTINCT 'email' AS kind, '' AS context, email AS original, email AS value, '' AS rules,
        CASE profile_id % 40 WHEN 0 THEN 'role' WHEN 1 THEN 'disposable' ELSE '' END AS flags, '' AS fingerprint
    FROM profiles WHERE email IS NOT NULL
    """,
    """
    INSERT INTO cleaned_values BY NAME
    SELECT DISTINCT kind, context, original, original AS value, '' AS rules, '' AS flags, '' AS fingerprint FROM (
        SELECT unnest([
            {'kind': 'phone', 'context': 'ES', 'original': phone},
            {'kind': 'name', 'context': '', 'original': first_name},
            {'kind': 'postal_code', 'context': 'ES', 'original': postal_code},
            {'kind': 'region', 'context': 'ES', 'original': region}
        ], recursive := true) FROM contact_records
    )
    """,
    """
    INSERT INTO consents BY NAME
    SELECT profile_id, 'p' || profile_id AS address, 'email' AS channel, 'marketing' AS purpose,
        CASE WHEN profile_id % 5 = 0 THEN 'no' ELSE 'yes' END AS status, first_seen_at AS occurred_at,
        'shop' AS source, '{"method":"checkbox","wording":"v1"}' AS evidence, 1 AS load_id, profile_id AS sequence,
        'consent' AS basis, false AS is_objection FROM profiles
    """,
    """
    INSERT INTO events BY NAME
    SELECT * REPLACE (
        CASE hash(message_id) % 50
            WHEN 0 THEN 'email_bounced' WHEN 1 THEN 'unsubscribed' ELSE 'email_marked_as_spam' END AS name,
        message_id || '-2' AS message_id, '{"bounce_type":"hard"}' AS properties, 'email' AS channel)
    FROM events WHERE name = 'email_delivered' AND hash(message_id) % 50 < 3
    """,
)


_OF_PEOPLE = (
    "INSERT INTO subjects BY NAME SELECT profile_id AS subject_id, 'email' AS kind, email AS value, profile_id"
    " FROM profiles WHERE email IS NOT NULL",
    "INSERT INTO subject_profiles BY NAME SELECT profile_id AS subject_id, profile_id, true AS is_known FROM profiles",
)


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.duckdb"
        shutil.copyfile(shop_file(events, "sorted"), path)
        engine = DuckDBEngine(path, memory_limit="2500MB")
        engine.create([*EVENT_TABLES, *PROFILE_TABLES, *TRAIT_TABLES])
        for each in (*_FILLED, *_OF_PEOPLE):
            engine.write([Statement(each)])
        control = ControlStore(Path(folder) / "control.sqlite")
        asked = Asked(
            engine=engine,
            control=control,
            cleaning=ContactCleaning(cleaning.CleaningSettings()),
            as_of=AS_OF,
            zone=ZONE,
            country="ES",
            settings=AuditSettings(),
            checks=load_checks(),
        )
        began, spent = time.perf_counter(), time.process_time()
        laps: dict[str, float] = {}

        def lap(step: str, _done: int, _total: int) -> None:
            laps[step] = time.perf_counter() - began

        found = examine(asked, lap)
        took, spent = time.perf_counter() - began, time.process_time() - spent
        engine.close()
        control.close()
    known = sum(each.found is not None for each in found.findings)
    print(f"{found.base:,} people; {known} of {len(found.findings)} checks answered; score {found.score.points}")
    print(", ".join(f"{name} from {seconds:.1f} s" for name, seconds in laps.items()))
    print(f"{took:.1f} s in all, {spent:.1f} s of processor time, peak {own_peak_mib():,.0f} MiB")


if __name__ == "__main__":
    main()
