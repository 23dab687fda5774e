"""What the published schema lets a program send, and some that it does not: no 5xx, and no reply it does not know."""

import json
from collections import Counter
from typing import Any

import pytest
import requests
import schemathesis
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from ground.models import Team
from tests.hostile.world import CLIENT, World, make_world

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support"),
]
HOST = "http://testserver"
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.fixture
def world(organisation: Any, team: Team) -> World:
    return make_world(team)


def send(case: Case, world: World) -> Response:
    """Send the case as a program would."""
    asked = requests.Request(**case.as_transport_kwargs(HOST)).prepare()
    headers = {name: value for name, value in asked.headers.items() if name.lower() not in ("authorization", "host")}
    came = CLIENT.generic(
        asked.method or "GET", asked.path_url, asked.body or b"", asked.headers.get("Content-Type", ""),
        headers=headers | world.authorised,
    )  # fmt: skip
    told = {name.lower(): [value] for name, value in came.headers.items()}
    return Response(came.status_code, told, came.content, asked, elapsed=0.0, verify=False)


@pytest.mark.parametrize("cases", [300, pytest.param(3000, marks=[pytest.mark.campaign, pytest.mark.e2e])])
def test_no_case_of_the_schema_breaks_the_api(world: World, capsys: Any, cases: int) -> None:
    """Half of the cases keep to the schema, half of them break it in some place."""
    raw = json.loads(Client().get("/api/schema/?format=json").content)
    operations = [found.ok() for found in schemathesis.openapi.from_dict(raw).get_all_operations()]
    statuses, broken = Counter[int](), []

    def try_all(operation: Any, mode: GenerationMode, count: int) -> None:
        @settings(max_examples=count, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(operation.as_strategy(generation_mode=mode))
        def tried(case: Case) -> None:
            with transaction.atomic():
                reply = send(case, world)
                transaction.set_rollback(True)
            statuses[reply.status_code] += 1
            try:
                case.validate_response(reply, checks=CHECKS)
            except FailureGroup as group:
                told = "; ".join(f"{fault.title}: {fault.message}" for fault in group.exceptions)
                broken.append(f"{operation.label} {case.body!r:.200}: {reply.status_code} {told:.300}")

        tried()

    ways = [(operation, mode) for operation in operations for mode in GenerationMode
            if mode == GenerationMode.POSITIVE or operation.body or operation.query]  # fmt: skip
    for operation, mode in ways:
        try_all(operation, mode, 1 + cases // len(ways))
    with capsys.disabled():
        print(f"\nschema, {connection.vendor}: {statuses.total()} inputs sent to {len(operations)} operations, broken "  # noqa: T201
              f"{len(broken)}: {dict(statuses)}")  # fmt: skip
    assert broken == []
