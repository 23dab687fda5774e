import pytest

from ground.models import Change, Organisation
from ground.prepared import Prepared

pytestmark = pytest.mark.django_db


def test_it_finds_what_its_queryset_finds() -> None:
    for scope, day in [("a", "2026-05-01"), ("b", "2026-05-02"), ("a", "2026-05-03")]:
        Change.objects.create(scope=scope, day=day)
    marks = Prepared(lambda scope: Change.objects.filter(scope=scope).order_by("-day"), str)
    for scope in ("a", "b", "c", "a"):
        assert marks.rows(scope) == list(Change.objects.filter(scope=scope).order_by("-day"))
        first = marks.first(scope)
        assert (first and first.day) == Change.objects.filter(scope=scope).order_by("-day").values_list(
            "day", flat=True
        ).first()


def test_values_are_converted_and_objects_can_be_saved() -> None:
    Organisation.objects.create(name="Ромашка", timezone="Asia/Omsk")
    known = Prepared(lambda: Organisation.objects.defer("logo")).rows()[0]
    assert str(known.timezone) == "Asia/Omsk" and known.get_deferred_fields() == {"logo"}
    known.name = "Василёк"
    known.save()
    assert Organisation.objects.get().name == "Василёк"


def test_a_mark_that_is_not_compared_as_it_is_is_refused() -> None:
    with pytest.raises(TypeError, match="not compared"):
        Prepared(lambda scope: Change.objects.filter(scope__contains=scope), str).rows("a")
