"""Who sees every list, every file and every row, and knows who answered in which order, does no better than chance."""

import datetime as dt
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feedback import anonymous, export, sealed
from feedback.models import Answer, Comment, Response, Revision
from ground.models import Organisation, Team, User
from surveys import expiry
from surveys.models import Agent, Invitation, Survey
from tests.feedback.answering import answer

Make = Callable[..., Invitation]
Login = Callable[..., Client]
WORDS = re.compile(r"№\d+")
DAYS = 3
# So far from chance lies one in a million runs, tried in some thirty ways.
FAR = 5.5
pytestmark = pytest.mark.django_db


@pytest.fixture
def played(
    survey: Survey, make_invitation: Make, team: Team, other_team: Team, login: Login, administrator: User
) -> Callable[[int], "Played"]:
    Survey.objects.filter(pk=survey.pk).update(is_anonymous=True)
    survey.refresh_from_db()
    return lambda seed: Played(seed, [team, other_team], make_invitation, login(administrator), administrator)


class Played:
    """Two teams whose customers are asked, and answer over some days; what each wrote is told apart by its number."""

    def __init__(self, seed: int, teams: list[Team], make: Make, desk: Client, reader: User) -> None:
        self.draw, self.desk, self.reader = random.Random(seed), desk, reader
        agents = [Agent.objects.create(external_id=f"a{seed}-{team.pk}", team=team) for team in teams]
        self.asked = [
            make(team=(team := self.draw.choice(teams)), agent=self.draw.choice([None, agents[teams.index(team)]]),
                 reason=f"r{self.draw.randrange(4)}", channel=self.draw.choice(["phone", "chat"]))
            for _number in range(self.draw.randrange(24, 40))
        ]  # fmt: skip
        begin = timezone.now().astimezone(Organisation.current().timezone).replace(hour=9, minute=0)
        Invitation.objects.update(expires_at=begin + dt.timedelta(days=30))
        self.said: dict[int, str] = {}  # in the order in which they answered
        for number, invitation in enumerate(self.draw.sample(self.asked, len(self.asked) - 4)):
            at = begin + dt.timedelta(days=number * DAYS // len(self.asked), minutes=7 * number)
            with time_machine.travel(at, tick=False):
                browser = Client(HTTP_USER_AGENT=f"browser {self.draw.randrange(9)}")
                answer(browser, invitation, self.draw.randint(1, 5), comment=f"№{number}")
            self.said[invitation.pk] = f"№{number}"
        expiry.mix_anonymous()

    def orders(self) -> dict[str, list[str]]:
        """What they wrote in the order of each list, file and table."""
        texts = dict(Comment.objects.values_list("response", "text"))
        by_key: dict[type[models.Model], str] = {Response: "pk", Comment: "response", Revision: "response",
                                                 Answer: "response"}  # fmt: skip
        found = {}
        for model, column in by_key.items():
            keys = model._default_manager.order_by("pk").values_list(column, flat=True)
            found[f"keys of {model.__name__}"] = [texts[key] for key in keys]
        with connection.cursor() as cursor:  # as they lie in the table
            cursor.execute("SELECT id FROM feedback_response")
            found["storage"] = [texts[pk] for (pk,) in cursor.fetchall()]
        for name in ("response", "comment"):
            page = self.desk.get(reverse(f"admin:feedback_{name}_changelist"))
            found[f"list of {name}s"] = WORDS.findall(page.content.decode())
            order = export.Order(what=f"{name}s", form="csv", params={}, with_personal=True, language="ru",
                                 zone="Europe/Moscow")  # fmt: skip
            with export.at_once(order, author=self.reader) as file:
                found[f"file of {name}s"] = WORDS.findall(file.read().decode())
        return {name: list(dict.fromkeys(order)) for name, order in found.items()}

    def guessed(self, order: Sequence[str], known: Sequence[int]) -> tuple[int, float]:
        """Lead the first who answered to the first in this order, within a team and from day to day: how many were
        found, and how many chance finds, which knows teams and days, too."""
        team_of = {invitation.pk: invitation.team_id for invitation in self.asked}
        told = {text: (team, at) for text, team, at in Comment.objects.values_list("text", "team", "said_at")}
        groups = Counter(told.values())
        hits, chance = 0, 0.0
        for team in sorted(set(team_of.values())):
            people = [pk for pk in known if team_of[pk] == team]
            texts = sorted((text for text in order if told[text][0] == team), key=lambda text: told[text][1])
            for pk, text in zip(people, texts, strict=False):
                hits += self.said[pk] == text
                chance += (told.get(self.said[pk]) == told[text]) / groups[told[text]]
        return hits, chance


Tokens = dict[str, set[int]]


def tokens_of(row: models.Model) -> set[str]:
    """What may be found in two places: where a row leads to, and values too long to be alike by chance."""
    found = {f"{row._meta.label}:{row.pk}"}
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if column.related_model and value is not None:
            found.add(f"{column.related_model._meta.label}:{value}")  # type: ignore[union-attr]
        elif value is not None and len(str(value)) >= 10:
            found.add(str(value))
    return found


def owned(roots: Mapping[int, Iterable[models.Model]]) -> Tokens:
    """Each value that is one root's alone, and whose."""
    holders: Tokens = defaultdict(set)
    for root, rows in roots.items():
        for row in rows:
            for token in tokens_of(row):
                holders[token].add(root)
    return {token: owners for token, owners in holders.items() if len(owners) == 1}


def joined() -> list[str]:
    """Rows of any table that name one invitation, or its contact or customer, and one answer as well."""
    asked = owned({
        one.pk: [one, one.interaction, one.customer]
        for one in Invitation.objects.select_related("interaction", "customer") if one.customer
    })  # fmt: skip
    given = owned({
        one.pk: [one, *one.comments.all(), *one.revisions.all(), *Answer.objects.filter(response=one)]
        for one in Response.objects.all()
    })  # fmt: skip
    assert len(asked) > Invitation.objects.count() and len(given) > Response.objects.count()
    found = []
    for model in apps.get_models():
        for row in model._default_manager.all():
            inner = " ".join(tokens_of(row))  # one may stand within another: in a text, in JSON
            if any(one in inner for one in asked) and any(one in inner for one in given):
                found.append(f"{model.__name__} {row.pk}")
    return found


def attacked(played: Callable[[int], Played], *, trials: int) -> tuple[dict[str, tuple[int, float]], list[str]]:
    """For each way of linking how many were found in all trials, and how many by chance; and rows that name both."""
    found: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])
    rows: list[str] = []
    for seed in range(trials):
        with transaction.atomic():
            one = played(seed)
            answered, asked = list(one.said), [invitation.pk for invitation in one.asked if invitation.pk in one.said]
            for name, order in one.orders().items():
                for way, known in (("as they answered", answered), ("as they were asked", asked)):
                    for turned, texts in (("", order), (" backwards", order[::-1])):
                        hits, chance = one.guessed(texts, known)
                        found[f"{name}{turned} {way}"][0] += hits
                        found[f"{name}{turned} {way}"][1] += chance
            rows += joined()
            transaction.set_rollback(True)
    return {name: (int(hits), chance) for name, (hits, chance) in found.items()}, rows


