"""The score by itself: what each mark is, that fewer found never lowers it, and that nothing unknown counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tesela.audit import WEIGHTS, Check, Finding, Found, Unknown, give_mark, give_score, load_checks

CHECKS = list(load_checks().values())
MARKED = [check for check in CHECKS if check.part]
PEOPLE = 1_000


def score_of(counts: dict[str, int]) -> Decimal:
    findings = [
        Finding(check=check, answer=answer, mark=give_mark(check, answer, PEOPLE))
        for check in CHECKS
        for answer in [
            Found(counts[check.key], PEOPLE) if check.key in counts else Unknown("nobody"),
        ]
    ]
    value = give_score(findings, CHECKS).value
    assert value is not None
    return value


def test_weights_make_a_whole() -> None:
    assert sum(WEIGHTS.values()) == 100
    assert {check.part for check in MARKED} <= set(WEIGHTS)
    assert all(check.weight > 0 and 0 < check.anchor <= 1 for check in MARKED)


@pytest.mark.parametrize("check", MARKED, ids=lambda check: check.key)
def test_fewer_found_never_lowers_the_score(check: Check) -> None:
    counts = {each.key: 100 for each in MARKED}
    scores = [score_of({**counts, check.key: n}) for n in (1000, 999, 700, 400, 200, 100, 50, 10, 3, 1, 0)]
    assert scores == sorted(scores)
    assert scores[0] < scores[-1]


@pytest.mark.parametrize("check", MARKED, ids=lambda check: check.key)
def test_the_mark_falls_in_a_straight_line_to_its_anchor(check: Check) -> None:
    def mark(share: Decimal) -> Decimal | None:
        return give_mark(check, Found(int(share * 1_000_000), 1_000_000, marked_of=1_000_000), PEOPLE)

    assert mark(Decimal(0)) == 100
    assert mark(check.anchor) == 0
    assert mark(check.anchor / 2) == pytest.approx(Decimal(50), abs=Decimal("0.1"))


def test_nothing_found_is_a_hundred_and_everything_nothing() -> None:
    assert score_of({check.key: 0 for check in MARKED}) == 100
    assert score_of({check.key: PEOPLE for check in MARKED}) == 0


def test_what_is_unknown_counts_neither_for_nor_against() -> None:
    some = [check for check in MARKED if check.part == "engaged"]
    alone = score_of({check.key: 100 for check in some})
    findings = [
        Finding(check=check, answer=Found(100, PEOPLE), mark=give_mark(check, Found(100, PEOPLE), PEOPLE))
        for check in some
    ]
    score = give_score(findings, CHECKS)
    assert score.value == pytest.approx(alone)
    parts = {part.key: part.value for part in score.parts}
    assert parts["engaged"] == pytest.approx(alone)
    assert {key for key, value in parts.items() if value is None} == set(WEIGHTS) - {"engaged"}
    assert score.known == Decimal(WEIGHTS["engaged"]) / 100


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.key)
def test_every_check_says_everything_in_both_languages(check: Check) -> None:
    for language in ("es", "en"):
        for what in ("name", "description", "why", "advice", "reason"):
            assert getattr(check, what)[language].strip(), (what, language)
        assert bool(check.source.get(language)) == bool(check.source)
    assert check.warn <= check.bad
    assert bool(check.when) != bool(check.probe)
