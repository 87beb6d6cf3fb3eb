"""The audit against its truth: planted defects are found and counted exactly, the clean twin raises nothing.

Both shops come in by the front doors. Of every check precision and recall are computed against `truth/defects.json` and
printed (`pytest -s`): whom it found, of those it should have found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import tesela
from tesela.events import simulate
from tesela.profiles import IDENTIFIERS
from tesela.warehouse import statement

pytestmark = pytest.mark.slow

PEOPLE, DAYS, SEED = 1_500, 365, 7
AS_OF = "2026-11-23"

# what a shop cannot have beside all the others: a base that grows by a bought list does not shrink
ELSEWHERE = {"shrinking"}
# told by a search of its own, which weighs evidence and does not count
SEARCHED = {"duplicates_probable"}
# of these the samples say what was sent or read, and not its number in the file
UNNAMED = {"rows_rejected", "impossible_durations", "complaints", "machine_opens", "unsubscribes_rising"}


class Shop(NamedTuple):
    """A shop that came in, with its truth and its audit."""

    workspace: Any
    truth: dict[str, dict[str, Any]]
    audit: Any


def bring_in(folder: Path, defects: str) -> Shop:
    files = folder / "files"
    simulate(files, profiles=PEOPLE, days=DAYS, seed=SEED, defects=defects)  # type: ignore[arg-type]
    told = json.loads((files / "shop.json").read_text("utf-8"))
    workspace = tesela.init(folder / "shop", timezone=told["time_zone"])
    for each in told["imports"]:
        workspace.imports.run(each["kind"], files / each["file"], name=each["source"])
    listed = told["exclusion_list"]
    workspace.suppression.import_list(listed["name"], files / listed["file"], dated_on=listed["dated_on"])
    workspace.matching.find()
    truth = json.loads((files / "truth" / "defects.json").read_text("utf-8"))
    return Shop(workspace, truth, workspace.audit.run(AS_OF))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = bring_in(tmp_path_factory.mktemp("planted"), "planted")
    yield shop
    shop.workspace.close()


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = bring_in(tmp_path_factory.mktemp("twin"), "none")
    yield shop
    shop.workspace.close()


def people_of(shop: Shop, keys: list[str]) -> set[int]:
    """Return the profiles that customer ids and addresses mean."""
    asked = statement("SELECT kind, value, profile_id FROM {identifiers}", tables={"identifiers": IDENTIFIERS})
    rows = shop.workspace._stores.warehouse.query(asked).to_pylist()
    known = {(row["kind"], row["value"]): row["profile_id"] for row in rows}
    found = {next((known[kind, k] for kind in ("customer_id", "email") if (kind, k) in known), -1) for k in keys}
    assert -1 not in found, f"nobody is known as one of {keys[:5]}"
    return found


class Score(NamedTuple):
    """How a check did."""

    check: str
    unit: str
    truth: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.truth


def judge(shop: Shop, key: str) -> Score:
    told, finding = shop.truth[key], shop.audit.of(key)
    assert finding.found is not None, f"{key}: {finding.answer}"
    assert finding.check.unit == told["unit"]
    if told["unit"] != "people":
        # counted, and not named one by one: every sample must be one of them
        named = [any(each in sample for each in told["keys"]) for sample in finding.found.samples]
        assert key in UNNAMED or all(named), finding.found.samples
        return Score(key, told["unit"], told["count"], finding.count, min(told["count"], finding.count))
    people = people_of(shop, told["keys"])
    assert len(people) == told["count"], key
    found = set(finding.found.people)
    assert len(found) == finding.count
    return Score(key, told["unit"], len(people), len(found), len(people & found))


def test_every_planted_defect_is_found_and_counted_exactly(planted: Shop) -> None:
    scores = [judge(planted, key) for key in sorted(planted.truth)]
    print(f"\n{'check':<28}{'unit':<10}{'truth':>7}{'found':>7}{'precision':>11}{'recall':>8}")
    for each in scores:
        told = f"{each.check:<28}{each.unit:<10}{each.truth:>7}{each.found:>7}"
        print(f"{told}{each.precision:>11.3f}{each.recall:>8.3f}")
    wrong = [each for each in scores if (each.precision, each.recall) != (1.0, 1.0) and each.check not in SEARCHED]
    assert not wrong
    [searched] = [each for each in scores if each.check in SEARCHED]
    assert searched.recall > 0.9 and searched.precision > 0.9


def test_every_check_has_a_defect_planted_for_it(planted: Shop) -> None:
    assert set(planted.truth) | ELSEWHERE == set(planted.workspace.audit.checks())


def test_the_clean_twin_raises_nothing(twin: Shop) -> None:
    raised = {each.check.key: each.count for each in twin.audit.findings if each.severity not in ("ok", "unknown")}
    assert raised == {}
    assert twin.truth == {}
    assert twin.audit.score.points == 100
    assert twin.audit.base == PEOPLE
    # where everybody has bought there is nobody to ask about non-buyers; where nobody has left, nothing is known of
    # leaving; and a search that proposed nobody says nothing
    unknown = {each.check.key for each in twin.audit.findings if each.severity == "unknown"}
    assert unknown <= {"non_buyers_by_age", "shrinking", "unsubscribes_rising", "duplicates_probable"}


def test_the_planted_shop_scores_less_in_every_part(planted: Shop, twin: Shop) -> None:
    for part, whole in zip(planted.audit.score.parts, twin.audit.score.parts, strict=True):
        assert whole.value is not None and part.value is not None
        assert part.value < whole.value, part.key


def test_the_same_seed_plants_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "again"):
        simulate(tmp_path / name, profiles=1_000, days=60, seed=3, defects="planted")
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(files) > 15
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "again" / path).read_bytes(), path


def test_a_base_that_loses_more_than_it_wins_shrinks(tmp_path: Path) -> None:
    old = [f"p{n}@gmail.com,2024-03-{1 + n % 28:02d}" for n in range(100)]
    new = [f"n{n}@gmail.com,2026-03-{1 + n:02d}" for n in range(5)]
    contacts, mail = tmp_path / "contacts.csv", tmp_path / "mail.csv"
    contacts.write_text("\n".join(["email,created_at", *old, *new]) + "\n", "utf-8")
    left = [f"m{n},unsubscribed,p{n}@gmail.com,2026-0{1 + n % 9}-15 10:00:00" for n in range(60)]
    earlier = [f"e{n},unsubscribed,p{n}@gmail.com,2025-01-15 10:00:00" for n in range(60, 70)]
    mail.write_text("\n".join(["message_id,event,email,timestamp", *left, *earlier]) + "\n", "utf-8")
    with tesela.init(tmp_path / "shop") as workspace:
        workspace.imports.run("contacts", contacts, name="shop")
        workspace.imports.run("email-events", mail, name="mail")
        shrinking = workspace.audit.run(AS_OF).of("shrinking")
    # sixty went and five came; ten had gone before
    assert (shrinking.count, shrinking.found.of) == (60 - 5, 100 - 10)
    assert shrinking.severity == "bad"
