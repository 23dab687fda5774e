"""Two teams beside each other, every address there is with the rows of either, and what a caller is answered."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.serializers import serialize
from django.db import models, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from analytics.models import Annotation, Incident, ServiceLevel
from feedback import exclusions, saved_views, search, tags
from feedback.models import (
    Comment,
    CommentTag,
    ComplaintRule,
    Exclusion,
    Idea,
    IdeaComment,
    Label,
    MutedPhrase,
    Note,
    Reaction,
    Response,
    Revision,
    SavedView,
    Tag,
    Theme,
    ThemeRound,
    Topic,
)
from ground import audit
from ground.access import scope_of
from ground.models import (
    ApiKey,
    Calendar,
    Job,
    Membership,
    Notice,
    Organisation,
    Outgoing,
    Role,
    Team,
    User,
)
from surveys import tryout
from surveys.models import (
    Agent,
    AskingPolicy,
    Customer,
    ErasureRequest,
    Gateway,
    Interaction,
    Invitation,
    Link,
    Message,
    Pause,
    Segment,
    SendingRule,
    Skip,
    Suppression,
    Survey,
)
from tests import factories
from tests.config.reading import label, make_comment, make_response

MOMENT = dt.datetime(2026, 3, 18, 9, 0, tzinfo=dt.UTC)
COMMON = "ожидание"  # a word that the texts of both teams hold
PERSONAL = "тел. +7 999 000-11-22, lena@home.example, карта 4111 1111 1111 1111, медсестра Зульфия"
SECRETS = ("000-11-22", "lena@home.example", "1111 1111", "Зульфия")
# Pages that show nobody's rows, and addresses that the walk makes in its own way.
PUBLIC = {"admin:login", "desk:login", "desk:login_code", "admin:logout", "admin:jsi18n"}
# Addresses that name another kind than their key's, or none; the first ones a part of the rows of one (`parts`).
KINDS = {
    "admin/jobs/<int:pk>/file/": "finished/job",
    "admin/surveys/link/<int:pk>/sample/": "widget/link",
    "admin/surveys/link/<int:pk>/secret/": "template/link",
    "admin/feedback/comment/views/<": "feedback/savedview",
    "admin/deviations/<": "analytics/incident",
    "admin/complaints/<": "feedback/comment",
    "admin/agents/<": "surveys/agent",
    "admin/jobs/<": "ground/job",
    "admin/feedback/response/draft/<": "surveys/surveyversion",
    "admin/surveys/sendingrule/trial/<": "trial/job",
}
OTHERS = {
    "admin:view_on_site": [],  # no model has a page of its own on the site
    "admin:app_list": ["admin/feedback/", "admin/surveys/", "admin/ground/"],
    "desk:": ["admin/feedback/"],
    "admin:": ["admin/nothing/here/"],
    "admin:autocomplete": ["admin/autocomplete/?app_label=feedback&model_name=comment&field_name=customer&term=word"],
    "desk:notification_target": ["admin/notifications/own/telegram/", "admin/notifications/shared/telegram/"],
    # Its ticket is signed for one person; a forged one is told here, another's in test_admin_imports.
    "admin:surveys_interaction_columns": ["admin/surveys/interaction/import/forged/"],
}
# Pages whose rows are named behind the question mark.
ASKED = {"admin:surveys_link_print": ("surveys/link", "link")}
SEARCHED = [f"?q={COMMON}", "?state=open&after=1", "?before=999999&class=negative&s=a"]
MISSING = 987654321
FORM = {"post": "yes", "yes": "yes", "tone": "mixed", "topic": "speed", "seen": "0", "reason": "test", "text": "x",
        "tag": "x", "name": "x", "note": "x", "format": "csv", "phrase": "1"}  # fmt: skip


class World:
    """One team with a row of everything, each text of it with the team's own word."""

    def __init__(self, team: Team, word: str, survey: Survey) -> None:
        self.team, self.word = team, word
        self.people = {role: self.person(role) for role in (Role.VIEWER, Role.AGENT, Role.MANAGER)}
        self.agent = Agent.objects.create(external_id=f"{word}-a", team=team, user=self.people[Role.AGENT])
        self.customer = Customer.objects.create(
            external_id=f"{word}-c", email=f"{word}@customer.example", attributes={word: word}
        )
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
        mine = scope_of(manager)
        saved_views.keep(f"{self.word} shared", f"q={self.word}", is_shared=True, by=manager, scope=mine)
        order = {"what": "comments", "form": "csv", "params": {"q": self.word}, "with_personal": False,
                 "language": "ru", "zone": "UTC"}  # fmt: skip
        files = {name: f"{self.word}.{name}" for name in ("file", "ids", "rows")}
        job = Job.objects.create(kind="export", author=manager, params={"order": order} | files)
        Notice.objects.create(user=manager, kind="mention", key=self.word, due_at=timezone.now())
        mail = Outgoing.objects.create(user=manager, address=manager.email, subject=self.word, text=self.word)
        key, self.secret = ApiKey.objects.create_key(name=self.word, team=self.team)
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
        done = Job.objects.create(kind="export", author=manager, params={"order": order} | files, finished_at=MOMENT)
        links = [
            Link.objects.create(kind=kind, survey=self.of("surveys/link").survey, team=self.team, agent=self.agent,
                                channel="email", public_key=f"{self.word}-{kind}")
            for kind in ("widget", "template")
        ]  # fmt: skip
        self.rows += links
        self.parts = {"finished/job": [done.pk]} | {f"{link.kind}/link": [link.pk] for link in links}

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
        codes = ("source", "language", "scale", "channel", "status", "state", "lemmas", "prefix", "value", "message_id")
        is_code = field.primary_key or field.name in codes or field.name.endswith(("hash", "lease", "timezone", "key"))
        return not field.choices and not is_code and len(self.word) <= (field.max_length or 5000)

    def of(self, kind: str) -> Any:
        """Its first row of a kind."""
        return next(row for row in self.rows if keys([row]).get(kind))

    def keys(self) -> dict[str, list[Any]]:
        return keys([*self.rows, *self.jobs, *self.people.values()]) | self.parts


