"""What a rule would have done: the checks of real asking over times gone by, with what it would have asked itself."""

import dataclasses
import datetime as dt
from collections import Counter
from typing import Any

from surveys import eligibility, quotas, sampling
from surveys.eligibility import Asked, Facts
from surveys.models import Interaction, SendingRule

EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
EXAMPLES = 5


class Rehearsal:
    """One rule's account so far. It is kept between two steps of a job, so it is made of what JSON knows.

    `asked` has for each customer when, about which interaction, and whether the customer is taken to have answered:
    of customers asked, as many as really answer this survey.
    """

    def __init__(self, rule: SendingRule, *, rate: float, zone: dt.tzinfo, kept: dict[str, Any] | None = None) -> None:
        kept = kept or {}
        self.rule, self.rate, self.zone = rule, rate, zone
        self.counts: Counter[str] = Counter(kept.get("counts"))
        self.days: Counter[str] = Counter(kept.get("days"))
        self.reasons: Counter[str] = Counter(kept.get("reasons"))
        self.examples: dict[str, list[int]] = kept.get("examples", {})
        self.asked: dict[str, list[list[int]]] = kept.get("asked", {})
        # Places taken of each day on the customers' clocks, and answers in each period of the quota.
        self.places: Counter[str] = Counter(kept.get("places"))
        self.answers: Counter[str] = Counter(kept.get("answers"))
        self.full_days = {dt.date.fromisoformat(day) for day, taken in self.places.items() if self._is_full(taken)}

    def kept(self) -> dict[str, Any]:
        """All of it, to go on with."""
        return {
            "counts": self.counts, "days": self.days, "reasons": self.reasons, "examples": self.examples,
            "asked": self.asked, "places": self.places, "answers": self.answers,
        }  # fmt: skip

    def result(self) -> dict[str, Any]:
        """What came of it: how many, on which days, why not, and who most often."""
        most = sorted(self.asked.items(), key=lambda item: (-len(item[1]), int(item[0])))[:EXAMPLES]
        return {
            "counts": {**self.counts, "people": len(self.asked)},
            "days": self.days,
            "reasons": self.reasons,
            "examples": self.examples,
            "most": [[int(customer), len(times)] for customer, times in most],
        }

    def passed_over(self, reason: str, interaction: Interaction) -> None:
        """Another rule spoke, or this one did not fit."""
        self.counts["looked_at"] += 1
        if reason:
            self._refused(reason, interaction)

    def consider(self, interaction: Interaction, facts: Facts, *, happened_at: dt.datetime) -> None:
        """Decide as it would have been decided then, and take note."""
        self.counts["looked_at"] += 1
        period = self._period(happened_at)
        mine = self.asked.get(str(interaction.customer_id), [])
        once = self.rule.repeat == SendingRule.Repeat.INTERACTION
        verdict = eligibility.decide(
            dataclasses.replace(
                facts,
                history=(*facts.history, *(self._as_asked(*one) for one in mine)),
                asked_about_closing=facts.asked_about_closing
                or (once and any(about == (interaction.pk or 0) for _at, about, _answered in mine)),
                quota=self.rule.quota,
                answers=self.answers[period],
                full_days=self.full_days,
            )
        )
        if verdict.due_at is None or verdict.reason:
            self._refused(verdict.reason, interaction)
            return
        self.counts["postponed"] += bool(verdict.postponed)
        answers = sampling.draw(f"answers|{self.rule.pk}", interaction) < self.rate
        self.answers[period] += answers
        self._planned(interaction, verdict.due_at, zone=facts.window.zone, answers=answers)

    def _planned(self, interaction: Interaction, at: dt.datetime, *, zone: dt.tzinfo, answers: bool) -> None:
        self.counts["sent"] += 1
        self.counts["answers"] += answers
        self.days[at.astimezone(self.zone).date().isoformat()] += 1
        place = at.astimezone(zone).date()
        self.places[place.isoformat()] += 1
        if self._is_full(self.places[place.isoformat()]):
            self.full_days.add(place)
        minute = int((at - EPOCH).total_seconds() // 60)
        self.asked.setdefault(str(interaction.customer_id), []).append([minute, interaction.pk or 0, int(answers)])

    def _refused(self, reason: str, interaction: Interaction) -> None:
        self.reasons[reason] += 1
        examples = self.examples.setdefault(reason, [])
        if interaction.pk and len(examples) < EXAMPLES:
            examples.append(interaction.pk)

    def _as_asked(self, minute: int, _about: int, answered: int) -> Asked:
        at = EPOCH + dt.timedelta(minutes=minute)
        survey = self.rule.survey
        return Asked(survey.pk, at, at if answered else None, survey.kind, survey.ignores_other_kind)

    def _period(self, moment: dt.datetime) -> str:
        """The period of the quota, "" for all times when there is none."""
        if self.rule.quota is None:
            return ""
        return quotas.begins(self.rule.quota_period, now=moment, zone=self.zone).isoformat()

    def _is_full(self, taken: int) -> bool:
        return self.rule.daily_maximum is not None and taken >= self.rule.daily_maximum
