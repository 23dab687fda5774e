"""Whatever customers, colleagues and systems write stays text: on the desk, in mails, in exported files."""

import csv
import datetime as dt
import io
import itertools
from functools import partial
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route
from pytest_django.live_server_helper import LiveServer

from analytics import rollups
from feedback import export, notices, search
from feedback.models import Comment, CommentTag, CommentTopic, Exclusion, Label, Note, Response, SavedView, Tag, Topic
from ground import audit, notice_mail
from ground.models import ApiKey, Job, Membership, Notice, Organisation, Role, Team, User
from ground.sheets import acts
from surveys import links
from surveys.channels import email
from surveys.models import Agent, Customer, Decision, Invitation, Question, SendingRule, Suppression, Survey
from surveys.starters import CSAT, start_survey
from tests import factories
from tests.browsing import needs_browser
from tests.config.payloads import PAYLOADS, TAGS
from tests.config.reading import make_comment, make_response
from tests.config.test_admin_browser import as_administrator

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]
# What a page must not hold: an element that a payload made, a handler in an attribute, an address that is a script.
LISTEN = "addEventListener('securitypolicyviolation', e => (window.refused ??= []).push(e.violatedDirective))"
FOUND = """() => [...(window.refused ?? []), ...('xss' in window ? ['xss'] : []), ...[...document.querySelectorAll('*')]
    .filter(e => e.hasAttribute('xssmark') || [...e.attributes].some(a => /^on/i.test(a.name)
        || /^(x-|@|:)/.test(a.name) && /alert|xss/.test(a.value)
        || ['href', 'src', 'action', 'formaction', 'xlink:href', 'data'].includes(a.name)
        && /^[\\s\\0-\\x20]*(javascript|vbscript|data:text)/i.test(a.value)))
    .map(e => e.outerHTML.slice(0, 200))]"""
LONG = "\n".join(PAYLOADS)


def fitting(length: int) -> list[str]:
    """The payloads that fit into a field of this length; no two are the same but for the case of letters."""
    return list({payload.casefold(): payload for payload in PAYLOADS if len(payload) <= length}.values())


@pytest.fixture
def boss(organisation: Organisation) -> User:
    """An administrator who is called by a payload."""
    person = User.objects.create_user("boss@example.org", name=PAYLOADS[6], language="en")
    Membership.objects.create(user=person, team=None, role=Role.ADMINISTRATOR)
    Organisation.objects.update(name=PAYLOADS[0], legal_name=PAYLOADS[7], postal_address=PAYLOADS[12])
    return person


@pytest.fixture
def survey(organisation: Organisation) -> Survey:
    """A survey of payloads; no manager could publish it, so it is written past the checks."""
    survey = start_survey(CSAT, code="support", name=PAYLOADS[6])
    texts = dict(zip(("subject", "intro", "reason", "thanks"), itertools.repeat(LONG), strict=False))
    survey.versions.update(texts={"ru": texts})
    said = iter(PAYLOADS)
    labels = {"ru": {str(score): next(said) for score in range(1, 6)}}
    questions = Question.objects.filter(version__survey=survey)
    questions.filter(kind="csat").update(texts={"ru": LONG}, options={"labels": labels})
    return survey


