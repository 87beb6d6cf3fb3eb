"""Files of segments are read again when, and only when, one of them was written since."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tesela.base import InputError
from tesela.segments.definitions import load_segments

if TYPE_CHECKING:
    from pathlib import Path


def rules(folder: Path) -> dict[str, str]:
    return {each.slug: each.when for each in load_segments(folder)}


def test_a_file_written_again_at_once_with_as_many_letters_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    for number in range(10, 60):
        file.write_text(f"buyers:\n  when: count(order_completed) >= {number}\n", "utf-8")
        assert rules(tmp_path) == {"buyers": f"count(order_completed) >= {number}"}


def test_what_lies_there_unchanged_is_kept_and_what_came_or_went_is_seen(tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.yaml" for name in ("one", "two")]
    for file in files:
        file.write_text(f"{file.stem}:\n  when: did order_completed\n", "utf-8")
        os.utime(file, ns=(0, time.time_ns() - 10**9))
    first = load_segments(tmp_path)
    assert all(kept is read for kept, read in zip(load_segments(tmp_path), first, strict=True))
    # whoever is given the list may change it
    first.clear()
    assert set(rules(tmp_path)) == {"one", "two"}
    files[0].unlink()
    assert set(rules(tmp_path)) == {"two"}
    files[1].write_text("two:\n  when: never order_completed\n", "utf-8")
    os.utime(files[1], ns=(0, time.time_ns() - 10**9))
    assert rules(tmp_path) == {"two": "never order_completed"}


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "lost.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"lost\.yaml"):
        load_segments(tmp_path)
