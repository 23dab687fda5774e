"""The register of metrics, and the page that shows it to whoever asks how a number is computed."""

import pytest
from django.utils import translation
from django.utils.html import escape

from analytics import rollups
from analytics.api.readers import READERS
from analytics.registry import METRICS, grouped
from tests.analytics.rows import answer_all

ADDRESS = "/admin/metrics/"


def test_every_formula_of_the_design_has_its_metric() -> None:
    assert {found.section for found in METRICS.values()} == {f"M{number}" for number in range(1, 37)}
    assert sorted(found.key for _key, _name, metrics in grouped() for found in metrics) == sorted(METRICS)


def test_every_column_is_filled() -> None:
    for found in METRICS.values():
        labels = (found.unit_label, found.source_label, found.better_label, found.counted_label)
        assert all(map(str, (found.name, found.about, found.method, *labels))), found.key
        assert found.min_n >= 1 and found.version >= 1


def test_each_metric_is_told_by_the_api_or_says_where_it_is() -> None:
    assert set(READERS) <= set(METRICS)
    for found in METRICS.values():
        assert (found.key in READERS) != bool(str(found.in_api)), found.key


@pytest.mark.django_db
def test_the_page_shows_each_metric_at_its_own_address(login, manager) -> None:
    page = login(manager).get(ADDRESS).content.decode()
    with translation.override(manager.language):
        for found in METRICS.values():
            assert f'id="{found.key}"' in page
            assert escape(str(found.name)) in page and escape(str(found.method)) in page, found.key
            assert escape(str(found.in_api)) in page, found.key


@pytest.mark.django_db
def test_a_number_of_the_dashboard_leads_to_its_definition(login, manager, team, survey) -> None:
    answer_all(survey, [5] * 6, team=team)
    rollups.roll_up()
    page = login(manager).get("/admin/dashboard/?period=28").content.decode()
    assert f'href="{ADDRESS}#csat"' in page and f'href="{ADDRESS}"' in page
