"""Two teams beside each other: nobody of one meets a word of the other's, nor notices that its rows exist."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.serializers import serialize
from django.db import models
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from analytics import rollups
from analytics.models import Annotation, Incident
from feedback import exclusions, search, tags
from feedback.models import (
    Comment,
    CommentTag,
    Exclusion,
    Idea,
    IdeaComment,
    Label,
    Note,
    Response,
    Revision,
    SavedView,
    Tag,
    Theme,
    ThemeRound,
)
from ground import audit
from ground.models import ApiKey, Job, Membership, Notice, Outgoing, Role, Team, User
from surveys.models import Agent, Customer, Interaction, Invitation, Link, Message, Skip, Survey
from tests import factories
from tests.config.reading import label, make_comment, make_response

pytestmark = pytest.mark.django_db
MOMENT = dt.datetime(2026, 3, 18, 9, 0, tzinfo=dt.UTC)
COMMON = "ожидание"  # a word that the texts of both teams hold
SECRETS = ("000-11-22", "lena@home.example", "1111 1111", "Зульфия")
PERSONAL = "тел. +7 999 000-11-22, lena@home.example, карта 4111 1111 1111 1111, медсестра Зульфия"
# Pages that show nobody's rows, and addresses that the walk makes in its own way.
PUBLIC = {"admin:login", "admin:logout", "admin:jsi18n"}
# Addresses that name another kind than their key's, or none.
KINDS = {
    "admin/feedback/comment/views/<": "feedback/savedview",
    "admin/deviations/<": "analytics/incident",
    "admin/agents/<": "surveys/agent",
}
OTHERS = {
    "admin:view_on_site": [],  # no model has a page of its own on the site
    "admin:app_list": ["admin/feedback/", "admin/surveys/", "admin/ground/"],
    "desk:": ["admin/feedback/"],
    "admin:": ["admin/nothing/here/"],
    "desk:notification_target": ["admin/notifications/own/telegram/", "admin/notifications/shared/telegram/"],
    # Its ticket is signed for one person; a forged one is told here, another's in test_admin_imports.
    "admin:surveys_interaction_columns": ["admin/surveys/interaction/import/forged/"],
}


class World:
    """One team with a row of everything, each text of it with the team's own word."""

    def __init__(self, team: Team, word: str, survey: Survey) -> None:
        self.team, self.word = team, word
        self.people = {role: self.person(role) for role in (Role.VIEWER, Role.AGENT, Role.MANAGER)}
        self.agent = Agent.objects.create(external_id=f"{word}-a", team=team, user=self.people[Role.AGENT])
        self.customer = Customer.objects.create(email=f"{word}@customer.example", attributes={word: word})
        self.rows: list[models.Model] = [team, self.agent, self.customer]
        self.serve(self.customer, survey)
        self.desk()
        for row in self.rows:
            self.mark(row)
        labels_of = Comment.objects.filter(team=team)
        search.remember(dict(labels_of.values_list("pk", "lemmas")))

    def person(self, role: str) -> User:
        user = User.objects.create_user(f"{role}-{self.word}@example.org", "correct horse battery", name=self.word)
        Membership.objects.create(user=user, team=self.team, role=role)
        return user

    def serve(self, customer: Customer, survey: Survey) -> None:
        """An answered contact, with everything around it."""
        at, who = timezone.now() - dt.timedelta(days=1), {"team": self.team, "agent": self.agent, "channel": "phone"}
        text = f"{COMMON} {self.word}, {PERSONAL}"
        response = make_response(survey, text=text, at=at, customer=customer, **who)
        invitation = response.invitation
        interaction = invitation.interaction
        interaction.tags, interaction.attributes = [self.word], {self.word: self.word}
        interaction.events.create(kind=self.word, at=at, agent=self.agent)
        decision = interaction.decisions.create(closing=1, outcome="send", trace=[{"check": self.word, "passed": True}])
        message = invitation.messages.create(channel="email", address=f"{self.word}@customer.example", state="failed")
        doubtful = factories.make_invitation(survey, customer=customer, state="uncertain", **who)
        review = make_comment(text=text, customer=customer, said_at=at, **who)
        make_response(survey, text=text, at=at, customer=customer, evidence="held", held_for="sweep", **who)
        for comment in (response.comment, review):
            label(comment)
        self.rows += [interaction, invitation, doubtful, decision, message, response, response.comment, review]
        if customer == self.customer:  # what concerns a customer is for all who have served them
            customer.pauses.create(source=self.word, created_at=at)
            customer.consents.create(act="granted", text=self.word, source=self.word, at=at)
        doubtful.interaction.skip = Skip.objects.create(interaction=doubtful.interaction, agent=self.agent, at=at)
        link = Link.objects.create(
            survey=survey, team=self.team, agent=self.agent, public_key=f"{self.word}{doubtful.pk}"
        )
        self.rows += [doubtful.interaction.skip, link]
        self.rows += [*response.revisions.all(), *Label.objects.filter(comment__in=[response.comment, review])]

    def desk(self) -> None:
        """What the team's manager keeps beside the rows."""
        manager = self.people[Role.MANAGER]
        comment, review = Comment.objects.filter(team=self.team).order_by("pk")[:2]
        note = Note.objects.create(comment=comment, author=manager, text=self.word)
        note.mentions.set([self.people[Role.VIEWER]])
        tag, _fresh = tags.add(comment, f"{self.word} tag", author=manager)
        exclusions.exclude(review, reason="test", note=self.word, by=manager)
        view = SavedView.objects.create(owner=manager, name=self.word, query=f"q={self.word}")
        SavedView.objects.create(owner=manager, name="shared", query=f"team={self.team.pk}", is_shared=True)
        order = {"what": "comments", "form": "csv", "params": {"q": self.word}, "with_personal": False,
                 "language": "ru", "zone": "UTC"}  # fmt: skip
        files = {name: f"{self.word}.{name}" for name in ("file", "ids", "rows")}
        job = Job.objects.create(kind="export", author=manager, params={"order": order} | files)
        Notice.objects.create(user=manager, kind="mention", key=self.word, due_at=timezone.now())
        mail = Outgoing.objects.create(user=manager, address=manager.email, subject=self.word, text=self.word)
        key, _secret = ApiKey.objects.create_key(name=self.word, team=self.team)
        audit.note("contact.shown", by=manager, subject=self.customer)
        idea = Idea.objects.create(title=self.word, note=self.word, owner=manager)
        IdeaComment.objects.create(comment=review, idea=idea, author=manager, end=5)
        looked, _fresh = ThemeRound.objects.get_or_create(days=28, defaults={"until": MOMENT, "finished_at": MOMENT})
        theme = Theme.objects.create(round=looked, phrase=self.word, words=self.word, others=[self.word], position=0,
                                     in_window=9, in_base=1, lift=5, p_adjusted=0.01)  # fmt: skip
        theme.found.create(comment=review)
        odd = Incident.objects.create(metric="csat", team=self.team, direction="down", kind="spike",
                                      began_on=MOMENT, first_day=MOMENT, last_day=MOMENT)  # fmt: skip
        noted = Annotation.objects.create(team=self.team, kind="outage", start=MOMENT, end=MOMENT, text=self.word)
        self.rows += [note, tag, view, mail, key, idea, theme, odd, noted]
        self.jobs = [job]

    def mark(self, row: models.Model) -> None:
        """Put the word into every free text of the row that does not hold it."""
        for field in row._meta.concrete_fields:
            told = str(getattr(row, field.name))
            if self.is_free_text(field) and self.word not in told:
                both = f"{told} {self.word}".strip()
                setattr(row, field.name, both if len(both) <= (field.max_length or 5000) else self.word)
        row.save()

    def is_free_text(self, field: Any) -> bool:
        """Whether somebody's words stand there: neither choices nor what only the machine writes."""
        if not isinstance(field, models.CharField | models.TextField) or isinstance(field, models.EmailField):
            return False
        codes = ("language", "scale", "channel", "status", "state", "lemmas", "prefix", "value", "message_id")
        is_code = field.primary_key or field.name in codes or field.name.endswith(("hash", "lease", "timezone", "key"))
        return not field.choices and not is_code and len(self.word) <= (field.max_length or 5000)

    def keys(self) -> dict[str, list[Any]]:
        """The keys of its rows by the model's part of an address."""
        found: dict[str, list[Any]] = {"ground/user": [person.pk for person in self.people.values()]}
        for row in self.rows:
            found.setdefault(f"{row._meta.app_label}/{row._meta.model_name}", []).append(row.pk)
        return found


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Nothing on a page moves with the clock."""
    cache.clear()
    with time_machine.travel(MOMENT, tick=False):
        yield


@pytest.fixture
def ours(organisation: Any, survey: Survey) -> World:
    return World(Team.objects.create(code="a", name="Первая"), "ourword", survey)


@pytest.fixture
def theirs(ours: World, survey: Survey) -> World:
    world = World(Team.objects.create(code="b", name="Вторая"), "theirword", survey)
    world.serve(ours.customer, survey)  # both have served this one
    for row in world.rows:
        if row != ours.customer:
            world.mark(row)
    while rollups.roll_up():
        pass
    return world


def routes(patterns: Any = None, namespace: str = "", before: str = "") -> Iterator[tuple[str, str]]:
    """The name and the pattern of every address under /admin/."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from routes(pattern.url_patterns, pattern.namespace or namespace, path)
        elif path.startswith("admin/"):
            yield f"{namespace}:{pattern.name or ''}" if namespace else str(pattern.name), path