class Whole:
    """A row of each kind that belongs to the whole organisation and to no team."""

    def __init__(self, survey: Survey, customer: Customer) -> None:
        at = timezone.now()
        self.rows: list[models.Model] = [
            Organisation.objects.get(), AskingPolicy.objects.get(), survey, survey.versions.get(),
            Topic.objects.all()[0],
            rule := SendingRule.objects.create(name="x", survey=survey),
            MutedPhrase.objects.create(pk=1, phrase="x", author=User.objects.all()[0]),
            Suppression.objects.create(address="x@example.org", reason="manual", source="x", created_at=at),
            Gateway.objects.create(kind="sms", name="x", url="https://example.org/", callback_key="x"),
            Pause.objects.create(customer=customer, source="x", created_at=at),
            ErasureRequest.objects.create(customer=customer, due_at=at),
            ServiceLevel.objects.create(minutes=10, solved_hours=24, since=at.date()),
            Segment.objects.create(attribute="plan"),
            ComplaintRule.objects.create(kind="score", scale="ces_7", at_most=2),
            Calendar.objects.create(name="x"),
            audit.note("mail.tested", by=None),
        ]  # fmt: skip
        self.trial = tryout.start(rule, author=None)  # type: ignore[arg-type]

    def keys(self) -> dict[str, list[Any]]:
        return keys(self.rows) | {"trial/job": [self.trial.pk]}


def keys(rows: list[models.Model]) -> dict[str, list[Any]]:
    """The keys of rows by the model's part of an address."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(f"{row._meta.app_label}/{row._meta.model_name}", []).append(row.pk)
    return found


def every_route(patterns: Any = None, namespace: str = "", before: str = "") -> Iterator[tuple[str, str]]:
    """The name and the pattern of every address there is."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield f"{namespace}:{pattern.name or ''}" if namespace else str(pattern.name), path
        else:
            yield from every_route(pattern.url_patterns, pattern.namespace or namespace, path)


def routes() -> list[tuple[str, str]]:
    """Those of the desk."""
    return [(name, path) for name, path in every_route() if path.startswith("admin/")]


def addresses(name: str, path: str, known: dict[str, list[Any]]) -> list[str]:
    """The addresses of a route for these rows; without any when the route is about rows of another kind."""
    of_row = re.fullmatch(r"admin/(\w+/\w+)/<[^>]+>(/.*)", path)
    kind = next((kind for begin, kind in KINDS.items() if path.startswith(begin)), of_row[1] if of_row else None)
    if name in OTHERS:
        return [f"/{address}" for address in OTHERS[name]]
    if name in ASKED:
        kind, word = ASKED[name]
        return [f"/{path}?{word}={key}" for key in known.get(kind, [])]
    if kind:
        plain = path.replace("<str:form>", "svg")
        return [f"/{re.sub('<[^>]+>', str(key), plain)}" for key in known.get(kind, [])]
    assert not re.search(r"[<(^]", path), f"{name} ({path}) is not covered here: tell how its addresses are made"
    return [f"/{path}"]


