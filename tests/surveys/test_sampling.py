"""A sample is drawn by a lot that always falls the same way, and each cell's weight makes up for its share."""

from decimal import Decimal

import pytest

from surveys import deciding, sampling
from surveys.models import Customer, Decision, Interaction, Invitation, SendingRule
from tests.factories import make_customer, make_interaction


def lots(rule: SendingRule, count: int, **fields) -> list[sampling.Lot]:
    return [
        sampling.draw_lot(rule, Interaction(pk=number, customer_id=number, **fields), Customer(pk=number))
        for number in range(1, count + 1)
    ]


def test_the_share_is_kept_and_the_lot_is_even() -> None:
    drawn = lots(SendingRule(pk=7, sample_percent=30), 20_000)
    assert sum(lot.draw < lot.share for lot in drawn) == pytest.approx(6000, abs=250)
    tenths = [sum(int(lot.draw * 10) == tenth for lot in drawn) for tenth in range(10)]
    assert min(tenths) > 1850
    assert max(tenths) < 2150


def test_the_lot_falls_the_same_way_after_the_rule_changed() -> None:
    before = lots(SendingRule(pk=7, sample_percent=30, version=1), 50)
    after = lots(SendingRule(pk=7, sample_percent=60, version=4, name="Other"), 50)
    assert [lot.draw for lot in before] == [lot.draw for lot in after]
    assert [lot.draw for lot in before] != [lot.draw for lot in lots(SendingRule(pk=8, sample_percent=30), 50)]


def test_each_cell_has_its_share_and_weight() -> None:
    rule = SendingRule(pk=7, sample_percent=50, sample_by="channel", sample_cells={"phone": 10, "chat": 100})
    phone, chat, mail = (lots(rule, 1, channel=channel)[0] for channel in ("phone", "chat", "email"))
    assert (phone.cell, phone.share, phone.weight) == ("phone", 0.1, Decimal(10))
    assert (chat.cell, chat.share, chat.weight) == ("chat", 1.0, Decimal(1))
    assert (mail.cell, mail.share, mail.weight) == ("email", 0.5, Decimal(2))


def test_a_kind_of_a_language_is_of_its_cell_unless_it_has_one() -> None:
    rule = SendingRule(pk=7, sample_by="language", sample_percent=50, sample_cells={"ru": 10, "pt-BR": 20})
    codes = ("ru", "ru-RU", "pt-BR", "de-AT", "")
    cells = [sampling.cell_of(rule, Interaction(pk=1), Customer(pk=1, language=code)) for code in codes]
    assert cells == ["ru", "ru", "pt-BR", "de", ""]


def test_the_weights_of_those_asked_add_up_to_all() -> None:
    drawn = lots(SendingRule(pk=7, sample_percent=15), 20_000)
    assert float(sum(lot.weight for lot in drawn if lot.draw < lot.share)) == pytest.approx(20_000, rel=0.05)


@pytest.mark.django_db
def test_the_cell_and_its_weight_are_stored(rule) -> None:
    SendingRule.objects.update(sample_percent=40, sample_by="channel")
    for _number in range(12):
        deciding.consider(make_interaction())
    assert set(Decision.objects.values_list("cell", "weight")) == {("phone", Decimal("2.5"))}
    assert set(Decision.objects.values_list("reason", flat=True)) == {"", "sampled_out"}
    asked = Invitation.objects.values_list("cell", "weight").distinct()
    assert list(asked) == [("phone", Decimal("2.5"))]
    assert Invitation.objects.count() == Decision.objects.filter(outcome="send").count()


@pytest.mark.django_db
def test_an_important_customer_skips_sampling_and_nothing_else(rule) -> None:
    SendingRule.objects.update(sample_percent=0, vip_unsampled=True)
    important = make_customer(is_vip=True)
    assert deciding.consider(make_interaction()).reason == "sampled_out"
    decision = deciding.consider(make_interaction(customer=important))
    assert (decision.outcome, decision.cell, decision.weight) == ("send", "vip", 1)
    assert deciding.consider(make_interaction(customer=make_customer(is_vip=True, no_consent=True))).reason == (
        "no_consent"
    )
    assert deciding.consider(make_interaction(customer=important)).reason == "survey_rest"