def addresses(name: str, path: str, world: World) -> list[str] | None:
    """The addresses of a route for the rows of a world; None for a route that nobody has thought of."""
    of_row = re.fullmatch(r"admin/(?:(\w+/\w+)|jobs)/<[^>]+>(/.*)", path)
    kind = next((kind for begin, kind in KINDS.items() if path.startswith(begin)), of_row[1] if of_row else None)
    if of_row or kind:
        keys = world.keys().get(kind) if kind else [job.pk for job in world.jobs]
        return None if keys is None else [re.sub(r"<[^>]+>", str(key), path) for key in keys]
    if name in OTHERS:
        return OTHERS[name]
    return None if re.search(r"[<(^]", path) else [path]


# Kinds of rows that belong to the whole organisation: their pages are closed to a team's people, whichever row it is.
OF_ALL = (
    "surveys/survey/", "surveys/surveyversion/", "surveys/sendingrule/", "surveys/suppression/", "feedback/topic/",
    "ground/organisation/", "ground/auditentry/", "ground/calendar/", "surveys/askingpolicy/",
    "surveys/pause/", "surveys/gateway/", "surveys/erasurerequest/", "feedback/response/draft/",
    "analytics/servicelevel/", "surveys/segment/",
)  # fmt: skip
SEARCHED = [f"?q={COMMON}", "?state=open", "?before=999999", "?after=1", "?s=a", f"?q={COMMON}&class=negative"]


