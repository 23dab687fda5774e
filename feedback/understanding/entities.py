"""Stretches of time and sums of money in a row of words."""

from collections.abc import Sequence
from typing import NamedTuple

from feedback.understanding.kept import Kept
from feedback.understanding.words import Token, Word

MINUTES = {
    **dict.fromkeys(("секунда", "second", "sec", "сек", "секундочка"), 1 / 60),
    **dict.fromkeys(("минута", "мин", "минутка", "минуточка", "minut", "min", "mins"), 1.0),
    **dict.fromkeys(("час", "часик", "hour", "hr", "hrs"), 60.0),
    **dict.fromkeys(("день", "сутки", "дн", "day"), 1440.0),
    **dict.fromkeys(("неделя", "неделька", "week", "fortnight"), 10080.0),
    **dict.fromkeys(("месяц", "мес", "month"), 43200.0),
    **dict.fromkeys(("полчаса", "полчасик"), 30.0),
    **dict.fromkeys(("полдня",), 720.0),
    **dict.fromkeys(("полгода",), 262800.0),
}
WHOLE = frozenset(("полчаса", "полчасик", "полдня", "полгода", "fortnight"))
NUMERALS = {
    **dict.fromkeys(("один", "первый", "one", "first", "a", "an"), 1.0),
    **dict.fromkeys(("два", "второй", "пара", "две", "двое", "two", "second", "coupl"), 2.0),
    **dict.fromkeys(("три", "третий", "трое", "three", "third"), 3.0),
    **dict.fromkeys(("четыре", "четвертый", "four", "fourth"), 4.0),
    **dict.fromkeys(("пять", "пятый", "five", "fifth", "несколько", "sever", "few"), 5.0),
    **dict.fromkeys(("шесть", "шестой", "six", "sixth"), 6.0),
    **dict.fromkeys(("семь", "седьмой", "seven"), 7.0),
    **dict.fromkeys(("восемь", "eight"), 8.0),
    **dict.fromkeys(("девять", "nine"), 9.0),
    **dict.fromkeys(("десять", "десяток", "ten"), 10.0),
    **dict.fromkeys(("пятнадцать", "fifteen"), 15.0),
    **dict.fromkeys(("двадцать", "twenti"), 20.0),
    **dict.fromkeys(("тридцать", "thirti"), 30.0),
    **dict.fromkeys(("сорок", "forti"), 40.0),
    **dict.fromkeys(("пятьдесят", "fifti"), 50.0),
    **dict.fromkeys(("полтора", "half"), 1.5),
}
ORDINALS = frozenset(
    ("второй", "третий", "четвертый", "пятый", "шестой", "седьмой", "который", "целый", "весь")
    + ("whole", "entir", "second", "third", "fourth", "anoth")
)
PLURALS = {
    **dict.fromkeys(("минутами",), 30.0),
    **dict.fromkeys(("часами", "hours"), 180.0),
    **dict.fromkeys(("днями", "сутками", "days"), 4320.0),
    **dict.fromkeys(("неделями", "weeks"), 20160.0),
    **dict.fromkeys(("месяцами", "months"), 129600.0),
}
MONEY = frozenset(
    ("рубль", "руб", "р", "рублик", "тысяча", "тыс", "копейка", "тенге", "доллар", "евро", "бакс")
    + ("dollar", "buck", "euro", "pound", "usd", "eur", "rub", "gbp", "kzt", "cent", "quid")
)
MONEY_SIGNS = frozenset("$€₽£₸₴₹")
KEPT = 30_000


def unit_of(word: Word) -> str | None:
    """The unit of time that a word names."""
    return next((key for key in word.likely if key in MINUTES), None)


UNITS: Kept[Word, str | None] = Kept(unit_of, KEPT)
# A currency sign is its own spelling.
CURRENCY: Kept[Word, bool] = Kept(lambda word: word.text in MONEY_SIGNS or not MONEY.isdisjoint(word.likely), KEPT)


class Stretch(NamedTuple):
    """A span of time over words `first`..`last`: its length in minutes, and whether it drags on («вторую неделю»)."""

    first: int
    last: int
    minutes: float
    drags: bool


def number(token: Token) -> float | None:
    """The value of a number written in figures or as a common word."""
    if token.kind == "number":
        digits = token.raw.rstrip("абвгдеёжзийклмнопрстуфхцчшщъыьэюяthsrnd-").replace(",", ".")
        return min(float(digits), 1e6) if digits else None
    return next((NUMERALS[key] for key in token.word.likely if key in NUMERALS), None)


def durations(words: Sequence[Token]) -> list[Stretch]:
    """Every «40 минут», «вторую неделю», "three hours", «полчаса», "for weeks" among the words."""
    found = []
    named = [(at, unit) for at, token in enumerate(words) if (unit := UNITS[token.word])]
    for at, unit in named:
        token = words[at]
        before = words[at - 1] if at else None
        drags = before is not None and (
            not ORDINALS.isdisjoint(before.word.likely) or (before.kind == "number" and before.raw[-1:] in "юяй")
        )
        count = number(before) if before is not None else None
        if unit in WHOLE:
            found.append(Stretch(at, at, MINUTES[unit], False))
        elif token.word.text in PLURALS and count is None:
            found.append(Stretch(at, at, PLURALS[token.word.text], True))
        elif count is not None or (drags and before is not None and before.word.text != "весь"):
            found.append(Stretch(at - 1, at, (count or 1.0) * MINUTES[unit], drags))
    return found


def amounts(words: Sequence[Token]) -> list[tuple[int, int]]:
    """First and last positions of every sum of money: a number with a currency word or sign beside it."""
    found: list[tuple[int, int]] = []
    pays = [CURRENCY[token.word] for token in words]
    if True not in pays:
        return found
    for at, token in enumerate(words):
        follows = at + 1 < len(words) and pays[at + 1]
        leads = token.kind == "number" and at > 0 and words[at - 1].raw in MONEY_SIGNS
        if (follows or leads) and number(token) is not None:
            found.append((at, at + 1) if follows else (at - 1, at))
    return found
