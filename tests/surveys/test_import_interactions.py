import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from surveys.models import Decision, Interaction

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def two_days_later() -> Iterator[None]:
    """Soon after the contacts that the tests tell of: asked months later, nobody would be invited any more."""
    with time_machine.travel(NOON):
        yield


HEAD = "source,external_id,updated_at,closed_at,channel,customer_email,customer_language,team_code,tags\n"
GOOD = HEAD + 'crm,1,2026-11-20 12:00,2026-11-20 11:00,phone,ivan@example.org,ru,first,"vip, новый"\n'


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> str:
    file = tmp_path / "interactions.csv"
    file.write_bytes(text.encode(encoding))
    return str(file)


def refused(tmp_path: Path, text: str, **options) -> str:
    with pytest.raises(CommandError) as caught:
        call_command("import_interactions", write(tmp_path, text), **options)
    assert not Interaction.objects.exists()
    return str(caught.value)


def test_rows_become_interactions_with_decisions(tmp_path, organisation, rule, capsys) -> None:
    call_command("import_interactions", write(tmp_path, GOOD))
    interaction = Interaction.objects.get()
    assert interaction.tags == ["vip", "новый"]
    assert (
        interaction.closed_at.isoformat() == "2026-11-20T08:00:00+00:00"
    )  # a time without a zone is the organisation's
    assert Decision.objects.get().outcome == "send"
    assert "created 1" in capsys.readouterr().out


def test_twice_is_once(tmp_path, organisation, capsys) -> None:
    file = write(tmp_path, GOOD)
    call_command("import_interactions", file)
    call_command("import_interactions", file)
    assert Interaction.objects.count() == 1
    assert "stale 1" in capsys.readouterr().out


def test_semicolons_and_a_byte_order_mark_are_read(tmp_path, organisation) -> None:
    text = "\ufeff" + GOOD.replace('"vip, новый"', "vip").replace(",", ";")
    call_command("import_interactions", write(tmp_path, text))
    assert Interaction.objects.count() == 1


TOLD = {
    "source": "crm", "external_id": "1", "updated_at": "2026-11-20T12:00:00+03:00", "closed_at": "2026-11-20 11:00",
    "channel": "phone", "customer": {"email": "ivan@example.org", "language": "ru"}, "team_code": "first",
    "tags": ["vip", "новый"], "is_resolved": True, "replies": 2,
}  # fmt: skip


@pytest.mark.parametrize(
    "text", [json.dumps([TOLD, TOLD | {"external_id": "2"}], indent=1), f"{json.dumps(TOLD)}\n\n{json.dumps(TOLD)}\n"]
)
def test_objects_are_read_as_the_api_is_told(tmp_path, organisation, rule, text: str) -> None:
    call_command("import_interactions", write(tmp_path, text))
    interaction = Interaction.objects.get(external_id="1")
    assert (interaction.tags, interaction.is_resolved, interaction.replies) == (["vip", "новый"], True, 2)
    assert interaction.customer.email == "ivan@example.org"


@pytest.mark.parametrize(
    ("broken", "where"), [("[{}, 5]", "2"), ('{"source": "crm"}\n{"source', "2"), ("[" * 9000 + "{", "1")]
)
def test_what_is_no_object_stops_the_whole_file(tmp_path, organisation, broken: str, where: str) -> None:
    assert where in refused(tmp_path, broken)


def test_a_dry_run_writes_nothing(tmp_path, organisation) -> None:
    call_command("import_interactions", write(tmp_path, GOOD), dry_run=True)
    assert not Interaction.objects.exists()


def test_a_wrong_column_is_named(tmp_path, organisation) -> None:
    assert "«colour»" in refused(tmp_path, GOOD.replace("tags", "colour")).replace("“", "«").replace("”", "»")


def test_a_missing_column_is_named(tmp_path, organisation) -> None:
    assert "updated_at" in refused(tmp_path, GOOD.replace("updated_at,", ""))


def test_another_encoding_is_told_with_its_line(tmp_path, organisation) -> None:
    file = tmp_path / "cp1251.csv"
    file.write_bytes(GOOD.encode("cp1251"))
    with pytest.raises(CommandError, match="2"):
        call_command("import_interactions", str(file))
    call_command("import_interactions", str(file), encoding="cp1251")
    assert Interaction.objects.count() == 1


def test_one_bad_date_stops_the_whole_file_and_is_found(tmp_path, organisation) -> None:
    text = GOOD + "crm,2,31.11.2026,,phone,b@example.org,ru,first,\n"
    message = refused(tmp_path, text)
    assert "3" in message
    assert "updated_at" in message
    assert "31.11.2026" in message


def test_a_row_with_too_few_cells_is_found(tmp_path, organisation) -> None:
    assert "3" in refused(tmp_path, GOOD + "crm,2\n")


def test_a_bad_address_names_line_and_column(tmp_path, organisation) -> None:
    message = refused(tmp_path, GOOD.replace("ivan@example.org", "ivan"))
    assert "customer_email" in message


def test_a_row_that_lacks_what_a_first_report_needs_refuses_the_whole_file(tmp_path, organisation) -> None:
    nobody = GOOD.splitlines()[1].replace("crm,1", "crm,2").replace("ivan@example.org", "")
    assert "3" in refused(tmp_path, GOOD + nobody + "\n")
    assert "channel" in refused(tmp_path, GOOD + "crm,3,2026-11-20 12:00,,,olga@example.org,ru,first,\n")


def test_a_later_row_of_the_same_interaction_needs_no_channel(tmp_path, organisation) -> None:
    call_command("import_interactions", write(tmp_path, GOOD + "crm,1,2026-11-20 13:00,,,,,,\n"))
    assert Interaction.objects.get().updated_at.hour == 10


def test_the_fault_of_a_long_file_is_told_with_its_own_line(tmp_path, organisation) -> None:
    blank = "crm,{},2026-11-20 12:00,,phone,ivan@example.org,ru,first,\n"
    file = tmp_path / "long.csv"
    rows = HEAD + "".join(blank.format(number) for number in range(1000))
    file.write_bytes(rows.encode() + b"crm,\xff,,,,,,,\n")
    with pytest.raises(CommandError, match="1002"):
        call_command("import_interactions", str(file))
    assert "3" in refused(tmp_path, GOOD + 'crm,"never closed,2026')


@pytest.mark.parametrize("encoding", ["nonsense", "rot13", "utf-16"])
def test_an_encoding_that_does_not_read_the_file_is_refused(tmp_path, organisation, encoding: str) -> None:
    refused(tmp_path, GOOD, encoding=encoding)


def test_a_column_that_stands_twice_is_refused(tmp_path, organisation) -> None:
    assert "channel" in refused(tmp_path, GOOD.replace("closed_at", "channel"))


def test_a_moment_out_of_all_time_is_refused(tmp_path, organisation) -> None:
    assert "closed_at" in refused(tmp_path, GOOD.replace("2026-11-20 11:00", "0001-01-01"))
