"""The API keeps to its own description, whoever asks and whatever is sent; no request makes the server fail."""

from __future__ import annotations

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from doors.a_served_shop import API, ROLES, AServedShop

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("TESELA_REQUESTS", "12"))
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
# what ends a session, waits for a job's end, or would lock names for everybody
LEFT_OUT = {("DELETE", f"{API}/session"), ("GET", f"{API}/jobs/{{job_id}}/events"), ("POST", f"{API}/session")}


@pytest.fixture(scope="module")
def operations(served: AServedShop) -> list[schemathesis.APIOperation]:  # type: ignore[type-arg]
    described = schemathesis.openapi.from_asgi(f"{API}/openapi.json", served.app)
    found = [each.ok() for each in described.get_all_operations()]
    return [each for each in found if (each.method.upper(), each.path) not in LEFT_OUT]


@pytest.mark.parametrize("role", ROLES)
def test_no_request_breaks_the_server_or_its_description(
    served: AServedShop,
    operations: list[schemathesis.APIOperation],
    role: str,  # type: ignore[type-arg]
) -> None:
    asked, cookies = 0, dict[str, str]()
    for operation in operations:
        # a request may have changed somebody's password, and so ended her session
        cookies.update(served.by(role, again=True).cookies)

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def run(case: schemathesis.Case) -> None:
            nonlocal asked
            asked += 1
            told = case.call(cookies=cookies)
            case.validate_response(told, checks=list(CHECKS))

        from hypothesis import given

        given(case=operation.as_strategy())(run)()
    assert asked >= len(operations)


def test_every_route_is_described_with_what_it_takes_and_answers(served: AServedShop) -> None:
    described = served.app.openapi()
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            assert told.get("summary"), (method, path)
            assert told.get("description"), (method, path)
            assert {"400", "401", "403", "404"} <= told["responses"].keys(), (method, path)