def walk(*rows: dict[str, list[Any]]) -> list[str]:
    """Every address of the desk with these rows."""
    found = [
        address for known in rows for name, path in routes() if name not in PUBLIC
        for address in addresses(name, path, known)
    ]  # fmt: skip
    return list(dict.fromkeys(found))


def lists() -> list[str]:
    """Every page without a key."""
    return [address for name, path in routes() if not re.search(r"[<(^]", path) and name not in PUBLIC
            for address in [f"/{path}"] if "add/" not in address and address != "/admin/language/"]  # fmt: skip


def ways(page: str) -> list[str]:
    """What else is seen of a page that opens: searched, narrowed, and as a file."""
    if page.count("/") == 4:
        return [page + more for more in SEARCHED]
    return [page + "?format=csv", page + "?s=a"]


def choosing() -> list[str]:
    """Every field whose choices can be looked up while one types."""
    return [
        "/admin/autocomplete/?" + f"app_label={model._meta.app_label}&model_name={model._meta.model_name}"
        f"&field_name={field.name}&term={term}"
        for model in admin.site._registry for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created for term in ("", "word")
    ]  # fmt: skip


def acts(known: dict[str, list[Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every act upon chosen rows of a list, as the form of the list sends it."""
    for model, page in admin.site._registry.items():
        names = [getattr(act, "__name__", act) for act in page.actions or []]
        chosen = known.get(f"{model._meta.app_label}/{model._meta.model_name}", [MISSING])
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for name in [*names, "delete_selected"]:
            yield address, {"action": name, "_selected_action": chosen, "select_across": "0", "post": "yes"}
            yield address, {"action": name, "_selected_action": chosen, "select_across": "1", "post": "yes"}
    answers = {"row": known.get("feedback/response", [MISSING])}
    for verb in ("release", "reject", "back"):
        yield reverse("admin:feedback_response_review"), {verb: "chosen"} | answers
    comments = {"pick": known.get("feedback/comment", [MISSING]), "token": "x" * 20, "looked": "0"}
    for act in ("done", "reopen", "tone:positive", "tag_on", "exclude:test"):
        yield reverse("admin:feedback_comment_bulk"), {"act": act, "tag": "x"} | comments


def snapshot() -> set[str]:
    """What the rows say that nobody of one team may change for another, apart from jobs and tags that are new."""
    kept = (Interaction, Invitation, Message, Response, Revision, Comment, Label, Note, CommentTag, Exclusion, Agent,
            Customer, SavedView, ApiKey, User, Idea, IdeaComment, Theme, Annotation, Incident, Membership, Link, Skip,
            Pause, Team, Reaction)  # fmt: skip
    told = {serialize("json", [row]) for model in kept for row in model.objects.order_by("pk")}
    known = [*Job.objects.filter(kind="export"), *Tag.objects.filter(name__endswith="word tag")]
    return told | {serialize("json", [row]) for row in known}


@dataclass(frozen=True)
class Seen:
    """What an address answered: the status, where a redirection leads, and the text without what is fresh each time."""

    status: int
    to: str
    text: str

    @property
    def entered(self) -> bool:
        """Whether the caller got past the doors; the log-in, and the start page for an unknown row, are doors."""
        return self.status not in (401, 403, 404, 405) and not self.to.startswith(("/admin/login/", "/admin/ "))


def ask(client: Client, address: str, method: str = "GET", **sent: Any) -> Seen:
    reply = getattr(client, method.lower())(address, **sent)
    content = reply.getvalue() if reply.streaming else reply.content
    if content[:4] == b"PK\x03\x04":  # a workbook
        parts = zipfile.ZipFile(io.BytesIO(content))
        content = b"".join(parts.read(name) for name in parts.namelist())
    text = content.decode("utf-8", "replace")
    text = re.sub(r'(csrfmiddlewaretoken" value=|nonce=|name="token" value=)"[^"]*"', "", text)
    text = re.sub(r'"X-CSRFToken": "[^"]*"', "", text)
    # An address that ends there, so that a page below it is told apart.
    return Seen(reply.status_code, f"{reply.headers.get('Location', '')} ".lstrip(), text)


def try_out(client: Client, address: str, method: str, **sent: Any) -> Seen:
    """The same without a lasting effect."""
    with transaction.atomic():
        seen = ask(client, address, method, **sent)
        transaction.set_rollback(True)
    return seen
