"""Targets from files, and whether they are met."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tesela.base import InputError, TeselaError
from tesela.measurement import Measurement, Status, Target, find_metric, load_targets

if TYPE_CHECKING:
    from pathlib import Path


def loaded(folder: Path, written: str) -> list[Target]:
    (folder / "targets.yaml").write_text(written, "utf-8")
    return load_targets(folder, ["loyal"])


def test_targets_are_read(tmp_path: Path) -> None:
    assert load_targets(tmp_path / "absent", []) == []
    found = loaded(
        tmp_path,
        """
loyal:
  repeat_rate: {at_least: 60 %}
  average_order_value: {at_least: 45.5}
base:
  complaint_rate: {at_most: 0.001}
  open_rate: {at_least: "22,5 %"}
""",
    )
    assert [(each.segment, each.metric.key, each.direction, each.value) for each in found] == [
        ("loyal", "repeat_rate", "at_least", Decimal("0.6")),
        ("loyal", "average_order_value", "at_least", Decimal("45.5")),
        ("base", "complaint_rate", "at_most", Decimal("0.001")),
        ("base", "open_rate", "at_least", Decimal("0.225")),
    ]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("nobody: {size: {at_least: 1}}", "nobody"),
        ("loyal: {repeat: {at_least: 1}}", "repeat_rate"),
        ("loyal: {size: 5}", "size"),
        ("loyal: {size: {at_least: many}}", "many"),
        ("loyal: {size: {at_least: yes}}", "yes"),
        ("loyal: {size: {at_least: .nan}}", "size"),
        ("loyal: {size: {at_least: 1, at_most: 2}}", "size"),
        ("loyal: {size: {over: 1}}", "over"),
        ("loyal: [size]", "size"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_place(tmp_path: Path, written: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, written)
    for language in ("en", "es"):
        told = caught.value.message(language) + (caught.value.hint(language) or "")  # type: ignore[arg-type]
        assert "targets.yaml" in told
        assert reason in told
    assert isinstance(caught.value, TeselaError)


@pytest.mark.parametrize(
    ("direction", "ends", "status"),
    [
        ("at_least", ("0.5", "0.55", "0.6"), "met"),
        ("at_least", ("0.3", "0.35", "0.4"), "missed"),
        ("at_least", ("0.4", "0.5", "0.6"), "open"),
        ("at_most", ("0.3", "0.35", "0.4"), "met"),
        ("at_most", ("0.6", "0.65", "0.7"), "missed"),
        ("at_most", ("0.4", "0.5", "0.6"), "open"),
        ("at_least", (None, "0.6", None), "met"),
        ("at_least", (None, "0.4", None), "missed"),
        ("at_most", (None, None, None), "unknown"),
    ],
)
def test_a_target_is_met_when_its_whole_interval_is(
    direction: str, ends: tuple[str | None, ...], status: Status
) -> None:
    low, value, high = (None if end is None else Decimal(end) for end in ends)
    metric = find_metric("repeat_rate")
    target = Target("loyal", metric, direction, Decimal("0.5"))  # type: ignore[arg-type]
    measured = Measurement(metric=metric, scope="loyal", value=value, low=low, high=high, n=9, people=9)
    assert target.judge(measured) == status
