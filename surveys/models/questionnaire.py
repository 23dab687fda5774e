"""What we ask: surveys, their frozen versions and the questions in them."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Max
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from surveys import questions
from surveys.questions import Answers


class QuotaPeriod(models.TextChoices):
    DAY = "day", _("a day")
    WEEK = "week", _("a week")
    MONTH = "month", _("a month")


class Full(Exception):
    """Others gave the last answers that the survey wants while this one was being given."""


class Survey(models.Model):
    """One thing we ask customers about, through all its versions."""

    class Kind(models.TextChoices):
        TRANSACTIONAL = "transactional", _("after a contact")
        RELATIONAL = "relational", _("at regular intervals")

    class OnUncertain(models.TextChoices):
        HOLD = "hold", _("is left for a person to decide")
        RESEND = "resend", _("is sent again")

    code = models.SlugField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=150)
    is_archived = models.BooleanField(_("archived"), default=False)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True, help_text=_("After this nobody can answer."))
    link_days = models.PositiveSmallIntegerField(_("a link lives, days"), default=30)
    edit_days = models.PositiveSmallIntegerField(_("an answer can be edited, days"), default=14)
    rest_after_answer_days = models.PositiveSmallIntegerField(_("not again after an answer, days"), default=90)
    rest_after_silence_days = models.PositiveSmallIntegerField(_("not again after silence, days"), default=30)
    gap_days = models.PositiveSmallIntegerField(_("gap between any two surveys, days"), default=7)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.TRANSACTIONAL)
    ignores_other_kind = models.BooleanField(
        _("keeps no gap to surveys of the other kind"),
        default=False,
        help_text=_("All other checks hold all the same."),
    )
    first_reminder_days = models.PositiveSmallIntegerField(
        _("first reminder after, days"), null=True, blank=True, help_text=_("Empty: none is sent.")
    )
    second_reminder_days = models.PositiveSmallIntegerField(
        _("second reminder, days after the first"), null=True, blank=True, help_text=_("Empty: none is sent.")
    )
    sends_thanks = models.BooleanField(
        _("thank by mail"), default=False, help_text=_("A short mail after a confirmed answer.")
    )
    on_uncertain = models.CharField(
        _("a mail whose fate is unknown"),
        max_length=8,
        choices=OnUncertain.choices,
        default=OnUncertain.HOLD,
        help_text=_("Sent again, a customer may get it twice; left, one may never get it."),
    )

    is_anonymous = models.BooleanField(
        _("anonymous"),
        default=False,
        help_text=_("Answers are kept without the customer, the link and the time of day."),
    )
    response_limit = models.PositiveIntegerField(
        _("closes after so many answers"), null=True, blank=True, help_text=_("Empty: it does not.")
    )
    # Set by the answer that reaches the limit, so that a page view counts nothing.
    is_full = models.BooleanField(_("has all its answers"), default=False, editable=False)
    quota = models.PositiveIntegerField(
        _("enough answers"), null=True, blank=True, help_text=_("After so many, no rule asks anybody else.")
    )
    quota_period = models.CharField(
        _("in"), max_length=8, choices=QuotaPeriod.choices, default=QuotaPeriod.MONTH, blank=True
    )
    retention_days = models.PositiveSmallIntegerField(
        _("answers keep their words and their customer, days"), null=True, blank=True, help_text=_("Empty: for ever.")
    )
    # Up to this moment they have lost them.
    forgotten_until = models.DateTimeField(null=True, editable=False)
    link_sites = models.TextField(
        _("sites that the thanks may lead to"), blank=True, help_text=_("One host a line: reviews.example.com")
    )

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def published(self) -> "SurveyVersion | None":
        """The version that goes out, the newest published one."""
        return self.versions.filter(published_at__isnull=False).order_by("-number").first()

    @property
    def is_used(self) -> bool:
        """Whether a sending rule asks it, or a link leads to it."""
        return any(ways.filter(is_active=True).exists() for ways in (self.rules, self.links))

    def clean(self) -> None:
        """What goes out besides the invitation has its words and comes while the link lives."""
        self._keep_promise()
        self._keep_long_enough()
        first, second = self.first_reminder_days or 0, self.second_reminder_days or 0
        if second and not first:
            raise ValidationError({"second_reminder_days": _("There is no first reminder that it could follow.")})
        if first + second and first + second >= self.link_days:
            message = _("The link would be dead by then: it lives %(days)d days.") % {"days": self.link_days}
            raise ValidationError({"second_reminder_days" if second else "first_reminder_days": message})
        wanted = {"first_reminder_days": "reminder1", "second_reminder_days": "reminder2", "sends_thanks": "thanks"}
        version = self.published if self.pk else None
        for field, prefix in wanted.items():
            languages = version.without_text(f"{prefix}_subject", f"{prefix}_intro") if version else []
            if getattr(self, field) and version and languages:
                why = _("%(version)s has no words for this mail in: %(languages)s. Write and publish them first.")
                raise ValidationError({field: why % {"version": version, "languages": ", ".join(languages)}})

    def _keep_promise(self) -> None:
        """Whoever answered did so with a name or without one, and it stays as it was said."""
        before = Survey.objects.filter(pk=self.pk).values_list("is_anonymous", flat=True).first()
        if before in (None, self.is_anonymous):
            return
        if import_module(settings.ANSWERS_MODULE).has_answers(self.pk):
            raise ValidationError({"is_anonymous": _("There are answers already: they were given as it was then.")})

    def _keep_long_enough(self) -> None:
        """What is forgotten can be neither edited nor counted for the rest between two surveys."""
        needed = max(self.link_days + self.edit_days, self.rest_after_answer_days, self.rest_after_silence_days)
        if self.retention_days is not None and self.retention_days < needed:
            message = _("At least %d days: so long links live, answers can be edited, and the survey rests.") % needed
            raise ValidationError({"retention_days": message})

    def is_closed(self) -> bool:
        is_over = self.closes_at is not None and self.closes_at <= timezone.now()
        return self.is_archived or self.is_full or is_over

    def note_answer(self) -> bool:
        """Close it with the answer that reaches the limit, in that answer's transaction; edits stay possible.

        False when others reached the limit since this survey was read.
        """
        if self.response_limit is None or self.is_full:
            return True
        # Of two answers at the same moment the second has to count the first.
        had_room = not Survey.objects.select_for_update().get(pk=self.pk).is_full
        self.count_answers()
        return had_room

    def count_answers(self) -> None:
        """Say anew whether it has all its answers, after its limit was changed; those that name nobody count, too."""
        limit = self.response_limit
        is_full = limit is not None and self._counted(limit) >= limit
        Survey.objects.filter(pk=self.pk).exclude(is_full=is_full).update(is_full=is_full)
        self.is_full = is_full

    def _counted(self, most: int) -> int:
        counted = self.invitations.filter(answered_at__isnull=False)[:most].count()
        if self.is_anonymous and counted < most:
            counted += import_module(settings.ANSWERS_MODULE).uninvited(self.pk, most=most)
        return counted


class SurveyVersion(models.Model):
    """The exact wording. Published (`surveys.publishing`), it is frozen: an answer points to what was really shown.

    `texts` maps a language to {"subject", "intro", "reason", "thanks"} and, where the survey sends them, the texts of
    its other mails: "reminder1_subject", "reminder1_intro", "reminder2_subject", "reminder2_intro", "thanks_subject",
    "thanks_intro". The thanks may differ by the band of the score: "thanks_low", "thanks_mid", "thanks_high", each
    with "..._link", an https address on one of the survey's `link_sites`, and "..._label", its words. Questions carry
    their own texts.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="versions", verbose_name=_("survey"))
    number = models.PositiveIntegerField(_("number"), editable=False)
    texts = models.JSONField(_("texts"), default=dict)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("survey version")
        verbose_name_plural = _("survey versions")
        ordering = ["survey", "-number"]
        constraints = [models.UniqueConstraint(fields=["survey", "number"], name="surveys_version_once")]

    def __str__(self) -> str:
        return f"{self.survey} v{self.number}"

    def save(self, **kwargs: Any) -> None:
        if self.number is None:
            last = SurveyVersion.objects.filter(survey=self.survey).aggregate(last=Max("number"))["last"]
            self.number = (last or 0) + 1
        super().save(**kwargs)

    def languages(self) -> list[str]:
        """Ours first, then by their codes: one of the databases does not keep the order of texts."""
        return sorted(self.texts, key=lambda code: (code != settings.LANGUAGE_CODE, code))

    def without_text(self, *parts: str) -> list[str]:
        """The languages that lack one of these texts."""
        return [code for code, texts in self.texts.items() if not all(texts.get(part) for part in parts)]

    def text(self, part: str, language: str) -> str:
        """A text in the language, else as `in_language` says."""
        return in_language({code: parts.get(part, "") for code, parts in self.texts.items()}, language)

    @cached_property
    def asked(self) -> "list[Question]":
        """The questions in their order, read once: a published version does not change."""
        return list(self.questions.all())

    def score_question(self) -> "Question | None":
        """The first question that yields a score: its buttons stand in the mail."""
        return next((question for question in self.asked if question.scale), None)

    def resolved_question(self) -> "Question | None":
        """The question whether all was resolved: the one that is said to ask it, else a score of yes or no."""
        said = (question for question in self.asked if questions.asks_if_resolved(question.options))
        first = self.score_question()
        return next(said, first if first and first.kind == "yes_no" else None)

    def comment_question(self) -> "Question | None":
        return next((question for question in self.asked if question.kind == "text"), None)

    def contact_question(self) -> "Question | None":
        """The tick “please contact me”; None where nobody is offered that."""
        return next((question for question in self.asked if question.kind == "contact"), None)

    @cached_property
    def further(self) -> "list[Question]":
        """What is asked besides the score, the comment and the wish to be contacted."""
        own = (self.score_question(), self.comment_question())
        return [question for question in self.asked if question not in own and question.kind != "contact"]

    def asked_after(self, score: int | None, answers: Answers) -> "list[Question]":
        """The questions that apply to this score and to these answers of the further ones, in their order.

        One that hangs on a question that does not apply does not apply either.
        """
        first, found = self.score_question(), []
        known: dict[str, Mapping[str, int]] = {}
        band = first.scale.band(score) if first and first.scale and score is not None else ""
        for question in self.asked:
            if question != first and not questions.applies(question.options, score_band=band, answers=known):
                continue
            found.append(question)
            if question == first and score is not None:
                known[question.code] = {"": score}
            elif question.code in answers:
                known[question.code] = answers[question.code]
        return found

    def thanks(self, band: str, language: str) -> str:
        """The thanks after a score of this band ("" for none), else those that hold for every score."""
        return self.texts.get(language, {}).get(f"thanks_{band}") or self.text("thanks", language)


