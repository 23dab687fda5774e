"""The demo's working hours, and whom its people keep from being asked."""

import datetime as dt

from ground.models import Calendar, Team
from surveys import pausing, skipping
from surveys.models import Customer, Interaction, Pause

REASONS = ["Договорились по телефону", "Клиент просил не писать об этом заказе", "Обращение открыли по ошибке"]


def make_calendars() -> None:
    """The office for everybody, and longer hours without holidays for deliveries."""
    Calendar.objects.get_or_create(name="Офис", defaults={"is_default": True})
    long = {str(day): [["08:00", "22:00"]] for day in range(7)}
    shifts, _made = Calendar.objects.get_or_create(name="Доставка, смены", defaults={"week": long, "holidays": ""})
    Team.objects.filter(code="delivery").update(calendar=shifts)


def hold_back(*, now: dt.datetime) -> None:
    """Two pauses by hand and some skipped contacts of those that nobody was asked about."""
    for number, customer in enumerate(Customer.objects.order_by("-pk")[:2]):
        until = now + dt.timedelta(days=30) if number else None
        pausing.pause(customer, reason=Pause.Reason.MANUAL, until=until, source="demo")
    unasked = Interaction.objects.filter(invitations=None, agent__isnull=False).select_related("agent").order_by("-pk")
    for number, interaction in enumerate(unasked[:9]):
        skipping.skip(interaction, reason=REASONS[number % len(REASONS)], agent=interaction.agent)
