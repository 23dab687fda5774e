"""The file of opt-outs beside the keys: no address in it, nothing lost by a crash, applied after a restore."""

import threading

import pytest

from ground import optouts
from surveys import consents, suppression
from surveys.models import Invitation, Suppression
from tests.factories import make_invitation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"


@pytest.fixture
def invitation(survey, customer) -> Invitation:
    return make_invitation(survey, customer=customer)


def restore() -> None:
    """The database as it was before anybody opted out."""
    Suppression.objects.all().delete()


def test_an_opt_out_survives_a_restored_backup(invitation, nps_survey) -> None:
    suppression.unsubscribe(invitation, everything=True)
    restore()
    assert suppression.reapply_optouts() == 2 and suppression.reapply_optouts() == 0  # the mailbox and the telephone
    assert suppression.is_suppressed("olga@example.org", nps_survey)


def test_it_outlives_a_weaker_reason_that_the_backup_has(invitation) -> None:
    suppression.unsubscribe(invitation, everything=True)
    restore()
    suppression.suppress("olga@example.org", reason="hard_bounce")
    assert suppression.reapply_optouts() == 2 and suppression.reapply_optouts() == 0
    assert set(Suppression.objects.values_list("reason", flat=True)) == {"unsubscribed"}


def test_the_survey_alone_stays_the_survey_alone(invitation, survey, nps_survey) -> None:
    suppression.unsubscribe(invitation, everything=False)
    restore()
    suppression.reapply_optouts()
    assert suppression.is_suppressed("olga@example.org", survey)
    assert not suppression.is_suppressed("olga@example.org", nps_survey)


def test_whoever_came_back_stays(invitation) -> None:
    suppression.unsubscribe(invitation, everything=True)
    suppression.resubscribe(invitation, said=consents.on_page(language="en", again=True))
    restore()
    assert suppression.reapply_optouts() == 0


def test_a_spam_report_is_in_the_file_and_no_resubscription_takes_it_out(invitation) -> None:
    suppression.suppress("olga@example.org", reason="spam_report")
    suppression.resubscribe(invitation)
    restore()
    assert suppression.reapply_optouts() == 1


def test_a_dead_address_or_a_word_by_hand_is_not_the_customers_word(invitation) -> None:
    suppression.suppress("olga@example.org", reason="hard_bounce")
    suppression.suppress("other@example.org", reason="manual")
    assert not optouts.path().exists()


def test_the_file_holds_no_address_and_is_readable_by_us_alone(invitation) -> None:
    suppression.unsubscribe(invitation, everything=True)
    text = optouts.path().read_text()
    assert "olga" not in text and "example" not in text
    assert optouts.path().stat().st_mode & 0o777 == 0o600


def test_another_key_tells_nothing(invitation, settings) -> None:
    suppression.unsubscribe(invitation, everything=True)
    restore()
    settings.LINK_KEY = "another"
    assert suppression.reapply_optouts() == 0


def test_a_line_cut_off_by_a_crash_harms_no_other(invitation) -> None:
    suppression.unsubscribe(invitation, everything=True)
    with optouts.path().open("ab") as file:
        file.write(b"2026-05-12T10:00:00Z - 0123\xff\n2026\n\n")
    optouts.note("igor@example.org", is_out=True)
    assert len(optouts.standing()) == 3  # the mailbox and the telephone, and Igor's


def test_many_writers_at_once_lose_no_line() -> None:
    def write(number: int) -> None:
        for place in range(20):
            optouts.note(f"c{number}-{place}@example.org", is_out=True)

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(optouts.standing()) == 160


def test_an_opt_out_holds_where_the_file_cannot_be_written(invitation, settings, tmp_path, caplog) -> None:
    (tmp_path / "file").touch()
    settings.KEYS_DIR = tmp_path / "file" / "keys"
    suppression.unsubscribe(invitation, everything=True)
    assert Suppression.objects.exists() and "opt-out" in caplog.text and "olga" not in caplog.text
