"""What is in the way of an erasure: work whose files name the person, and whoever would stop it half way."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ground import erasing, erasing_job, jobfiles, jobs, notice_mail, notices
from ground.models import Job, Notice, Organisation, Outgoing, Team, User
from surveys import importing
from surveys.models import Customer
from tests.config.reading import label, make_comment

EMAIL = "zoya@post.example"


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.KEYS_DIR = tmp_path, tmp_path / "keys"


@pytest.fixture
def her(organisation: Organisation) -> Customer:
    return Customer.objects.create(email=EMAIL)


def importing_of(email: str, **fields: Any) -> Job:
    """An import that is not at its end, with the rows it was given."""
    name = jobfiles.new_name("rows")
    (jobfiles.folder() / name).write_text(json.dumps([email]))
    return Job.objects.create(kind=importing.KIND, params={"table": name}, **fields)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_an_import_that_names_her_keeps_nothing_from_starting(her: Customer) -> None:
    """Under `up` it would never end: nothing started before it had."""
    going, set_aside = importing_of(EMAIL), importing_of(EMAIL, quarantined_at=timezone.now())
    of_another = importing_of("olga@post.example")
    erasing.begin(erasing.find(EMAIL))
    assert erasing.catch_up() and not erasing.is_behind()
    assert not Customer.objects.filter(email=EMAIL).exists()
    assert set(Job.objects.exclude(cancelled_at=None)) == {going, set_aside}
    assert [path.name for path in jobfiles.folder().iterdir()] == [of_another.params["table"]]


@pytest.mark.django_db
def test_nobody_stops_an_erasure_that_was_begun(
    login: Callable[..., Client], administrator: User, her: Customer
) -> None:
    """It is noted beside the keys: stopped, it would be done at the next start, to everybody's surprise."""
    job = erasing_job.start(erasing.find(EMAIL), by=administrator)
    desk, stop = login(administrator), reverse("desk:job_cancel", args=[job.pk])
    assert stop not in desk.get(reverse("desk:jobs")).content.decode()
    desk.post(stop)
    jobs.work([job.pk])
    job.refresh_from_db()
    assert job.finished_at and job.cancelled_at is None and job.params == {}
    assert not Customer.objects.filter(email=EMAIL).exists()


@pytest.mark.django_db(transaction=True)
def test_a_mail_to_a_colleague_that_waits_quotes_her_no_more(her: Customer, team: Team, manager: User) -> None:
    """What else it tells of is told all the same."""
    hers, others = (
        label(make_comment(team=team, customer=customer, text=text))
        for customer, text in ((her, "Ужасно: тайное слово."), (None, "Плохо: слово другого."))
    )
    for comment in (hers, others):
        notices.tell([manager], kind="negative_comment", key=f"comment:{comment.pk}", data={"comment": comment.pk})

    def tell() -> str:
        Notice.objects.update(due_at=timezone.now())
        notice_mail.gather([manager.pk])
        mail = Outgoing.objects.get()
        return mail.text + mail.html

    assert "тайное" in tell()
    erasing.erase(erasing.find(EMAIL), by=None)
    assert not Outgoing.objects.exists()
    told = tell()
    assert "слово другого" in told and "тайное" not in told
