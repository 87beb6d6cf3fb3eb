"""Discovery through the front doors: rules planted in a shop are found, chance is not, results are ordinary rules."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyroaring import BitMap64

import tesela as library
from flows.command_line import answer, tesela
from tesela.base import InputError, NotFoundError
from tesela.segments import MemberSets
from tesela.segments.discovery import describe_group, propose_conditions

PLANTED = "never email_opened in last 90 days and did product_viewed"
SHUFFLES = 12


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> library.Workspace:
    folder = tmp_path_factory.mktemp("discovery") / "shop"
    workspace, _ = library.demo(folder, profiles=1_200, days=400, seed=9)
    yield workspace  # type: ignore[misc]
    workspace.close()


def test_a_planted_rule_is_the_first_that_is_found(demo: library.Workspace) -> None:
    noisy = f'({PLANTED} and not sample(10%, "some")) or sample(2%, "others")'
    found = demo.segments.discover(noisy, own=True)
    first = found.findings[0]
    assert set(first.conditions) == set(PLANTED.split(" and "))
    assert first.lift > 1
    assert first.held_size < first.size < found.base
    for each in found.findings:
        size = demo.segments.count(each.rule)
        assert (size.count, size.base) == (each.size, found.base)
        assert demo.segments.count(f"({each.rule}) and ({noisy})").count == each.hits
        assert each.precision == pytest.approx(each.hits / each.size)
        assert each.recall == pytest.approx(each.hits / found.group)
        assert each.size >= max(20, found.base // 100)
        assert each.p_value <= 0.01


def test_what_the_rule_itself_asks_is_left_out(demo: library.Workspace) -> None:
    found = demo.segments.discover("sum(order_completed.amount) >= 100")
    assert found.left_out == ("orders",)
    assert found.findings
    told = " ".join(each.rule for each in found.findings)
    assert not any(word in told for word in ("order_completed", "product_purchased", "rfm."))
    assert any("order_completed" in each.rule for each in demo.segments.discover("did product_added").findings)


def test_nothing_is_found_where_membership_was_drawn(demo: library.Workspace) -> None:
    moment = demo.segments.moment(None)
    engine, zone = demo._stores.engine, demo.settings.zone
    texts = [each.text for each in propose_conditions(engine, as_of=moment, least=20)]
    assert len(texts) > 200
    rules = {f"r{place}": text for place, text in enumerate(texts)}
    sets = MemberSets.at(engine, rules, as_of=moment, zone=zone)
    holds = [sets.of(name) for name in rules]
    base = np.array(list(sets.base))
    random = np.random.default_rng(3)
    found = 0
    for _ in range(SHUFFLES):
        drawn = BitMap64(random.choice(base, len(base) // 5, replace=False).tolist())
        found += bool(describe_group(sets.base, drawn, texts, holds)[0])
    assert found <= 1, "each by itself at most once in a hundred"


def test_a_group_too_small_or_too_large_is_refused(demo: library.Workspace) -> None:
    for rule in ('city = "Nowhere"', "count(page_viewed) >= 0"):
        with pytest.raises(InputError, match="at least 20 must be in it"):
            demo.segments.discover(rule)
    with pytest.raises(InputError, match="from 1 to 4"):
        demo.segments.discover("did order_completed", most=5)
    with pytest.raises(NotFoundError, match="page_vieved"):
        demo.segments.discover("did order_completed", more=["did page_vieved"])


def test_the_command_says_the_same_and_saves_a_rule(demo: library.Workspace, tmp_path: Path) -> None:
    library.backup(demo.folder, tmp_path / "shop.tar")
    folder = tmp_path / "shop"
    tesela("restore", tmp_path / "shop.tar", folder)
    asked = ("segments", "discover", PLANTED, "--own", "--workspace", folder)
    told = answer(*asked, "--save", 1, "--as", "quiet_readers")
    assert told["saved"] == "quiet_readers"
    assert told["findings"][0]["rule"] == demo.segments.discover(PLANTED, own=True).findings[0].rule
    shown = tesela("segments", "show", "quiet_readers", "--workspace", folder).stdout
    assert "opened no e-mail" in shown
    count = answer("count", "quiet_readers", "--workspace", folder)
    assert count["count"] == told["findings"][0]["size"]
    spanish = tesela("--lang", "es", *asked, "--condition", "age >= 18", "--limit", 2).stdout
    assert "personas son del grupo" in spanish
    assert "Cada persona" in spanish
    refused = tesela(*asked, "--save", 99, "--as", "x", check=False)
    assert (refused.returncode, "There is no rule 99" in refused.stderr) == (2, True)
    assert tesela(*asked, "--save", 1, check=False).returncode == 2
    nothing = tesela("segments", "discover", 'sample(20%, "drawn")', "--workspace", folder)
    assert "better than chance" in nothing.stderr