def better_than_chance(found: dict[str, tuple[int, float]]) -> list[str]:
    return [
        f"{name}: {hits}, by chance {chance:.0f}"
        for name, (hits, chance) in found.items() if hits > chance + FAR * math.sqrt(chance) + 2
    ]  # fmt: skip


@pytest.mark.parametrize("trials", [3, pytest.param(200, marks=[pytest.mark.campaign, pytest.mark.e2e])])
def test_no_order_time_or_value_leads_back(played: Callable[[int], Played], capsys: Any, trials: int) -> None:
    found, rows = attacked(played, trials=trials)
    with capsys.disabled():
        best = max(found, key=lambda name: found[name][0] - found[name][1])
        print(f"\nlinker: {trials} trials, {len(found)} ways, found at best {found[best][0]} ({best}), by chance "  # noqa: T201
              f"{found[best][1]:.0f}; rows that name both {len(rows)}")  # fmt: skip
    assert all(chance > trials for _hits, chance in found.values()), found
    assert better_than_chance(found) == [] and rows == []


def test_an_answer_with_a_name_is_joined(client: Client, make_invitation: Make) -> None:
    answer(client, make_invitation(), 4, comment="№1")
    answer(client, make_invitation(), 2, comment="№2")
    assert len(joined()) >= 2


def test_the_linker_finds_those_who_are_told_in_order(
    played: Callable[[int], Played], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = iter(range(anonymous.FIRST, anonymous.LAST))
    monkeypatch.setattr(anonymous, "_key", lambda model: next(keys))
    monkeypatch.setattr(sealed, "_mixed", lambda rows: sorted(rows, key=lambda row: row.pk))
    found, _rows = attacked(played, trials=2)
    told = better_than_chance(found)
    assert any("keys of Response" in one for one in told) and any("file of comments" in one for one in told), found
