"""Who may come in by the API, and what each may do there: every route asked by every role."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

import tesela
from doors.a_served_shop import API, PASSWORD, ROLES, AServedShop
from tesela.base import FixedClock, RefusedError

if TYPE_CHECKING:
    from pathlib import Path

# the right that each route takes; what is not here takes none
NEEDED = {
    "read": {
        *("GET /home", "GET /rfm", "GET /map/overlap", "GET /map/flows", "GET /segments", "GET /segments/{slug}"),
        *("GET /segments/{slug}/history", "GET /segments/{slug}/kpis"),
        *(
            "GET /segments/{slug}/reachable",
            "POST /rules/read",
            "POST /rules/count",
            "GET /rules/names",
        ),
        *("GET /catalog", "GET /catalog/{name}", "GET /imports", "GET /jobs", "GET /jobs/{job_id}"),
        *("GET /jobs/{job_id}/events", "GET /audit", "GET /audit/history", "GET /audit/checks"),
        "GET /audit/fixes",
        "GET /settings",
        "GET /imports/{load_id}/rejected",
        *("GET /rfm/movement", "GET /rfm/revenue"),
        "GET /segments/{slug}/versions",
    },
    "personal": {
        *("GET /segments/{slug}/members", "POST /segments/{slug}/export", "GET /people", "GET /people/{profile_id}"),
        *("GET /people/{profile_id}/explain", "POST /audit/fixes/{check}/preview", "POST /segments/{slug}/preview"),
        *("POST /rules/kpis", "GET /audit/report", "POST /imports/{load_id}/rejected/export"),
        "GET /segments/{slug}/versions/{fingerprint}/preview",
    },
    "write": {
        *("PUT /segments/{slug}", "DELETE /segments/{slug}", "POST /catalog/{name}", "POST /people/merge"),
        *("POST /people/unmerge", "POST /people/acts/{number}/undo", "POST /uploads", "POST /imports/propose"),
        *("POST /audit/fixes/{check}", "POST /audit/fixes/{number}/undo"),
        "POST /segments/{slug}/versions/{fingerprint}/restore",
        "POST /imports/{load_id}/replay",
        *("POST /imports", "POST /imports/{load_id}/undo", "POST /jobs", "DELETE /jobs/{job_id}"),
    },
    "admin": {
        *("GET /users", "POST /users", "PATCH /users/{user_id}", "DELETE /users/{user_id}", "GET /keys", "POST /keys"),
        *("DELETE /keys/{key_id}", "GET /taken-out", "POST /people/export", "POST /people/erase"),
        "PATCH /settings",
    },
}
FREE = {"GET /session", "POST /session", "DELETE /session", "PATCH /session/user", "POST /setup"}
MAY = {"nobody": set(), "viewer": {"read"}, "editor": {"read", "personal", "write"}, "admin": set(NEEDED)}
BODIES = {
    "POST /segments/{slug}/preview": {"rule": "never order_completed"},
    "POST /segments/{slug}/export": {"channel": "email"},
    "POST /rules/read": {"rule": "did order_completed"},
    "POST /rules/count": {"rule": "did order_completed"},
    "POST /rules/kpis": {"rule": "did order_completed"},
    "PUT /segments/{slug}": {"rule": "did order_completed", "replace": True},
    "POST /people/merge": {"one": "#0", "other": "#999999"},
    "POST /people/unmerge": {"one": "#0", "other": "#999999"},
    "POST /imports/propose": {"upload": "not-there-x", "kind": "contacts"},
    "POST /imports": {"upload": "not-there-x", "kind": "contacts"},
    "POST /jobs": {"kind": "refresh"},
    "POST /imports/{load_id}/replay": {},
    "POST /users": {"name": "x", "password": "y", "role": "viewer"},
    "PATCH /users/{user_id}": {},
    "PATCH /settings": {"values": {}},
    "POST /keys": {"name": "a key", "scopes": ["read"]},
    "POST /people/export": {"who": "#999999"},
    "POST /people/erase": {"who": "#999999"},
    "POST /catalog/{name}": {},
    "POST /audit/fixes/{check}/preview": {},
    "POST /audit/fixes/{check}": {},
}
PLACES = {"slug": "buyers", "name": "no_such_entry", "job_id": "999", "profile_id": "999999", "number": "999"}
PLACES |= {"check": "no_such_check", "load_id": "999", "user_id": "999", "key_id": "999"}
PLACES |= {"fingerprint": "0000"}


def routes(served: AServedShop) -> set[str]:
    """Return every route of the API as `GET /path`."""
    told = served.app.openapi()["paths"]
    return {f"{method.upper()} {path.removeprefix(API)}" for path, methods in told.items() for method in methods}


def test_every_route_has_its_right(served: AServedShop) -> None:
    assert routes(served) == FREE.union(*NEEDED.values())


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_what_its_rights_allow_and_nothing_else(served: AServedShop, role: str) -> None:
    client = served.by(role)
    for right, those in NEEDED.items():
        for route in sorted(those):
            method, path = route.split(" ")
            # what a definition of the shop says must stand for the other tests
            if route == "DELETE /segments/{slug}" and right in MAY[role]:
                path = path.format(slug="no_such_segment")
            asked = API + re.sub(r"\{(\w+)\}", lambda found: PLACES[found[1]], path)
            if path.endswith("/explain"):
                asked += "?segment=buyers"
            told = client.request(method, asked, json=BODIES.get(route)) if method != "GET" else client.get(asked)
            refused = told.status_code == 403 and told.json()["code"] == "workspace.access.not_allowed"
            if role == "nobody":
                assert told.status_code == 401, (route, told.text)
            else:
                assert told.status_code not in (401, 500), (route, told.text)
                # the form of a request is looked at first where a file must be in it
                assert refused == (right not in MAY[role]) or told.status_code == 422, (route, told.text)


def test_what_a_handful_of_people_is_worth_is_not_told_to_a_viewer(served: AServedShop) -> None:
    rule = {"rule": "sum(order_completed.amount) > 2000"}
    served.ask("editor", "PUT", "/segments/a_handful", json=rule)
    try:
        assert served.ask("editor", "GET", "/segments/a_handful/kpis")["figures"]
        assert served.ask("viewer", "GET", "/segments/a_handful/kpis")["figures"] == []
        assert served.ask("viewer", "GET", "/segments/buyers/kpis")["figures"]
    finally:
        served.ask("editor", "DELETE", "/segments/a_handful", 204)


def test_a_viewer_may_see_people_when_an_admin_allows_it(served: AServedShop) -> None:
    made = {"name": "lucia", "password": PASSWORD, "role": "viewer", "language": "es"}
    user = served.ask("admin", "POST", "/users", 201, json=made)
    served.ask("lucia", "GET", "/people", 403)
    served.ask("admin", "PATCH", f"/users/{user['id']}", json={"sees_personal": True})
    # what she may do has changed: she signs in anew
    served.ask("lucia", "GET", "/people", 401)
    served.ask("lucia", "POST", "/session", 201, json={"name": "lucia", "password": PASSWORD})
    assert served.ask("lucia", "GET", "/people")["total"] > 0
    served.ask("lucia", "POST", "/jobs", 403, json={"kind": "run"})
    served.ask("admin", "DELETE", f"/users/{user['id']}", 204)
    served.ask("lucia", "GET", "/people", 401)


def test_problems_are_told_in_the_readers_language(served: AServedShop) -> None:
    spanish = served.by("nobody").get(f"{API}/segments", headers={"accept-language": "es-MX,es;q=0.9"})
    assert spanish.headers["content-type"] == "application/problem+json"
    assert spanish.json()["title"] == "No se ha iniciado sesión."
    english = served.by("nobody").get(f"{API}/segments", headers={"accept-language": "fr, en;q=0.5"}).json()
    assert english["title"] == "Nobody has signed in."
    assert english["status"] == 401
    told = served.ask("admin", "GET", "/segments/byers", 404)
    assert told["code"] == "segments.not_defined"
    assert "buyers" in told["detail"] + told["title"]


def test_what_another_site_makes_a_browser_send_is_refused(served: AServedShop) -> None:
    client = served.by("admin")
    body = {"kind": "refresh"}
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
    ):
        told = client.post(f"{API}/jobs", json=body, headers=headers)
        assert (told.status_code, told.json()["code"]) == (403, "interfaces.http.other_site")
    own = {"origin": "http://127.0.0.1:8377", "sec-fetch-site": "same-origin"}
    assert client.post(f"{API}/jobs", json=body, headers=own).status_code == 202
    assert client.get(f"{API}/home", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_answers_carry_headers_that_keep_others_out(served: AServedShop) -> None:
    for told in (served.by("nobody").get(f"{API}/session"), served.by("nobody").get("/nowhere")):
        policy = told.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self';" in policy
        assert told.headers["x-content-type-options"] == "nosniff"
    # what is told of the shop is kept by no one but the browser that asked, and never without asking again
    assert served.by("nobody").get(f"{API}/session").headers["cache-control"] == "private, no-cache"
    assert served.by("nobody").get(f"{API}/home").headers["cache-control"] == "no-store"


def test_the_cookie_is_out_of_reach_of_scripts_and_ends_with_the_session(served: AServedShop) -> None:
    client = TestClient(served.app, base_url="http://127.0.0.1:8377")
    told = client.post(f"{API}/session", json={"name": "editor", "password": PASSWORD})
    cookie = told.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    kept = dict(client.cookies)
    assert client.get(f"{API}/session").json()["user"]["name"] == "editor"
    assert client.delete(f"{API}/session").status_code == 204
    # a copy of the cookie opens nothing any more
    again = TestClient(served.app, base_url="http://127.0.0.1:8377", cookies=kept)
    assert again.get(f"{API}/session").json()["user"] is None
    assert again.get(f"{API}/home").status_code == 401


def test_a_key_does_what_its_scopes_allow_until_it_is_removed(served: AServedShop) -> None:
    made = served.ask("admin", "POST", "/keys", 201, json={"name": "informes", "scopes": ["read"]})
    assert made["secret"].startswith("tsl_")
    assert made["hint"] == made["secret"][:10]
    program = TestClient(
        served.app, base_url="http://127.0.0.1:8377", headers={"authorization": f"Bearer {made['secret']}"}
    )
    assert program.get(f"{API}/home").status_code == 200
    assert program.get(f"{API}/people").status_code == 403
    assert program.post(f"{API}/jobs", json={"kind": "run"}).status_code == 403
    listed = served.ask("admin", "GET", "/keys")
    assert "informes" in [each["name"] for each in listed]
    assert not any("secret" in each for each in listed)
    assert made["secret"] not in str(listed)
    served.ask("admin", "DELETE", f"/keys/{made['id']}", 204)
    assert program.get(f"{API}/home").status_code == 401


def test_passwords_and_secrets_stand_nowhere_in_the_files(served: AServedShop) -> None:
    made = served.ask("admin", "POST", "/keys", 201, json={"name": "uno", "scopes": ["read"]})
    session = served.by("editor").cookies["tesela_session"]
    for path in served.workspace.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for secret in (PASSWORD, made["secret"], session):
                assert secret.encode() not in content, path
    served.ask("admin", "DELETE", f"/keys/{made['id']}", 204)


def test_wrong_passwords_have_to_wait(served: AServedShop) -> None:
    client = TestClient(served.app, base_url="http://127.0.0.1:8377")
    for _ in range(5):
        told = client.post(f"{API}/session", json={"name": "nadie", "password": "wrong password"})
        assert (told.status_code, told.json()["code"]) == (401, "workspace.access.wrong_password")
    told = client.post(f"{API}/session", json={"name": "nadie", "password": "wrong password"})
    assert (told.status_code, told.json()["code"]) == (429, "workspace.access.too_many_tries")
    # another one still comes in from there
    assert client.post(f"{API}/session", json={"name": "editor", "password": PASSWORD}).status_code == 201


def test_the_last_admin_stays(served: AServedShop) -> None:
    admin = next(each for each in served.ask("admin", "GET", "/users") if each["name"] == "admin")
    assert served.ask("admin", "DELETE", f"/users/{admin['id']}", 409)["code"] == "workspace.access.last_admin"
    told = served.ask("admin", "PATCH", f"/users/{admin['id']}", 409, json={"role": "viewer"})
    assert told["code"] == "workspace.access.last_admin"


def test_a_bad_name_or_password_is_told(served: AServedShop) -> None:
    for bad, code in (
        ({"name": "  ", "password": PASSWORD}, "workspace.access.bad_name"),
        ({"name": "a\nb", "password": PASSWORD}, "workspace.access.bad_name"),
        ({"name": "corta", "password": "corta"}, "workspace.access.bad_password"),
    ):
        assert served.ask("admin", "POST", "/users", 400, json={**bad, "role": "viewer"})["code"] == code
    taken = {"name": "editor", "password": PASSWORD, "role": "viewer"}
    assert served.ask("admin", "POST", "/users", 409, json=taken)["code"] == "workspace.access.name_taken"


def test_the_setup_link_works_once_and_a_session_ends_after_its_time(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    tesela.init(folder).close()
    moment = datetime(2026, 11, 28, 12)
    with tesela.open(folder, clock=FixedClock(moment)) as workspace:
        gate = workspace.access
        secret = gate.setup_secret()
        assert secret
        with pytest.raises(RefusedError):
            gate.set_up("guessed", name="marta", password=PASSWORD, language="es")
        session = gate.set_up(secret, name="marta", password=PASSWORD, language="es")
        assert gate.setup_secret() is None
        with pytest.raises(tesela.TeselaError, match="setup link"):
            gate.set_up(secret, name="otra", password=PASSWORD, language="es")
        user = gate.user_of(session)
        assert user is not None
        assert (user.name, user.role) == ("marta", "admin")
    for later, is_in in ((timedelta(days=1), True), (timedelta(days=4), False)):
        with tesela.open(folder, clock=FixedClock(moment + later)) as workspace:
            assert (workspace.access.user_of(session) is not None) == is_in