@pytest.fixture
def answer(boss: User, survey: Survey) -> Response:
    """An answer of which each text is all payloads, among a row of every kind for each payload."""
    now = timezone.now()
    teams, agents, customers = [], [], []
    for number, said in enumerate(PAYLOADS):
        teams.append(Team(code=f"{number}{said}"[:64], name=said[:100]))
        agents.append(Agent(external_id=f"{number}{said}"[:128], name=said))
        customers.append(
            Customer(external_id=f"{number}{said}", name=said, email=f"{said[:30]}@x.example", phone=said[:32])
        )
    teams, agents, customers = (type(rows[0]).objects.bulk_create(rows) for rows in (teams, agents, customers))
    for customer in customers:
        customer.attributes = {customer.name: [customer.name, {customer.name: customer.name}]}
    Customer.objects.bulk_update(customers, ["attributes"])
    topics = Topic.objects.bulk_create(
        Topic(code=f"t{number}", names={"en": said, "ru": said}, cues={"en": [said], "ru": [said]},
              descriptions={"en": said, "ru": said})
        for number, said in enumerate(PAYLOADS)
    )  # fmt: skip
    tags = Tag.objects.bulk_create(Tag(name=said) for said in fitting(40))
    response = respond(survey, team=teams[0], agent=agents[0], customer=customers[0])
    work_on(response.comment, by=boss, tags=tags, topics=topics)
    reviews = Comment.objects.bulk_create(
        Comment(
            source="review", external_key=f"k{number}", text=said, reason=said[:100], origin=said[:64], channel="phone",
            team=teams[number], agent=agents[number], customer=customers[number],
            said_at=now - dt.timedelta(minutes=number),
        )
        for number, said in enumerate(PAYLOADS)
    )  # fmt: skip
    Label.objects.bulk_create(
        Label(comment=row, scheme="tone", value="negative", confidence=0.9, source="rule", version="r",
              spans=[[0, min(9, len(row.text)), "tone-"], [len(row.text) // 2, len(row.text), "tone-"]])
        for row in reviews
    )  # fmt: skip
    CommentTag.objects.bulk_create(CommentTag(comment=row, tag=tag) for row, tag in zip(reviews, tags, strict=False))
    CommentTopic.objects.bulk_create(
        CommentTopic(comment=row, topic=topic, confidence=0.9) for row, topic in zip(reviews, topics, strict=True)
    )
    Comment.objects.update(classified_at=now, tone="negative", tone_confidence=0.9, lemmas="xss alert")
    search.remember(dict(Comment.objects.values_list("pk", "lemmas")))
    return response


def respond(survey: Survey, **who: Any) -> Response:
    """An answered contact with everything around it."""
    response = make_response(survey, text=LONG, channel="phone", reason=PAYLOADS[6], **who)
    contact = response.invitation.interaction
    contact.source, contact.external_id, contact.reason = PAYLOADS[6], PAYLOADS[7], PAYLOADS[12]
    contact.tags, contact.attributes = PAYLOADS, dict.fromkeys(PAYLOADS, PAYLOADS)
    contact.save()
    for number, said in enumerate(fitting(32)):
        contact.events.create(kind=said, at=timezone.now() - dt.timedelta(minutes=number))
    rule = SendingRule.objects.create(
        name=PAYLOADS[6], survey=survey, conditions=[{"field": "reason", "op": "in", "value": PAYLOADS}]
    )
    trace = [{"check": said, "passed": False, "why": said} for said in PAYLOADS]
    contact.decisions.create(closing=1, outcome="send", trace=trace, rule=rule, survey=survey)
    response.invitation.messages.create(address=f"{PAYLOADS[6]}@x.example", state="failed", error=PAYLOADS[6])
    for state in ("uncertain", "failed"):
        lost = factories.make_invitation(survey, state=state, error=PAYLOADS[6], **who)
        lost.messages.create(address=f"{PAYLOADS[7]}@x.example", state=state, error=PAYLOADS[7])
    return response


def work_on(comment: Comment, *, by: User, tags: list[Tag], topics: list[Topic]) -> None:
    """What the desk puts beside a comment, and what else stands on its pages."""
    spans = [[at, at + 7, "tone-"] for at in range(0, len(LONG) - 7, 11)]
    Label.objects.create(comment=comment, scheme="tone", value="negative", confidence=0.9, source="rule",
                         version=PAYLOADS[6], spans=spans)  # fmt: skip
    notes = Note.objects.bulk_create(Note(comment=comment, author=by, text=said) for said in PAYLOADS)
    Note.mentions.through.objects.bulk_create(Note.mentions.through(note=note, user=by) for note in notes)
    Note.objects.create(comment=comment, author=by, text=f"@{by.name} @{by.email} {LONG}"[:5000]).mentions.add(by)
    CommentTag.objects.bulk_create(CommentTag(comment=comment, tag=tag) for tag in tags)
    CommentTopic.objects.bulk_create(CommentTopic(comment=comment, topic=topic, confidence=0.9) for topic in topics)
    for number, said in enumerate(PAYLOADS[::10]):
        Exclusion.objects.create(response=comment.response, reason="other", note=said, author=by,
                                 lifted_by=by, lifted_at=timezone.now() if number else None)  # fmt: skip
    for said in fitting(60)[:30]:
        SavedView.objects.create(owner=by, name=said, query=f"q={said}")
    for tag, topic in zip(tags, topics, strict=False):
        acts_on = {"act": "tag_on", "value": tag.pk, "name": tag.name, "ids": [comment.pk], "seen": 0, "newest": 0}
        Job.objects.create(kind="bulk_comments", author=by, params=acts_on, total=1, error=tag.name)
        acts_on |= {"act": "topic_on", "value": topic.pk, "name": topic.code, "names": topic.names}
        Job.objects.create(kind="bulk_comments", author=by, params=acts_on, total=1, quarantined_at=timezone.now())
        audit.note(tag.name, by=by, subject=comment, reason=tag.name, filters=[tag.name], **{tag.name: tag.name})
    Suppression.objects.create(address=f"{PAYLOADS[6]}@x.example", reason="manual", source=PAYLOADS[6])
    ApiKey.objects.create_key(name=PAYLOADS[6][:50])
    while rollups.roll_up():
        pass


def addresses(answer: Response, boss: User) -> list[str]:
    """Every page of the desk that shows somebody's words."""
    comments, responses = reverse("admin:feedback_comment_changelist"), reverse("admin:feedback_response_changelist")
    own = answer.comment
    found = [
        comments, f"{comments}?team={answer.team_id}&agent={answer.agent_id}&topic=t0", f"{comments}?q=xss",
        f"{comments}?tag={Tag.objects.earliest('pk').pk}", f"{comments}?customer={answer.customer_id}",
        f"{comments}?before={Comment.objects.order_by('-said_at')[60].pk}",
        responses, f"{responses}?team={answer.team_id}",
        reverse("analytics:dashboard"), reverse("desk:jobs"), reverse("desk:notifications"), reverse("desk:quarantine"),
        reverse("desk:job", args=[Job.objects.latest("pk").pk]), f"{comments}?job={Job.objects.latest('pk').pk}",
        reverse("admin:surveys_invitation_unsettled"), reverse("admin:surveys_invitation_unsettled") + "?state=failed",
        reverse("admin:feedback_comment_change", args=[own.pk]) + "?list=q%3Dxss", reverse("admin:index"),
        links.answer_path(Invitation.objects.get(pk=answer.invitation_id)),
    ]  # fmt: skip
    rows = [
        answer, answer.customer, answer.agent, answer.team, answer.survey, answer.version, answer.invitation, boss,
        answer.invitation.interaction, answer.invitation.messages.get(), Tag.objects.latest("pk"),
        Topic.objects.latest("pk"),
        *SendingRule.objects.all(), *Suppression.objects.all(), *Organisation.objects.all(), *ApiKey.objects.all(),
        *Decision.objects.all(),
    ]  # fmt: skip
    for row in rows:
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        found += [reverse(f"{name}_change", args=[row.pk]), reverse(f"{name}_changelist")]
    # What somebody searched for stands in the page that the search leads to.
    searched = "%22%3E%3Csvg%20xssmark%20onload=alert(1)%3E"
    found += [f"{comments}?q={searched}", f"{reverse('admin:surveys_customer_changelist')}?q={searched}"]
    found.append(reverse("admin:feedback_tag_delete", args=[Tag.objects.earliest("pk").pk]))
    return list(dict.fromkeys([*found, reverse("admin:ground_auditentry_changelist")]))


def watched(page: Page) -> list[str]:
    """What ran so far, by what it did, filled in as it happens."""
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(f"dialog on {page.url}"), dialog.dismiss()))
    page.on("request", lambda request: ran.append(f"{request.url} on {page.url}") if "xss-ran" in request.url else None)
    page.on("pageerror", lambda error: ran.append(f"{error} on {page.url}"))
    page.add_init_script(LISTEN)
    return ran


def test_nothing_runs_on_any_page_of_the_desk(
    browser: Browser, live_server: LiveServer, boss: User, answer: Response
) -> None:
    page = as_administrator(browser, live_server, boss, locale="en")
    ran, faults = watched(page), {}
    for address in addresses(answer, boss):
        reply = page.goto(live_server.url + address)
        assert reply is not None and reply.status == 200, (address, reply and reply.status)
        if found := page.evaluate(FOUND):
            faults[address] = found
        assert "1787569" not in page.content(), address
    assert (ran, faults) == ([], {})
    page.context.close()


def fulfil(reply: Any, route: Route) -> None:
    """Let the browser show what a form was answered with, under the page's own policy."""
    headers = {name: reply[name] for name in ("Content-Type", "Content-Security-Policy") if reply.has_header(name)}
    route.fulfill(status=200, headers=headers, body=reply.content)


def test_nothing_runs_on_what_answers_a_form(
    browser: Browser, live_server: LiveServer, boss: User, answer: Response
) -> None:
    desk, page = Client(), as_administrator(browser, live_server, boss, locale="en")
    desk.force_login(boss)
    comments, own = reverse("admin:feedback_comment_changelist"), [answer.comment.pk]
    bar = desk.get(comments).context["bulk"]
    ask = {
        "list": f"q={PAYLOADS[6]}&team={answer.team_id}",
        "looked": bar["looked"],
        "token": bar["token"],
        "every": "1",
    }
    tag, many = Tag.objects.latest("pk"), "<svg xssmark onload=alert(1)>" * 20
    forms = [
        (reverse("admin:feedback_comment_bulk"), ask | {"act": "tag_on", "tag": PAYLOADS[28]}),
        (reverse("admin:feedback_comment_bulk"), ask | {"act": "topic_on:t6"}),
        (reverse("admin:feedback_comment_tag", args=own), {"tag": many}),
        (reverse("admin:feedback_comment_note", args=own), {"text": many * 20, "list": many}),
        (reverse("admin:feedback_comment_exclude", args=own), {"reason": "other", "note": many}),
        (reverse("admin:feedback_comment_keep"), {"name": many, "query": many}),
        (reverse("admin:feedback_tag_change", args=[tag.pk]), {"name": Tag.objects.earliest("pk").name}),
        (reverse("admin:feedback_tag_merge", args=[tag.pk]), {"into": many}),
        (reverse("admin:feedback_topic_add"), {"code": many, "name_ru": many, "name_en": many, "cues_ru": many}),
        (reverse("admin:surveys_invitation_unsettled"),
         {"again": "chosen", "row": [f"{row.pk}-{row.messages.get().pk}" for row in
                                     Invitation.objects.filter(state="uncertain")]}),
        (reverse("admin:ground_user_add"), {"email": many, "name": many, "password1": many, "password2": "x"}),
        (reverse("desk:notifications"), {"timezone": many, "quiet_from": many}),
    ]  # fmt: skip
    ran, faults = watched(page), {}
    for number, (address, form) in enumerate(forms):
        reply = desk.post(address, form, follow=True)
        assert reply.status_code < 500, address
        page.route(f"**/posted/{number}", partial(fulfil, reply))
        page.goto(f"{live_server.url}/posted/{number}")
        if found := page.evaluate(FOUND):
            faults[number, address] = found
    assert (ran, faults) == ([], {})
    page.context.close()


def test_nothing_runs_in_a_mail(browser: Browser, boss: User, answer: Response) -> None:
    invitation = Invitation.objects.get(pk=answer.invitation_id)
    message = invitation.messages.get()
    message.address = "a@x.example"
    Comment.objects.update(is_counted=True)
    for said in Comment.objects.filter(source="review")[:40]:
        notices.tell_of_negative(Comment.objects.filter(pk=said.pk))
    for note in Note.objects.all():
        Notice.objects.create(
            user=boss, kind="mention", key=f"x{note.pk}", data={"note": note.pk}, due_at=timezone.now()
        )
    letter = notice_mail.write(boss, list(Notice.objects.filter(user=boss)))
    assert letter is not None
    assert "xssmark" in letter.html
    page = browser.new_context().new_page()
    ran = watched(page)
    for html in (str(email.build(invitation, message).alternatives[0].content), letter.html):
        page.set_content(html)  # as a mail program without any policy would show it
        assert page.evaluate(FOUND) == []
    assert ran == []
    assert "\n" not in letter.subject
    page.context.close()


@pytest.mark.parametrize("what", ["comments", "responses"])
def test_no_exported_cell_is_a_formula(boss: User, answer: Response, what: str) -> None:
    dangerous = ["=1+1", "+1", "-1+1", "@SUM(1)", "\t=1+1", "＝1+1", '=HYPERLINK("http://x.example","x")']
    for number, said in enumerate(dangerous):
        make_comment(text=said, reason=said, origin=said, team=Team.objects.create(code=f"f{number}", name=said),
                     customer=Customer.objects.create(external_id=f"f{number}", name=said))  # fmt: skip
    usual: dict[str, Any] = {"params": {}, "with_personal": True, "language": "ru", "zone": "UTC"}
    for form in ("csv", "xlsx"):
        file = export.at_once(export.Order(what=what, form=form, **usual), author=boss)
        assert file is not None
        content = file.read()
        file.close()
        if form == "csv":
            texts = io.StringIO(content.decode("utf-8-sig"), newline="")
            cells = [cell for row in csv.reader(texts, delimiter=";", strict=True) for cell in row]
            assert not [cell for cell in cells if acts(cell)]
        else:
            rows = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows()
            typed = [cell for row in rows for cell in row if isinstance(cell.value, str)]
            assert not [
                cell.value for cell in typed if cell.data_type != "s" or acts(cell.value) and not cell.quotePrefix
            ]


def test_the_watch_would_see_them(browser: Browser) -> None:
    assert len(set(PAYLOADS)) >= 120
    page = browser.new_context().new_page()
    ran = watched(page)
    blind = []
    for payload in TAGS:
        page.set_content(f"{payload} >x")
        if not page.evaluate(FOUND):
            blind.append(payload)
    assert (blind, len(ran) > 10) == ([], True)
    page.context.close()