def walk(world: World) -> Iterator[str]:
    """Every address of the desk with this world's rows."""
    for name, path in routes():
        if name in PUBLIC:
            continue
        if any(kind in path for kind in OF_ALL) and "<" in path:
            yield "/" + re.sub(r"<[^>]+>", "1", path)
            continue
        found = addresses(name, path, world)
        assert found is not None, f"{name} ({path}) is not covered here: tell how its addresses are made"
        yield from (f"/{address}" for address in found)


def lists() -> list[str]:
    """Every page without a key, and the lists with searches and filters."""
    plain = [f"/{path}" for name, path in routes() if not re.search(r"[<(^]", path) and name not in PUBLIC]
    pages = [page for page in plain if "add/" not in page]
    return pages + [page + more for page in pages for more in SEARCHED if page.count("/") == 4]


def fetch(client: Client, address: str) -> str:
    reply = client.get(address)
    content = reply.getvalue() if reply.streaming else reply.content
    return f"{reply.status_code} {reply.headers.get('Location', '')} {content.decode('utf-8', 'replace')}"


def snapshot() -> str:
    kept = (Interaction, Invitation, Message, Response, Revision, Comment, Label, Note, CommentTag, Exclusion, Agent,
            Customer, Tag, SavedView, ApiKey, User, Idea, IdeaComment, Theme, Annotation,
            Incident)  # fmt: skip
    return "".join(serialize("json", model.objects.order_by("pk")) for model in kept)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT, Role.MANAGER])
