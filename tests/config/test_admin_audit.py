"""Looking at what is hidden is noted; the log is read by administrators and changed by nobody."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from ground import audit
from ground.models import AuditEntry, Team, User
from surveys.models import Customer, Suppression, Survey
from tests import factories
from tests.config.reading import label, make_response

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]
ADDRESS, PHONE = "olga@example.org", "+7 900 000-00-00"


@pytest.fixture
def whole_manager(organisation: Any) -> User:
    user = User.objects.create_user("whole@example.org", "correct horse battery")
    user.memberships.create(team=None, role="manager")
    return user


@pytest.fixture
def known(customer: Customer, team: Team) -> Customer:
    """The customer, served by the team."""
    customer.attributes = {"Доставка": "звонить +7 916 555-44-33", "тариф": "Базовый"}
    customer.save()
    factories.make_interaction(customer=customer, team=team)
    return customer


def page(client: Client, name: str, *args: Any) -> str:
    return client.get(reverse(f"admin:{name}", args=args)).content.decode()


@pytest.mark.parametrize("who", ["viewer", "manager", "administrator"])
def test_a_contact_is_hidden_by_default(request: Any, login: Login, known: Customer, who: str) -> None:
    client = login(request.getfixturevalue(who))
    for shown in (page(client, "surveys_customer_change", known.pk), page(client, "surveys_customer_changelist")):
        assert ADDRESS not in shown
        assert PHONE not in shown
        assert "555-44-33" not in shown
    shown = page(client, "surveys_customer_change", known.pk)
    assert "o…@example.org" in shown
    assert "+7 … 00-00" in shown
    assert "Базовый" in shown


@pytest.mark.parametrize("who", ["manager", "administrator"])
def test_managers_see_it_once_and_the_log_says_so(request: Any, login: Login, known: Customer, who: str) -> None:
    person = request.getfixturevalue(who)
    client = login(person)
    asked = client.post(reverse("admin:surveys_customer_contact", args=[known.pk]), follow=True).content.decode()
    assert ADDRESS in asked
    assert PHONE in asked
    assert "555-44-33" in asked
    assert ADDRESS not in page(client, "surveys_customer_change", known.pk)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.subject) == ("contact.shown", person, f"surveys.customer:{known.pk}")
    assert ADDRESS not in str(entry.detail)


def test_what_was_asked_of_one_row_shows_no_other(login: Login, known: Customer, team: Team, manager: User) -> None:
    other = factories.make_interaction(team=team).customer
    client = login(manager)
    client.post(reverse("admin:surveys_customer_contact", args=[other.pk]))
    assert ADDRESS not in page(client, "surveys_customer_change", known.pk)


def test_viewers_and_strangers_may_not_ask(login: Login, known: Customer, viewer: User, outsider: User) -> None:
    address = reverse("admin:surveys_customer_contact", args=[known.pk])
    assert login(viewer).post(address).status_code == 403
    assert login(outsider).post(address).status_code == 404
    assert not AuditEntry.objects.exists()


def test_asking_takes_a_post_with_the_pages_token(known: Customer, manager: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager)
    address = reverse("admin:surveys_customer_contact", args=[known.pk])
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 403


def form_of(customer: Customer, **more: str) -> dict[str, str]:
    plain = {"name": customer.name, "external_id": customer.external_id or "", "language": "ru", "timezone": "",
             "interactions-TOTAL_FORMS": "0", "interactions-INITIAL_FORMS": "0",
             "invitations-TOTAL_FORMS": "0", "invitations-INITIAL_FORMS": "0",
             "consents-TOTAL_FORMS": "0", "consents-INITIAL_FORMS": "0"}  # fmt: skip
    return plain | more


def test_a_contact_is_changed_where_it_is_shown_and_kept_where_it_is_not(
    login: Login, known: Customer, administrator: User
) -> None:
    client, address = login(administrator), reverse("admin:surveys_customer_change", args=[known.pk])
    client.post(address, form_of(known, name="Ольга Т.-К."))
    known.refresh_from_db()
    assert (known.name, known.email, known.phone) == ("Ольга Т.-К.", ADDRESS, PHONE)
    typed = form_of(known, email="new@example.org", phone=PHONE)
    client.post(address, typed)
    known.refresh_from_db()
    assert known.email == ADDRESS  # nobody changes what nobody has looked at
    client.post(reverse("admin:surveys_customer_contact", args=[known.pk]), follow=True)
    client.post(address, typed)
    known.refresh_from_db()
    assert known.email == "new@example.org"
    assert [(entry.verb, entry.detail) for entry in AuditEntry.objects.order_by("pk")] == [
        ("customer.changed", {"fields": ["Name"]}), ("contact.shown", {}), ("contact.changed", {"fields": ["email"]}),
    ]  # fmt: skip


def test_a_whole_address_finds_its_customer_for_managers_only(
    login: Login, known: Customer, manager: User, viewer: User, outsider: User
) -> None:
    address = reverse("admin:surveys_customer_changelist")

    def found(person: User, typed: str) -> list[Customer]:
        return list(login(person).get(address, {"q": typed}).context["cl"].queryset)

    assert found(manager, ADDRESS.upper()) == [known]
    assert found(manager, "lga@example") == []
    assert found(viewer, ADDRESS) == []
    assert found(outsider, ADDRESS) == []


def test_addresses_of_mails_and_suppressions_are_hidden_too(
    login: Login, whole_manager: User, make_invitation: Any, team: Team
) -> None:
    invitation = make_invitation(team=team)
    message = invitation.messages.create(channel="email", address=ADDRESS, state="accepted")
    entry = Suppression.objects.create(address=ADDRESS, reason=Suppression.Reason.MANUAL)
    client = login(whole_manager)
    for shown in (
        page(client, "surveys_message_changelist"), page(client, "surveys_message_change", message.pk),
        page(client, "surveys_suppression_changelist"), page(client, "surveys_suppression_change", entry.pk),
        page(client, "surveys_suppression_delete", entry.pk), page(client, "surveys_invitation_change", invitation.pk),
    ):  # fmt: skip
        assert ADDRESS not in shown
    for name, row in (("surveys_message_contact", message), ("surveys_suppression_contact", entry)):
        assert ADDRESS in client.post(reverse(f"admin:{name}", args=[row.pk]), follow=True).content.decode()
    assert AuditEntry.objects.filter(verb="contact.shown").count() == 2


@pytest.fixture
def said(team: Team, survey: Survey, known: Customer) -> Any:
    response = make_response(survey, text="Звоните +7 916 123-45-67 скорее", team=team, customer=known, channel="phone")
    label(response.comment, spans=[[8, 31, "tone-"]])
    return response


def test_a_text_is_hidden_everywhere_and_shown_once_on_its_page(login: Login, said: Any, manager: User) -> None:
    client = login(manager)
    for name, args in (("feedback_comment_changelist", []), ("feedback_comment_change", [said.comment.pk]),
                       ("feedback_response_changelist", []), ("feedback_response_change", [said.pk])):  # fmt: skip
        shown = page(client, name, *args)
        assert "Звоните" in shown
        assert "123-45-67" not in shown
        assert 'class="pii"' in shown
    asked = client.post(reverse("admin:feedback_comment_text", args=[said.comment.pk]), follow=True).content.decode()
    assert "+7 916 123-45-67" in asked
    assert "123-45-67" not in page(client, "feedback_comment_change", said.comment.pk)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.subject) == ("text.shown", manager, f"feedback.comment:{said.comment.pk}")


def test_only_managers_of_the_team_ask_for_a_text(login: Login, said: Any, viewer: User, outsider: User) -> None:
    address = reverse("admin:feedback_comment_text", args=[said.comment.pk])
    assert login(viewer).post(address).status_code == 403
    assert login(outsider).post(address).status_code == 404
    assert 'action="' + address not in page(login(viewer), "feedback_comment_change", said.comment.pk)
    assert not AuditEntry.objects.exists()


def test_the_comments_page_leads_to_the_contact(login: Login, said: Any, manager: User, viewer: User) -> None:
    address = reverse("admin:surveys_customer_contact", args=[said.customer_id])
    shown = page(login(manager), "feedback_comment_change", said.comment.pk)
    assert "o…@example.org, +7 … 00-00" in shown
    assert address in shown
    assert address not in page(login(viewer), "feedback_comment_change", said.comment.pk)


def test_an_entry_is_never_changed_nor_deleted(customer: Customer, manager: User) -> None:
    entry = audit.note("contact.shown", by=manager, subject=customer)
    entry.verb = "text.shown"
    for change in (entry.save, entry.delete, AuditEntry.objects.all().delete,
                   lambda: AuditEntry.objects.update(verb="text.shown")):  # fmt: skip
        with pytest.raises(TypeError):
            change()
    assert AuditEntry.objects.get().verb == "contact.shown"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_administrators_read_who_did_what_to_what(
    login: Login, administrator: User, manager: User, customer: Customer, language: str
) -> None:
    audit.note("contact.shown", by=manager, subject=customer)
    audit.note("comments.exported", by=administrator, count=12, filters=["team", "q"], with_personal=False)
    audit.note("some.verb", by=None)
    User.objects.update(language=language)
    client = login(administrator)
    shown = page(client, "ground_auditentry_changelist")
    with translation.override(language):
        did = str(translation.gettext("looked at the contact"))
    assert did[0].upper() + did[1:] in shown
    assert str(manager) in shown
    assert reverse("admin:surveys_customer_change", args=[customer.pk]) in shown
    assert "12" in shown
    with translation.override(language):
        assert translation.gettext("team") + ", " + translation.gettext("search") in shown
    assert "Some.verb" in shown


def test_the_log_is_narrowed_by_person_and_by_what_was_done(
    login: Login, administrator: User, manager: User, customer: Customer
) -> None:
    mine = audit.note("contact.shown", by=manager, subject=customer)
    audit.note("text.shown", by=manager)
    audit.note("contact.shown", by=administrator)
    address = reverse("admin:ground_auditentry_changelist")
    found = login(administrator).get(address, {"actor__id__exact": manager.pk, "verb": "contact.shown"})
    assert list(found.context["cl"].queryset) == [mine]


def test_nobody_gets_a_form_for_an_entry(login: Login, administrator: User, manager: User) -> None:
    entry = audit.note("contact.shown", by=manager)
    client = login(administrator)
    change = reverse("admin:ground_auditentry_change", args=[entry.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"verb": "x"}).status_code == 403
    assert client.post(reverse("admin:ground_auditentry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:ground_auditentry_add")).status_code == 403


def test_every_verb_in_use_has_words() -> None:
    """Each verb that the code gives to the log, as a literal or as a constant, is put into words."""
    import re
    from pathlib import Path

    from ground import audit_words

    root = Path(__file__).resolve().parents[2]
    pattern = re.compile(r'"((?:contact|text|comments?|responses?|file|mail)\.[a-z_]+)"')
    rooms = [file for room in ("ground", "surveys", "feedback", "config") for file in (root / room).rglob("*.py")]
    verbs = {
        verb
        for file in rooms
        if "audit" in (text := file.read_text(encoding="utf-8")) and "migrations" not in file.parts
        for verb in pattern.findall(text)
    }
    assert verbs >= {"contact.shown", "text.shown", "mail.sent_again"}
    assert verbs <= set(audit_words.VERBS)
