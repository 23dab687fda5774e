"""The managers' topics at the desk: the tree, cues as they are typed, and what is done to a topic."""

import html
import re
from collections.abc import Callable
from math import comb
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from feedback import classify, corrections, cue_suggestions, topic_work
from feedback.models import Comment, CommentTopic, Label, Topic
from feedback.themes import chance
from ground import jobs
from ground.models import AuditEntry, Job, Team, User
from tests.browsing import at_rest, needs_browser
from tests.config.reading import make_comment
from tests.config.test_admin_asking import as_posted
from tests.config.test_admin_browser import as_administrator

pytestmark = pytest.mark.django_db
LIST = "admin:feedback_topic_changelist"


@pytest.fixture(autouse=True)
def none_by_default(db: None) -> None:
    classify.warm()  # a busy machine takes longer to load than a bunch may take to read
    Topic.objects.update(is_active=False)


@pytest.fixture
def desk(login: Callable[..., Client], administrator: User) -> Client:
    User.objects.filter(pk=administrator.pk).update(language="en")
    return login(administrator)


def make(code: str, *cues: str, **fields: Any) -> Topic:
    return Topic.objects.create(code=code, names={"en": code.title()}, cues={"ru": list(cues)}, **fields)


def read(*texts: str, **fields: Any) -> list[Comment]:
    made = [make_comment(text=text, **fields) for text in texts]
    classify.classify([comment.pk for comment in made])
    return made


def page_of(topic: Topic) -> str:
    return reverse("admin:feedback_topic_change", args=[topic.pk])


def act(desk: Client, topic: Topic, verb: str, **form: Any) -> str:
    reply = desk.post(reverse(f"admin:feedback_topic_{verb}", args=[topic.pk]), form, follow=True)
    assert reply.status_code == 200
    return html.unescape(reply.content.decode())


def tried(desk: Client, topic: Topic | None, **form: Any) -> str:
    address = reverse("admin:feedback_topic_try", args=[topic.pk]) if topic else reverse("admin:feedback_topic_try_new")
    return desk.post(address, form).content.decode()


def number(markup: str, name: str) -> int:
    found = re.search(rf"<b data-{name}>(\d+)</b>", markup)
    return int(found[1]) if found else 0