class Question(models.Model):
    """One question of a version; its kind is a module of `surveys.questions`.

    `texts` maps a language to the wording. `options` are the kind's own: a question with a scale has
    {"labels": {language: {"1": "Very bad", ...}}}, and csat a "look"; single and multiple have {"choices": [code],
    "names": {language: {code: name}}}, multiple perhaps "most", both perhaps "own_words" (a box by the last choice);
    a grid has {"aspects": [code], "names": ..., "look"}; yes_no perhaps "asks": "resolved" (whether all was resolved);
    a text question has {"follow_up": {language: {"any", "low", "mid", "high"}}}, its wording by the band of the score.
    Any may have {"when": {"question": code, "in": [...]}} (`questions.applies`).
    """

    version = models.ForeignKey(SurveyVersion, models.CASCADE, related_name="questions", verbose_name=_("version"))
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    code = models.SlugField(_("code"), max_length=32)
    kind = models.CharField(_("kind"), max_length=16, choices=questions.CHOICES)
    texts = models.JSONField(_("wording"), default=dict)
    options = models.JSONField(_("options"), default=dict, blank=True)
    is_required = models.BooleanField(_("required"), default=False)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="surveys_question_once")]

    def __str__(self) -> str:
        return self.code

    @property
    def scale(self) -> "questions.Scale | None":
        return questions.get(self.kind).scale(self.options)

    @property
    def takes_text(self) -> bool:
        """Whether something can be typed to it: a comment of its own."""
        return self.kind == "text" or bool(questions.choice_in_own_words(self.options))

    def text(self, language: str) -> str:
        return in_language(self.texts, language)

    def label(self, score: int, language: str) -> str:
        """What a step of the scale is called, or "" for one that has no name."""
        labels = self.options.get("labels", {})
        return in_language({code: names.get(str(score), "") for code, names in labels.items()}, language)

    def name(self, item: str, language: str) -> str:
        """What a choice or an aspect is called; its code when it has no name."""
        names = self.options.get("names", {})
        return in_language({code: known.get(item, "") for code, known in names.items()}, language) or item

    def follow_up(self, band: str, language: str) -> str:
        """How a text question is worded after a score of this band ("any" before one is chosen)."""
        wording = self.options.get("follow_up", {}).get(language) or {}
        return wording.get(band) or self.text(language)


def in_language(texts: dict[str, str], language: str) -> str:
    """The text in this language, else in its base language, else in ours, else the first by its code.

    The order in which texts stand says nothing: one of the databases does not keep it.
    """
    codes = [language, language.split("-")[0], settings.LANGUAGE_CODE, *sorted(texts)]
    return next((texts[code] for code in codes if texts.get(code)), "")
