"""A demo shop behind the HTTP API, with somebody of each role."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

import tesela
from tesela.interfaces.http import create_app
from tesela.workspace import make_demo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from fastapi import FastAPI

    from tesela.workspace import Workspace

PASSWORD = "una contraseña larga"  # noqa: S105 of a shop that lives for a test
ROLES = ("nobody", "viewer", "editor", "admin")
API = "/api/v1"


def make_shop(folder: Path) -> datetime:
    """Make a demo shop, run its main job, and return the moment just after its last day."""
    workspace, moment = make_demo(folder, profiles=400, days=365)
    with workspace:
        workspace.jobs.run(moment)
    return moment


@dataclass
class AClock:
    """A clock that goes on by a thousandth of a second each time somebody looks: what is done is done before it."""

    moment: datetime

    def now(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment


@dataclass
class AServedShop:
    """A shop that is served.

    Attributes:
        workspace: The open workspace.
        app: What serves it.
        moment: What its clock says.
    """

    workspace: Workspace
    app: FastAPI
    moment: datetime
    _clients: dict[str, TestClient] = field(default_factory=dict)

    @classmethod
    def served(cls, folder: Path, moment: datetime) -> Iterator[AServedShop]:
        """Yield the shop of a folder while it is served."""
        with tesela.open(folder, clock=AClock(moment)) as workspace:
            app = create_app(workspace)
            shop = cls(workspace, app, moment)
            with TestClient(app, base_url="http://127.0.0.1:8377") as first:
                gate = workspace.access
                secret = gate.setup_secret()
                assert secret
                gate.set_up(secret, name="admin", password=PASSWORD, language="en")
                for role in ("viewer", "editor"):
                    gate.add_user(role, PASSWORD, role, language="en")
                shop._clients["nobody"] = first
                yield shop

    def by(self, role: str, *, again: bool = False) -> TestClient:
        """Return a browser in which somebody of a role has signed in; with `again`, with what was changed undone."""
        if again and role != "nobody":
            self._clients.pop(role, None)
            gate = self.workspace.access
            known = {each.name: each for each in gate.list_users()}
            gate.change_user(known[role].id, role=role, password=PASSWORD)
        if role not in self._clients:
            client = TestClient(self.app, base_url="http://127.0.0.1:8377")
            told = client.post(f"{API}/session", json={"name": role, "password": PASSWORD})
            assert told.status_code == 201, told.text
            self._clients[role] = client
        return self._clients[role]

    def ask(self, role: str, method: str, path: str, code: int = 200, **how: Any) -> Any:
        """Return what is answered to a role, as JSON when it is; the status must be as expected."""
        told = self.by(role).request(method, f"{API}{path}", **how)
        assert told.status_code == code, f"{told.status_code}: {told.text}"
        return told.json() if told.content and "json" in told.headers.get("content-type", "") else told
