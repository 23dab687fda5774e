"""The cast: an organisation, two teams, the people in them, a customer and two surveys."""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from django.utils import timezone
from hypothesis import HealthCheck, settings
from rest_framework.test import APIClient

from feedback import search
from feedback.understanding.artefact import keep_to_one_core
from ground import remembered
from ground.models import ApiKey, Membership, Organisation, Role, Team, User
from surveys import public_links
from surveys.models import Agent, AskingPolicy, Customer, Interaction, Invitation, Link, SendingRule, Survey
from surveys.starters import CSAT, NPS, start_survey
from tests import factories
from tests.browsing import browser
from tests.mailing import smtp

__all__ = ["browser", "smtp"]

# As many tests run at once as there are cores, and what a test starts beside it: a second thread of numpy's took two
# thirds of the CPU of distilling to wait for the first.
keep_to_one_core()
# A busy machine makes examples slowly, and that is no fault of theirs.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """A test that commits leaves the rows of the migrations behind it, once.

    Django brings them back before a test that asks for them, and after one that does not, a signal writes some of them
    anew: when such tests follow each other in one process, the rows are missing or there twice. It also empties each
    of a hundred tables, of which a test fills a few.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        quoted = {table: connection.ops.quote_name(table) for table in tables}
        migrated = connection.creation.serialize_db_to_string()
        known = {table: rows for table in tables if (rows := _rows(cursor, quoted[table]))}
    are_filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted[name]})" for name in tables)

    def empty(case: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            is_changed = any(_rows(cursor, quoted[table]) != rows for table, rows in known.items())
            if connection.vendor == "postgresql":  # the order of the tables is no matter, nor who may delete
                cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(are_filled)
            for (table,) in cursor.fetchall():
                if is_changed or table not in known:
                    cursor.execute(f"DELETE FROM {quoted[table]}")
            if connection.vendor == "sqlite":  # no model's table: its words would be found in the next test's comments
                cursor.execute(f"DELETE FROM {search.TABLE}")
                search.squeeze()
        if is_changed:
            connection.creation.deserialize_db_from_string(migrated)

    TransactionTestCase._fixture_teardown = empty  # type: ignore[attr-defined]
    # On a busy machine many at once wait long for each other; who is to give up sooner is told so by its test.
    options = connection.settings_dict["OPTIONS"]
    (options["pool"] if connection.vendor == "postgresql" else options)["timeout"] = 20
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()


def _rows(cursor: Any, table: str) -> list[tuple]:
    cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
    return cursor.fetchall()


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """A password costs a fifth of a second to hash as it should be; the cast alone has four."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine everything takes long, and a test must not see what was so before."""
    monkeypatch.setattr(remembered, "COSTLY_SECONDS", float("inf"))


@pytest.fixture
def early() -> Iterator[None]:
    """The clock at the beginning of this hour: no window of a limit, and no step of a code, ends within the test."""
    with time_machine.travel(timezone.now().replace(minute=0, second=1)):
        yield


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


def make_organisation() -> Organisation:
    """Mail may leave at any hour, so that a test needs no clock."""
    AskingPolicy.objects.create(
        days=[*range(7)], send_from=dt.time(), send_until=dt.time(), skips_holidays=False, rolling_maximum=1000
    )
    return Organisation.objects.create(
        name="Маяк", legal_name="ООО «Маяк»", postal_address="190000, Санкт-Петербург", language="ru"
    )


@pytest.fixture
def team(organisation: Organisation) -> Team:
    return make_team()


def make_team() -> Team:
    return Team.objects.create(code="first-line", name="Первая линия")


@pytest.fixture
def other_team(organisation: Organisation) -> Team:
    return make_other_team()


def make_other_team() -> Team:
    return Team.objects.create(code="returns", name="Возвраты")


def _person(email: str, role: str, team: Team | None) -> User:
    user = User.objects.create_user(email, "correct horse battery", name=email.split("@")[0].title())
    Membership.objects.create(user=user, team=team, role=role)
    return user


@pytest.fixture
def administrator(organisation: Organisation) -> User:
    return _person("admin@example.org", Role.ADMINISTRATOR, None)


@pytest.fixture
def manager(team: Team) -> User:
    return _person("manager@example.org", Role.MANAGER, team)


@pytest.fixture
def outsider(other_team: Team) -> User:
    """A manager of the other team."""
    return _person("outsider@example.org", Role.MANAGER, other_team)


@pytest.fixture
def viewer(team: Team) -> User:
    return _person("viewer@example.org", Role.VIEWER, team)


@pytest.fixture
def agent(team: Team) -> Agent:
    return Agent.objects.create(external_id="a1", name="Д. Климов", team=team)


@pytest.fixture
def customer(organisation: Organisation) -> Customer:
    return Customer.objects.create(
        external_id="c-olga", name="Ольга Т.", email="olga@example.org", phone="+7 900 000-00-00", language="ru"
    )


@pytest.fixture
def survey(organisation: Organisation) -> Survey:
    """CSAT, published, Russian and English."""
    return start_survey(CSAT, code="support", name="CSAT")


@pytest.fixture
def nps_survey(organisation: Organisation) -> Survey:
    return start_survey(NPS, code="loyalty", name="NPS")


@pytest.fixture
def rule(survey: Survey) -> SendingRule:
    return SendingRule.objects.create(name="Support", survey=survey, delay_minutes=0)


@pytest.fixture
def make_interaction(organisation: Organisation) -> Callable[..., Interaction]:
    return factories.make_interaction


@pytest.fixture
def make_invitation(survey: Survey) -> Callable[..., Invitation]:
    return partial(factories.make_invitation, survey)


@pytest.fixture
def template(survey: Survey, team: Team) -> Link:
    """A link that a help desk builds for each of its tickets."""
    return Link.objects.create(
        kind="template", label="Zendesk", survey=survey, team=team, source="zendesk", channel="email",
        public_key=public_links.new_key(),
    )  # fmt: skip


@pytest.fixture
def api(organisation: Organisation) -> APIClient:
    """An API client with a key of the whole organisation."""
    _key, secret = ApiKey.objects.create_key(name="crm")
    return client_with_key(secret)


@pytest.fixture
def team_api(team: Team) -> APIClient:
    """An API client whose key belongs to one team."""
    _key, secret = ApiKey.objects.create_key(name="team crm", team=team)
    return client_with_key(secret)


def client_with_key(secret: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {secret}")
    return client


@pytest.fixture
def login(client: Client) -> Callable[[User], Client]:
    def as_user(user: User, **defaults: Any) -> Client:
        client.force_login(user)
        session = client.session
        session["seen"] = timezone.now().isoformat()  # as a log-in notes it: else the first page would
        session.save()
        return client

    return as_user