def text_of(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def give(topic: Topic, yes: bool, comments: list[Comment], by: User) -> None:
    for comment in comments:
        corrections.set_topic(comment, topic, yes, author=by, seen=2**62)


def test_the_list_is_the_tree_with_its_use(desk: Client) -> None:
    service = make("service", position=90)
    queue = make("queue", "очередь", parent=service)
    make("after", position=91, merged_into=queue, is_active=False)
    read("Очередь")
    page = desk.get(reverse(LIST))
    rows = [topic.code for topic in page.context["cl"].result_list if topic.position >= 90 or topic.parent_id]
    assert rows == ["service", "queue", "after"]
    body = page.content.decode()
    assert "?topic=service&amp;period=28d" in body and "?topic=queue&amp;period=90d" in body
    assert "merged into Queue" in body


def test_more_topics_cost_the_list_no_more_queries(desk: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.get(reverse(LIST))
        return len(seen)

    first = make("first", "слово")
    before = queries()
    for at in range(5):
        make(f"more-{at}", "слово", parent=first, merged_into=first, changed_at=timezone.now())
    assert queries() == before


def test_cues_are_tried_before_they_are_saved(desk: Client, administrator: User, team: Team) -> None:
    topic = make("queue", "очередь")
    _queue, _till, kept = read("Большая очередь", "Касса закрыта, звоните +7 921 555-12-34", "Очередь, но это отзыв")
    give(topic, True, [kept], administrator)
    said = tried(desk, topic, cues_ru="касса\n-открыт")
    assert (number(said, "found"), number(said, "more"), number(said, "fewer")) == (1, 1, 1)
    assert '<mark class="hit">Касса</mark>' in said and "phone hidden" in said and "555-12-34" not in said
    assert Topic.objects.get(pk=topic.pk).cues == {"ru": ["очередь"]}
    assert number(tried(desk, None, cues_ru="касса"), "found") == 1
    assert number(tried(desk, None, cues_ru="касса", teams=[team.pk]), "found") == 0


def test_a_line_that_can_be_no_cue_is_named(desk: Client) -> None:
    topic = make("queue", "очередь")
    said = text_of(tried(desk, topic, cues_ru="очередь\nоч*\n{time}\n!!!", cues_en="one two three four five six seven"))
    for sentence in ("Line 2, “оч*”: a beginning needs three letters", "Line 3, “{time}”: in braces only",
                     "Line 4, “!!!”: there is no word", "Line 1, “one two"):  # fmt: skip
        assert sentence in said
    change = page_of(topic)
    reply = desk.post(change, as_posted(desk.get(change)) | {"cues_ru": "очередь\nоч*"})
    assert "Line 2" in reply.content.decode()
    assert Topic.objects.get(pk=topic.pk).cues == {"ru": ["очередь"]}


def test_a_saved_change_offers_to_be_applied_to_the_past(desk: Client, administrator: User) -> None:
    above, topic = make("above"), make("queue", "очередь")
    queue, till = read("Очередь", "Касса")
    change = page_of(topic)
    body = desk.post(
        change, as_posted(desk.get(change)) | {"cues_ru": "касса", "parent": above.pk}, follow=True
    ).content.decode()  # fmt: skip
    apply = f"{reverse('admin:feedback_topic_apply')}?topic={topic.pk}"
    assert f'href="{apply}"' in body
    recount = Job.objects.get(kind=topic_work.RECOUNT)
    jobs.finish_now(recount)
    assert sorted(CommentTopic.objects.filter(comment=queue).values_list("topic__code", flat=True)) == [
        "above",
        "queue",
    ]
    asked = text_of(desk.get(apply).content.decode())
    assert "Queue 1 1 1" in asked and "2 comments are read again" in asked
    shown = desk.post(apply, follow=True)
    assert "waits its turn" in shown.content.decode()
    job = jobs.finish_now(Job.objects.get(kind=topic_work.APPLY))
    assert job.result == {"added": 1, "removed": 1}
    assert not CommentTopic.objects.filter(comment=queue).exists()
    assert "in 1 comments more; in 1 no longer" in desk.get(f"{reverse(LIST)}?job={job.pk}").content.decode()
    assert desk.get(reverse("admin:feedback_topic_apply")).status_code == 302
    verbs = list(AuditEntry.objects.filter(verb__startswith="topic.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["topic.changed", "topic.applied"]


def test_without_script_a_trial_shows_the_form_again(desk: Client) -> None:
    topic = make("queue", "очередь")
    read("Касса")
    change = page_of(topic)
    typed = as_posted(desk.get(change)) | {"cues_ru": "касса"}
    body = desk.post(change, typed | {"_try": "1"}).content.decode()
    assert number(body, "found") == 1 and "касса</textarea>" in body
    body = desk.post(change, typed | {"_add": "ru:терминал"}).content.decode()
    assert "касса\nтерминал</textarea>" in body
    assert Topic.objects.get(pk=topic.pk).cues == {"ru": ["очередь"]}


def test_what_people_say_tells_right_cues_from_wrong_ones(desk: Client, administrator: User) -> None:
    topic = make("queue", "очередь", "стоять")
    good, bad = read(*["Очередь на кассе"] * 3), read(*["Стоял и ждал"] * 3)
    give(topic, True, good, administrator)
    give(topic, False, bad, administrator)
    said = text_of(tried(desk, topic, cues_ru="очередь\nстоять"))
    assert "очередь 3 3 0" in said and "стоять mostly wrong 3 0 3" in said


def test_words_that_stand_out_are_suggested(desk: Client, administrator: User) -> None:
    topic = make("queue", "очередь")
    rest = [f"Спасибо, всё понравилось, приду ещё раз за покупкой {number}" for number in range(30)]
    confirmed = read(*[f"Терминал {number} опять завис, спасибо" for number in range(6)])
    read(*rest)
    assert cue_suggestions.of(topic) == []
    give(topic, True, confirmed, administrator)
    cues = [suggestion.cue for suggestion in cue_suggestions.of(topic)]
    assert "терминал" in cues and "спасибо" not in cues
    assert 'value="ru:терминал"' in desk.get(page_of(topic)).content.decode()
    topic.cues = {"ru": cues}
    topic.save()
    assert cue_suggestions.of(topic) == []


def test_what_comments_hide_is_not_suggested(desk: Client, administrator: User) -> None:
    topic = make("rude", "оператор")
    confirmed = read(*[f"Ваш менеджер Иван Кукушкин нахамил мне {number}" for number in range(6)])
    read(*[f"Спасибо, всё понравилось, приду ещё раз за покупкой {number}" for number in range(30)])
    give(topic, True, confirmed, administrator)
    told = " ".join(suggestion.cue for suggestion in cue_suggestions.of(topic))
    assert "нахамить" in told and "кукушкин" not in told and "иван" not in told


def test_the_test_of_suggestions_is_the_hypergeometric_one() -> None:
    def by_counting(hits: int, draws: int, marked: int, whole: int) -> float:
        ways = (comb(marked, k) * comb(whole - marked, draws - k) for k in range(hits, draws + 1))
        return sum(ways) / comb(whole, draws)

    for case in ((4, 8, 10, 50), (0, 8, 10, 50), (8, 8, 8, 8), (3, 5, 3, 2000)):
        hits, draws, marked, whole = case
        found = chance.hypergeometric_tail(hits, drawn=draws, marked=marked, total=whole)
        assert found == pytest.approx(by_counting(*case)), case


def test_topics_are_merged_split_archived_and_brought_back(desk: Client) -> None:
    old, new = make("old", "касса"), make("new", "очередь", "медленно")
    said = act(desk, old, "merge", into=new.pk)
    assert "“Old” counts for “New” from now on." in said and "This topic counts for" in said
    assert "Choose another topic" in act(desk, new, "merge", into=old.pk)
    assert "stands by itself again" in act(desk, old, "part")
    assert "not merged" in act(desk, old, "part")
    assert "There is a new topic: “Slow”" in act(desk, new, "split", new_en="Slow", cue_ru=["медленно"])
    assert Topic.objects.get(code="slow").cues == {"ru": ["медленно"]}
    assert "needs a name" in act(desk, new, "split", cue_ru=["очередь"])
    assert "is archived" in act(desk, new, "archive")
    assert "in use again" in act(desk, new, "restore")
    assert Label.objects.count() == 0


def test_a_code_is_made_and_stays(desk: Client) -> None:
    add = reverse("admin:feedback_topic_add")
    desk.post(add, {"name_ru": "Кассы самообслуживания", "position": 3, "cues_ru": "касса"})
    topic = Topic.objects.get(code="kassy-samoobsluzhivaniya")
    assert topic.is_ahead
    change = page_of(topic)
    desk.post(change, as_posted(desk.get(change)) | {"name_ru": "Кассы", "code": "other"})
    topic.refresh_from_db()
    assert (topic.code, topic.names["ru"]) == ("kassy-samoobsluzhivaniya", "Кассы")
    assert "A topic needs a name." in desk.post(add, {"position": 3}).content.decode()
    below = make("below", parent=topic)
    assert below.parent == topic
    refused = desk.post(change, as_posted(desk.get(change)) | {"parent": make("top").pk}).content.decode()
    assert "cannot belong to another" in refused


@needs_browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_hits_follow_what_is_typed(
    browser: Browser, live_server: LiveServer, administrator: User, theme: Any, width: int
) -> None:
    User.objects.filter(pk=administrator.pk).update(language="en")
    topic = make("queue", "очередь")
    read("Очередь", "Касса закрыта", "Спасибо")
    page = as_administrator(
        browser, live_server, administrator, color_scheme=theme, viewport={"width": width, "height": 900}
    )
    page.goto(live_server.url + page_of(topic))
    expect(page.locator("[data-found]")).to_have_text("1")
    page.locator("#id_cues_ru").fill("очередь\nкасса")
    expect(page.locator("[data-more]")).to_have_text("1")
    expect(page.locator(".samples mark", has_text="Касса")).to_be_visible()
    page.locator("#id_cues_ru").fill("ка*")
    expect(page.locator(".wrong")).to_contain_text("Line 1")
    for address in ("", f"{reverse('admin:feedback_topic_apply')}?topic={topic.pk}", reverse(LIST)):
        if address:
            page.goto(live_server.url + address)
        page.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")
        faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(at_rest(page)).response["violations"]]
        assert (address, faults) == (address, [])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.context.close()


def test_the_tree_is_taken_away_and_brought_as_a_file(desk: Client) -> None:
    address = reverse("admin:feedback_topic_file")
    content = desk.get(address).content
    assert b'"code": "speed"' in content
    Topic.objects.filter(code="speed").update(cues={})
    body = desk.post(address, {"file": SimpleUploadedFile("t.json", content)}, follow=True).content.decode()
    assert "Topics added: 0, changed: 1." in body
    assert Topic.objects.get(code="speed").cues
    for sent in ({"file": SimpleUploadedFile("t.json", b"{}")}, {}):
        assert desk.post(address, sent, follow=True).status_code == 200


def test_what_people_said_no_to_is_no_news(desk: Client, administrator: User) -> None:
    topic = make("queue", "очередь")
    give(topic, False, read("Очередь"), administrator)
    said = tried(desk, topic, cues_ru="очередь")
    assert (number(said, "found"), number(said, "more")) == (1, 0) and "does not have the topic now" not in said


def test_more_cues_than_a_topic_may_have_are_refused_and_cost_little(desk: Client) -> None:
    topic, many = make("queue"), "\n".join(f"слово{number}" for number in range(5000))
    assert "at most 300 cue words" in text_of(tried(desk, topic, cues_ru=many, cues_en="*\n" * 5000))
    change = page_of(topic)
    assert desk.post(change, as_posted(desk.get(change)) | {"cues_ru": many}).status_code == 200
    assert Topic.objects.get(pk=topic.pk).cues == {"ru": []}
