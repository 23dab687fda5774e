import pytest

from feedback.understanding.reading import by_rules as read


def tone(text: str) -> str:
    return read([text])[0].tone.value


@pytest.mark.parametrize(
    "text",
    [
        "Не понравилось",
        "Сотрудник не был вежлив",
        "Не самый лучший сервис",
        "Не могу сказать, что доволен",
        "Никакого уважения к людям",
        "Помощи никакой",
        "Не хватает вежливости",
        "Нет ни капли внимательности",
        "Ничего хорошего",
        "not a good experience",
        "the staff weren't friendly",
        "nobody was helpful",
        "I would never recommend you",
        "a total lack of professionalism",
    ],
)
def test_denied_praise_is_blame(text: str) -> None:
    assert tone(text) == "negative"


@pytest.mark.parametrize(
    "text",
    [
        "Неплохо",
        "Проблем не было",
        "Нареканий нет",
        "Без проблем и без очередей",
        "Никто не нагрубил",
        "Ни разу не опоздали",
        "Не могу не похвалить вашего мастера",
        "Нельзя не отметить: сервис на высоте",
        "Придраться не к чему",
        "not bad at all",
        "can't complain",
        "no problems whatsoever",
        "couldn't be happier",
        "nothing was too much trouble",
        "I had no issues with the booking",
    ],
)
def test_denied_blame_is_praise(text: str) -> None:
    assert tone(text) == "positive"


@pytest.mark.parametrize(
    "text", ["Не только вежливые, но и быстрые", "Не просто хорошо, а отлично", "not only kind but fast"]
)
def test_not_only_denies_nothing(text: str) -> None:
    assert tone(text) == "positive"


@pytest.mark.parametrize("text", ["Не грубый, вежливый", "Не жалею. Отличный выбор", "No, it was great"])
def test_denial_ends_with_the_clause(text: str) -> None:
    assert tone(text) == "positive"


def test_a_denied_verb_does_not_turn_the_blame_after_it() -> None:
    assert tone("Банк не отменил штраф и ошибку не признал") == "negative"


@pytest.mark.parametrize(
    "text",
    [
        "Терминал оплаты не работает третью неделю",
        "Не отвечают неделями",
        "Касса не работает уже третий день",
        "The terminal has not worked for the third week",
    ],
)
def test_for_how_long_something_is_missing_is_no_praise(text: str) -> None:
    """What lacks is what stands before; a time that it lacks for makes it worse, and is shown so."""
    told = read([text])[0].tone
    assert told.value == "negative" and {span.kind for span in told.spans} == {"tone-"}
    assert told.confidence > 0.85


def test_emphasis_and_softening_change_the_strength() -> None:
    plain, much, little = (reading.polarity for reading in read(["медленно", "ужасно медленно", "немного медленно"]))
    assert much < plain < little < 0


@pytest.mark.parametrize(
    "text", ["Было бы хорошо видеть историю", "Хотелось бы вежливого обращения", "it would be great to see a menu"]
)
def test_a_wish_praises_nothing(text: str) -> None:
    assert tone(text) != "positive"
