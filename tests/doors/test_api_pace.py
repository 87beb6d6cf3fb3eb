"""Whoever floods the API is told to wait, with how long; others and other kinds of request are not held up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.a_served_shop import API
from tesela.base import RefusedError
from tesela.interfaces.http.pace import PACE

if TYPE_CHECKING:
    from doors.a_served_shop import AServedShop


def test_a_flood_of_exports_has_to_wait(served: AServedShop) -> None:
    most, window = PACE["exports"]
    asked = {"form": "csv", "channel": "email"}
    for _ in range(most):
        assert served.by("editor").post(f"{API}/segments/buyers/export", json=asked).status_code == 200
    noted = len(served.workspace.access.taken_out())
    told = served.by("editor").post(f"{API}/segments/buyers/export", json=asked)
    assert told.status_code == 429
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["code"] == "interfaces.http.too_often"
    assert 1 <= int(told.headers["retry-after"]) <= window
    assert told.headers["retry-after"] in told.json()["detail"]
    # nothing was taken out, and in her language she is told so
    assert len(served.workspace.access.taken_out()) == noted
    spanish = served.by("editor").post(f"{API}/segments/buyers/export?lang=es", json=asked)
    assert "Espera" in spanish.json()["detail"]
    assert served.by("admin").post(f"{API}/segments/buyers/export", json=asked).status_code == 200
    assert served.by("editor").get(f"{API}/people?q=ana").status_code == 200


def test_a_flood_of_counts_has_to_wait_and_typing_does_not(served: AServedShop) -> None:
    most, window = PACE["counts"]
    # somebody who types without a pause, five times a second, each time read and counted
    assert most >= 2 * window * 5 * 2
    typed = [served.ask("editor", "POST", "/rules/read", json={"rule": "did order_complted"}) for _ in range(50)]
    assert all(each["mistake"] for each in typed)
    # the rest of the flood comes faster than a busy machine answers
    editor = next(each.holder for each in served.workspace.access.list_users() if each.name == "editor")
    pace = served.app.state.server.pace
    with pytest.raises(RefusedError):
        for _ in range(most):
            pace.take("counts", editor)
    told = served.by("editor").post(f"{API}/rules/count", json={"rule": "did order_completed"})
    assert told.status_code == 429
    assert 1 <= int(told.headers["retry-after"]) <= window
    assert served.ask("admin", "POST", "/rules/count", json={"rule": "did order_completed"})["count"] > 0


def test_wrong_passwords_are_told_how_long_to_wait(served: AServedShop) -> None:
    for _ in range(6):
        told = served.by("nobody").post(f"{API}/session", json={"name": "otra", "password": "no es esta"})
    assert (told.status_code, told.headers["retry-after"]) == (429, "900")