def test_no_page_shows_a_word_of_the_other_team_nor_personal_data_of_ones_own(
    ours: World, theirs: World, role: str
) -> None:
    client = Client()
    client.force_login(ours.people[role])
    for address in dict.fromkeys([*walk(ours), *walk(theirs), *lists()]):
        if not address.endswith("/language/"):
            shown = fetch(client, address)
            assert theirs.word not in shown, address
            assert not [secret for secret in SECRETS if secret in shown], address


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT, Role.MANAGER])
def test_no_post_reaches_a_row_of_the_other_team(ours: World, theirs: World, role: str) -> None:
    client = Client()
    client.force_login(ours.people[role])
    before = snapshot()
    form = {"post": "yes", "yes": "yes", "tone": "mixed", "topic": "speed", "seen": "0", "reason": "test", "text": "x",
            "tag": "x", "name": "x", "note": "x"}  # fmt: skip
    shared = {f"/admin/surveys/customer/{ours.customer.pk}/"}
    for address in dict.fromkeys(walk(theirs)):
        if re.search(r"/\d+/", address) and not any(address.startswith(own) for own in shared):
            reply = client.post(address, form)
            assert reply.status_code in (302, 403, 404, 405), (address, reply.status_code)
            assert theirs.word not in reply.content.decode(), address
    assert snapshot() == before
    assert not Job.objects.exclude(cancelled_at=None).exists()


def test_the_walk_would_meet_the_word(ours: World, theirs: World) -> None:
    """The other team's own manager and an administrator do meet it, on most kinds of pages."""
    administrator = User.objects.create_user("admin@example.org", "correct horse battery")
    Membership.objects.create(user=administrator, team=None, role=Role.ADMINISTRATOR)
    for person, least in ((theirs.people[Role.MANAGER], 15), (administrator, 25)):
        client = Client()
        client.force_login(person)
        met = {re.sub(r"\d+", "1", address) for address in walk(theirs) if theirs.word in fetch(client, address)}
        assert len(met) >= least, sorted(met)


def still_page(text: str) -> str:
    """A page without what is fresh on every one: the tokens against forgery, for scripts and for a bulk act."""
    text = re.sub(r'(csrfmiddlewaretoken" value=|nonce=|name="token" value=)"[^"]*"', "", text)
    return re.sub(r'"X-CSRFToken": "[^"]*"', "", text)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT, Role.MANAGER])
def test_more_rows_of_the_other_team_change_no_byte(ours: World, theirs: World, survey: Survey, role: str) -> None:
    client = Client()
    client.force_login(ours.people[role])
    own_rows = [f"/admin/feedback/comment/{pk}/change/" for pk in ours.keys()["feedback/comment"]]
    own_rows += [f"/admin/surveys/customer/{ours.customer.pk}/change/", reverse("analytics:dashboard") + "?period=90"]
    pages = [*lists(), *own_rows]
    [fetch(client, address) for address in own_rows]  # opening a comment reads it
    cache.clear()  # and the sidebar's counts are remembered for a while
    before = {address: still_page(fetch(client, address)) for address in pages}
    for _more in range(3):
        theirs.serve(ours.customer, survey)
    World(Team.objects.create(code="c", name="Третья"), "thirdword", survey)
    while rollups.roll_up():
        pass
    cache.clear()
    for address, text in before.items():
        assert still_page(fetch(client, address)) == text, address
