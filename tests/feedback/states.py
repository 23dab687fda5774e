"""Every state of the page that customers see, one after the other in a real browser."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from unittest import mock

from django.db import OperationalError
from django.utils import timezone
from playwright.sync_api import Page, expect

from feedback.models import Response
from feedback.views import answer as answer_page
from surveys import links, public_links
from surveys.models import Customer, Invitation, Link, Survey, SurveyVersion
from tests import factories
from tests.config.reading import make_response
from tests.feedback import kinds

ARABIC = {
    "intro": "لحظة واحدة من وقتك.", "thanks": "شكرًا! سيقرأ شخص إجابتك.", "reason": "لأنك اتصلت بنا.", "subject": "؟",
}  # fmt: skip
ARABIC_QUESTIONS = {"score": "كيف كانت خدمتنا؟", "comment": "ما سبب هذه الدرجة؟", "contact": "تواصلوا معي"}
ARABIC_STEPS = {"1": "سيئ جدًا", "2": "سيئ", "3": "عادي", "4": "جيد", "5": "ممتاز"}
LOOKS = [
    kinds.scored("csat", look) | {"code": look, "en": f"How was the part called {look}?", "ru": f"Как вам {look}?"}
    for look in ("steps", "stars", "smileys", "three", "thumbs")
]
MAINS = [("csat", look) for look in ("stars", "smileys", "three", "thumbs")] + [
    ("nps", ""),
    ("ces", ""),
    ("yes_no", ""),
]


def speak_arabic(version: SurveyVersion) -> None:
    version.texts["ar"] = ARABIC
    version.save()
    for question in version.questions.all():
        question.texts["ar"] = ARABIC_QUESTIONS.get(question.code) or question.texts["en"]
        if "5" in question.options.get("labels", {}).get("en", {}):
            question.options["labels"]["ar"] = ARABIC_STEPS
        question.options.pop("follow_up", None)
        question.save()


class Walk:
    """Leads a page through the states; `language` is that of the links, and of the survey's texts where it has them."""

    def __init__(self, page: Page, *, at: str, survey: Survey, language: str) -> None:
        self.page, self.at, self.survey, self.language = page, at, survey, language
        self.surveys = [survey]
        self.everything = self._survey(
            *(kinds.required(kinds.with_own_words(one)) if one is kinds.SINGLE else one for one in kinds.EVERYTHING)
        )
        self.looks = self._survey(kinds.SCORE, *LOOKS, kinds.COMMENT)
        self.mains = [self._survey(kinds.scored(kind, look), kinds.COMMENT) for kind, look in MAINS]
        self.last = self._survey(kinds.SCORE, kinds.COMMENT)
        self.anonymous = self._survey(kinds.SCORE, kinds.COMMENT, is_anonymous=True)
        for one in self.surveys if language == "ar" else ():
            assert one.published
            speak_arabic(one.published)

    def _survey(self, *asked: dict[str, Any], **fields: Any) -> Survey:
        made = kinds.make_survey(*asked, code=f"s{len(self.surveys)}", **fields)
        self.surveys.append(made)
        return made

    def states(self) -> Iterator[str]:
        """Names of states, each while the page shows it."""
        for part in (self._first, self._again, self._wrong, self._over, self._kinds, self._anonymous, self._stopped):
            yield from part()

    def _go(self, path: str) -> None:
        self.page.goto(f"{self.at}{path}?lang={self.language}")

    def _ask(self, survey: Survey | None = None, score: int | None = None, **fields: Any) -> Invitation:
        invitation = factories.make_invitation(survey or self.survey, language=self.language, **fields)
        self._go(links.answer_path(invitation, score))
        return invitation

    def _press(self, selector: str = "form#answer > button") -> None:
        with self.page.expect_navigation():
            self.page.locator(selector).click()

    def _first(self) -> Iterator[str]:
        self._ask()
        yield "fresh"
        self._ask(score=4)
        yield "preselected"
        self.page.locator("textarea").fill("Понятно объяснили. They explained it well.")
        self.page.context.set_offline(True)
        self.page.locator("form#answer > button").click()
        expect(self.page.locator("#away")).to_be_visible()
        yield "offline"
        with self.page.expect_navigation():
            self.page.context.set_offline(False)
        yield "thanks"
        self.page.locator(".edit > summary").click()
        yield "edit"

    def _again(self) -> Iterator[str]:
        known = make_response(self.survey, score=4, text="Хорошо")
        known.invitation.mark_answered(evidence=known.evidence, at=known.answered_at)
        self._go(links.answer_path(known.invitation, 2))
        self.page.wait_for_timeout(1600)
        self._press()
        yield "replaced"
        Response.objects.filter(pk=known.pk).update(answered_at=timezone.now() - dt.timedelta(days=40))
        self._go(links.answer_path(known.invitation))
        yield "locked"

    def _wrong(self) -> Iterator[str]:
        self._ask(score=2)
        self.page.locator("textarea").fill("Долго ждали. " * 400)
        self._press()
        yield "error"
        self._ask(score=2)
        self.page.locator("textarea").fill("Долго ждали.")
        with mock.patch.object(answer_page, "_open", side_effect=OperationalError("database is locked")):
            self._press()
        yield "kept"
        self._go("/r/abc")
        yield "unknown"

    def _over(self) -> Iterator[str]:
        self._ask(state=Invitation.State.CANCELLED)
        yield "closed"
        self._ask(expires_at=timezone.now() - dt.timedelta(days=1))
        yield "expired"
        self.page.locator("textarea").fill("Опять сломалось.")
        self._press()
        yield "told"

        link = Link.objects.create(label="Desk", survey=self.last, public_key=public_links.new_key())
        self._go(public_links.path(link))
        self.page.locator("textarea").fill("Долго ждали. They kept us waiting.")
        Survey.objects.filter(pk=self.last.pk).update(is_archived=True)
        self._press()
        yield "ended"

    def _kinds(self) -> Iterator[str]:
        for survey, score, name in ((self.everything, 5, "every-kind-high"), (self.looks, 4, "every-look")):
            self._ask(survey, score)
            yield name
        self._ask(self.everything, 2)
        yield "every-kind"
        self._press()
        yield "missing"
        self.page.locator("[name=a-way]").first.check(force=True)
        self._press()
        self.page.locator(".edit > summary").click()
        yield "every-kind-edit"
        for survey, (kind, look) in zip(self.mains, MAINS, strict=True):
            self._ask(survey, 1)
            yield f"main-{look or kind}"

    def _anonymous(self) -> Iterator[str]:
        path = links.answer_path(self._ask(self.anonymous, 4))
        yield "anonymous"
        self.page.wait_for_timeout(1600)
        self._press()
        yield "anonymous-thanks"
        self._go(path)
        yield "already"

    def _stopped(self) -> Iterator[str]:
        customer = Customer.objects.create(external_id="stops", email="stops@example.org", language=self.language)
        invitation = factories.make_invitation(self.survey, customer=customer, language=self.language)
        self._go(links.unsubscribe_path(invitation))
        yield "unsubscribe"
        self._press(".acts > button")
        yield "unsubscribed"
        self._press("button[name=undo]")
        yield "resubscribed"
