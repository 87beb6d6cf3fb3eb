"""Plan a fix: whom it would change, from what to what, and how many the check would find afterwards. Writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tesela.audit.fixes.fix import Change, Choice, FixPlan
from tesela.audit.probes.contacts import lay_out_contacts
from tesela.audit.probes.duplicates import Same, find_same, open_pairs
from tesela.audit.probes.values import fault_rows, variant_rows
from tesela.base import InputError
from tesela.profiles import cleaning

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from pyroaring import BitMap64

    from tesela.audit.finding import Finding
    from tesela.audit.ground import Ground

    Pair = tuple[int, int]
    Row = dict[str, Any]

_VARIANTS = "region_variants"
_PROBABLE = "duplicates_probable"

# Whoever may be asked by e-mail for her permission: she has said yes and no no since, or has bought, and nothing stops
# her address (LSSI art. 21: existing customers; whoever said no may not be asked again).
_MAY_ASK = """
    has_email AND NOT is_aside AND complained_at IS NULL
    AND (email_no_at IS NULL OR coalesce(email_yes_at > email_no_at, false)) AND (has_email_yes OR orders > 0)"""


def plan_fix(ground: Ground, finding: Finding, choice: Choice, *, apart: Collection[Pair] = ()) -> FixPlan:
    """Plan what a check's fix would do.

    Args:
        ground: What probes stand on.
        finding: What the check found.
        choice: What a person chooses about it.
        apart: Pairs of profiles that people put apart: they are never merged.

    Raises:
        InputError: when the check has no fix, nothing was found, or the fix needs to be told more.
    """
    check, found = finding.check, finding.found
    if not check.fix:
        raise InputError("audit.fixes.no_fix", check=check.key)
    if found is None or not found.count:
        raise InputError("audit.fixes.nothing_to_fix", check=check.key)
    people = found.people
    with lay_out_contacts(ground):
        match check.fix:
            case "accept_typos":
                return _accept(ground, check.key)
            case "normalise":
                return _normalise(ground, check.key, choice)
            case "merge_duplicates":
                plan = _merge_probable if check.key == _PROBABLE else _merge
                return plan(ground, check.key, choice, apart)
        if people is None:
            raise InputError("audit.fixes.no_fix", check=check.key)
        kinds: Mapping[str, Callable[..., FixPlan]] = {"suppress": _suppress, "tag": _tag, "ask_permission": _ask}
        return kinds[check.fix](ground, check.key, people, choice)


# --- values -----------------------------------------------------------------------------------------------------


def _accept(ground: Ground, check: str) -> FixPlan:
    """Let what cleaning suggests take the place of the values at fault."""
    rows = fault_rows(ground, check)
    mended = [row for row in rows if row["suggestion"] is not None]
    left = {row["profile_id"] for row in rows if row["suggestion"] is None}
    return FixPlan(
        check=check,
        kind="accept_typos",
        changes=_changes(ground, mended, "suggestion"),
        count_after=len(left),
        accepted=_accepted(mended, "suggestion", is_own=False),
        left={"no_suggestion": len(left)} if left else {},
    )


def _normalise(ground: Ground, check: str, choice: Choice) -> FixPlan:
    """Write the standard name of what is spelt in several ways, or what a person says that a value means."""
    if check == _VARIANTS:
        rows = variant_rows(ground)
        left: set[int] = set()
    else:
        told = {_fold(word): meant for word, meant in choice.words.items()}
        every = fault_rows(ground, check)
        if not told:
            values = ", ".join(sorted({row["original"] for row in every})[:5])
            raise InputError("audit.fixes.say_what", check=check, values=values)
        rows = [row | {"standard": told[_fold(row["original"])]} for row in every if _fold(row["original"]) in told]
        rows = [row | {"standard": _standard(row["kind"], row["standard"], ground)} for row in rows]
        mended = {(row["profile_id"], row["original"]) for row in rows}
        left = {row["profile_id"] for row in every if (row["profile_id"], row["original"]) not in mended}
    return FixPlan(
        check=check,
        kind="normalise",
        changes=_changes(ground, rows, "standard"),
        count_after=len(left),
        accepted=_accepted(rows, "standard", is_own=True),
        left={"not_told": len(left)} if left else {},
    )


def _standard(kind: cleaning.Kind, written: str, ground: Ground) -> str:
    """Return the normal form of what a person says that a value means.

    Raises:
        InputError: when that is as unknown as the value.
    """
    found = cleaning.clean_value(kind, written, ground.cleaning.settings)
    if kind == "country" and "unknown" in found.flags:
        raise InputError("audit.fixes.unknown_meaning", value=written)
    return found.value


def _accepted(rows: Iterable[Row], meant: str, *, is_own: bool) -> tuple[cleaning.Accepted, ...]:
    told = {(row["kind"], row["context"], row["original"]): row[meant] for row in rows}
    return tuple(cleaning.Accepted(*key, value, is_own) for key, value in sorted(told.items()))


def _changes(ground: Ground, rows: Iterable[Row], meant: str) -> tuple[Change, ...]:
    told = {(row["profile_id"], row["field"], row["original"], row[meant]) for row in rows}
    known = _known(ground, {profile for profile, *_ in told})
    return tuple(Change(profile, known[profile], *what) for profile, *what in sorted(told))


def _fold(written: str) -> str:
    return " ".join(written.casefold().split())


# --- people -----------------------------------------------------------------------------------------------------


def _merge(ground: Ground, check: str, _choice: Choice, apart: Collection[Pair]) -> FixPlan:
    """Make those one who are there twice for certain."""
    same = find_same(ground)
    return _merging(ground, check, [pair for pair in same.pairs if pair not in apart], same.pairs)


def _merge_probable(ground: Ground, check: str, choice: Choice, _apart: Collection[Pair]) -> FixPlan:
    """Make those one of whom a search is sure enough; who was put apart was never proposed."""
    proposals = open_pairs(ground, find_same(ground))
    chosen = {number: pair for number, (pair, probability) in proposals.items() if probability >= choice.above}
    return _merging(ground, check, chosen.values(), [pair for pair, _ in proposals.values()], tuple(chosen))


def _merging(
    ground: Ground, check: str, chosen: Iterable[Pair], every: Iterable[Pair], proposals: tuple[int, ...] = ()
) -> FixPlan:
    merged = Same.of(chosen).groups
    # who is left hangs together under the numbers that will be
    afterwards = {tuple(sorted(merged.get(end, end) for end in pair)) for pair in every}
    left = {end for pair in afterwards if pair[0] != pair[1] for end in pair}
    known = _known(ground, merged)
    pairs = sorted((one, other) for other, one in merged.items() if other != one)
    return FixPlan(
        check=check,
        kind="merge_duplicates",
        changes=tuple(
            Change(other, known[other], "merge", f"#{other}", f"#{one} {known[one]}") for one, other in pairs
        ),
        count_after=len(left),
        pairs=tuple(pairs),
        proposals=proposals,
        left={"not_merged": len(left)} if left else {},
    )


def _suppress(ground: Ground, check: str, people: BitMap64, _choice: Choice) -> FixPlan:
    """Stop e-mails to every address of some people."""
    rows = ground.ask(
        """
        SELECT i.profile_id, i.kind, i.value FROM {identifiers} AS i
        WHERE i.kind = 'email' AND i.profile_id IN (SELECT profile_id FROM audit_those) ORDER BY ALL
        """,
        relations={"audit_those": _relation(people)},
    )
    left = len(people) - len({row["profile_id"] for row in rows})
    known = _known(ground, {row["profile_id"] for row in rows})
    return FixPlan(
        check=check,
        kind="suppress",
        changes=tuple(Change(r["profile_id"], known[r["profile_id"]], "stop", r["value"], "") for r in rows),
        count_after=left,
        addresses=tuple((row["kind"], row["value"]) for row in rows),
        left={"no_address": left} if left else {},
    )


def _tag(ground: Ground, check: str, people: BitMap64, choice: Choice) -> FixPlan:
    """Put a tag on some people, to look at them one by one or to hand them to another program."""
    return _tagging(ground, check, people, choice.tag or check, len(people))


def _ask(ground: Ground, check: str, people: BitMap64, choice: Choice) -> FixPlan:
    """Tag those who may lawfully be asked for their permission again; the others are told apart."""
    may = ground.those(_MAY_ASK) & people
    return _tagging(ground, check, may, choice.tag or f"ask_{check}", len(people), kind="ask_permission")


def _tagging(ground: Ground, check: str, people: BitMap64, tag: str, found: int, kind: Any = "tag") -> FixPlan:
    rows = ground.ask(
        """
        SELECT profile_id, kind, value FROM (
            SELECT i.profile_id, i.kind, i.value, row_number() OVER (
                PARTITION BY i.profile_id ORDER BY i.kind = 'anonymous_id', i.subject_id IS NULL, i.kind, i.value
            ) AS place
            FROM {identifiers} AS i WHERE i.profile_id IN (SELECT profile_id FROM audit_those)
        ) WHERE place = 1 ORDER BY ALL
        """,
        relations={"audit_those": _relation(people)},
    )
    known = _known(ground, {row["profile_id"] for row in rows})
    left = found - len(rows)
    return FixPlan(
        check=check,
        kind=kind,
        changes=tuple(Change(row["profile_id"], known[row["profile_id"]], "tag", "", tag) for row in rows),
        # a tag mends nothing
        count_after=found,
        addresses=tuple((row["kind"], row["value"]) for row in rows),
        tag=tag,
        left={"may_not_ask" if kind == "ask_permission" else "no_address": left} if left else {},
    )


def _known(ground: Ground, people: Iterable[int]) -> dict[int, str]:
    """Return how people are known: e-mail, else phone, else customer id."""
    rows = ground.ask(
        "SELECT profile_id, coalesce(email, phone, customer_id, loyalty_card, '#' || profile_id) AS known_as"
        " FROM {profiles} WHERE profile_id IN (SELECT profile_id FROM audit_those)",
        relations={"audit_those": _relation(people)},
    )
    return {row["profile_id"]: row["known_as"] for row in rows}


def _relation(people: Iterable[int]) -> Any:
    import pyarrow as pa

    return pa.table({"profile_id": pa.array(sorted(people), pa.int64())})
