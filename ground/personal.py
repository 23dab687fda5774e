"""Personal data in free text: where it stands and what it is. Pure; linear in the length of the text.

What looks like an order number, a sum, a date or a time is left alone: a word hidden for nothing costs the reader
the meaning, so a bare number needs its shape, its check digit or a cue beside it.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from ground import names

PHONE, EMAIL, CARD, DOCUMENT, NAME, HANDLE = "phone", "email", "card", "document", "name", "handle"

BEFORE = 60  # how far to the left a cue may stand


class Span(NamedTuple):
    """Where personal data stands in a text; `kind` is one of the constants above."""

    start: int
    end: int
    kind: str


class Group(NamedTuple):
    """A run of digits."""

    start: int
    end: int
    digits: str


LOCAL = r"[\w.+%&'’-]{1,64}"
DOMAIN = r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,4}[^\W\d_]{2,24}"
ADDRESS = re.compile(rf"(?<![\w.+%&-]){LOCAL}@{DOMAIN}(?![\w-])")
SPELT_ADDRESS = re.compile(
    r"(?<![\w.])[a-z0-9][a-z0-9._+-]{0,63} ?[(\[]?(?:\bat\b|собака|@)[)\]]? ?"
    r"[a-z0-9-]{1,63} ?(?:[(\[]?\b(?:dot|точка)\b[)\]]?|\.) ?(?:ru|com|net|org|ру|ком|рф|kz|by|ua|info|me|su|pro)\b",
    re.IGNORECASE,
)
# "at" alone says where something was seen or bought, unless a service follows that hands out addresses.
AT_SIGN = re.compile(
    r"[(\[](?:at|собака|@)[)\]]|\bat\b.*\b(?:dot|точка)\b|собака| @|@ |@\S* \.|@\S*\. |"
    r"^(?!(?:me|us|you|them|him|her|it|look|account|e?mail|address|contact|here|team|and|or|inbox) )\S+ at "
    r"(?:gmail|googlemail|yahoo|hotmail|outlook|icloud|yandex|ya|mail|bk|inbox|list|rambler|proton|protonmail|aol)\W",
    re.IGNORECASE,
)

HANDLES = re.compile(r"(?<![\w@./&-])@[a-z]\w{1,20}(?:\.?\w){2,20}(?![\w@])", re.IGNORECASE | re.ASCII)
PROFILES = re.compile(
    r"\b(?:https?://)?(?:www\.)?(?:t\.me|wa\.me|vk\.com|vk\.ru|ok\.ru|instagram\.com|facebook\.com|fb\.com)/[\w.+@-]{3,60}",
    re.IGNORECASE,
)
NAMED_HANDLES = re.compile(
    r"\b(?:telegram|телеграмм?е?|телега|тг|tg|skype|скайпе?|instagram|инстаграмм?е?|инста|вк|vk|discord|дискорде?|"
    r"whats ?app|viber|вайбере?|ватс?апе?|мессенджере?)\s*[:—–-]?\s*(?:(?:мой|моя|ник|логин|id|is)\s*[:—–-]?\s*)?"
    r"(?P<who>(?=[a-z.]{0,31}[0-9_])[a-z][a-z0-9_.]{3,31})(?<!\.)(?!\w)",
    re.IGNORECASE,
)

JOINS = re.compile(r"[ \u00a0\u202f\-–—‑.()]{1,3}|/ ?")
DIGITS = re.compile(r"\d{1,24}")
PHONE_CUE = re.compile(
    r"\b(?:тел|телефон\w*|моб|мобильн\w*|сотов\w*|факс|звон\w+|(?:пере|по|до)звон\w+|наберите|номерок|whats ?app|"
    r"ватс?ап\w*|вайбер\w*|viber|для связи|(?:свяжи\w+|связаться)(?:\s+со? \w+)?|контакт\w*|sms|смс|call|ring|phone|"
    r"mobile|cell|tel|text|reach)\b"
    r"(?:[\s:.,;—–-]+(?:по|на|мне|мой|мо[её]м\w*|нам|номер\w*|телефон\w*|тел|этот|этому|me|us|my|on|at|is|"
    r"back|number|no|this|please|пожалуйста)\b)*[\s:.,;№#+(—–-]*$",
    re.IGNORECASE,
)
PHONE_AFTER = re.compile(
    r"[\s,.:;—–-]{1,4}"
    r"(?:(?:мне )?(?:(?:пере|по)?звон|наберите|на связи|whats|ватс|вайбер)|(?:please )?(?:call|ring|text) )",
    re.IGNORECASE,
)
CARD_CUE = re.compile(
    r"\b(?:номер\w*(?:\s+(?:мо\w+|банковск\w+|кредитн\w+|дебетов\w+))*\s+карт\w+|"
    r"(?:банковск\w+|кредитн\w+|дебетов\w+)\s+карт\w+|(?:credit|debit|bank) card|card (?:number|no|num))"
    r"(?:\s+(?:is|номер))?[\s:.№#—–-]*$",
    re.IGNORECASE,
)
# Written digit by digit, so that no machine sees a number.
SPACED_PHONE = re.compile(r"(?<![\w.,+-])(?:\+ ?7|8)(?:[ .-][3489])(?:[ .-]\d){2}(?:[ .-]{0,3}\d){7}(?![ .,-]?\w)")
MY_NUMBER = re.compile(
    r"\b(?:мой|my)\s+(?:номер(?:\s+телефона)?|(?:phone\s+)?number(?:\s+is)?)[\s:.,—–+(-]*$", re.IGNORECASE
)
DOCUMENT_CUE = re.compile(
    r"\b(?:паспорт\w*|снилс\w*|инн|passport|ssn|driver'?s? licen[cs]e|водительск\w+|серия|полис\w*|загран\w*|"
    r"удостоверени\w+)"
    r"(?:[\s:.,—–-]+(?:рф|омс|дмс|осаго|мой|серия|номер|серии|и|no|number|is|my|№)(?!\w))*[\s:.,№#—–-]*$",
    re.IGNORECASE,
)
THING_CUE = re.compile(
    r"(?:\b(?:заказ\w*|заявк\w*|накладн\w*|договор\w*|тикет\w*|обращени\w*|трек\w*|посылк\w*|чек\w*|сч[её]т\w*|артикул\w*|"
    r"код\w*|отправлени\w*|товар\w*|квитанци\w*|билет\w*|рейс\w*|полис\w*|order|ticket|invoice|tracking|parcel|case|"
    r"ref|reference|receipt|booking|sku|item|code|request|claim)(?:[\s:.—–-]+(?:номер\w*|number|no|num|id|трек|is|за|из|смс|sms|был|"
    r"была)\b)*|№|#|\bid\b)[\s:.,№#—–-]*$",
    re.IGNORECASE,
)
SUM_AFTER = re.compile(
    r"\s?(?:руб|р\.|р\b|₽|\$|€|£|%|тыс|млн|млрд|шт|кг|км|грн|тенге|rub|usd|eur|gbp|kzt|dollars?|pounds?|euros?|тонн|метр)",
    re.IGNORECASE,
)
SUM_BEFORE = re.compile(r"[$€£₽]\s?$")
PASSPORTS = re.compile(
    r"\bpassport(?:\s+(?:no|number|num|is|my))*[\s.:#№-]{1,3}(?P<a>[A-Z]{0,2}\d{6,9})(?!\w)"
    r"|\b(?:паспорт\w*|серия)[\s:,]{1,3}(?:серия[\s:]{1,3})?"
    r"(?P<b>\d{2} ?\d{2}[\s,]{0,3}(?:номер|№|n)[\s:]{0,3}\d{6})(?!\w)",
    re.IGNORECASE,
)
TOLL_FREE = {
    "7": ("800", "804"),
    "8": ("800", "804"),
    "1": ("800", "833", "844", "855", "866", "877", "888"),
    "0": ("800", "808"),
}
PLUS = re.compile(r"\+\s?\(?$")
CARDS = frozenset([(16,), (15,), (4, 4, 4, 4), (4, 6, 5), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3), (8, 8)])
DATES = ((2, 2, 4), (4, 2, 2), (2, 2, 2))
# One of these stands in every text that the slower patterns of their kind could find something in.
AT_WORDS = ("@", "(at", "[at", " at ", "собака")
MESSENGERS = (
    "tele", "теле", "тг", "tg", "skype", "скайп", "insta", "инста", "вк", "vk", "disc", "диск", "what", "viber",
    "вайбер", "атсап", "атап", "мессендж",
)  # fmt: skip
# Signs of full width and digits of Arabic and Persian, each by the one that it is read as.
SAME = {0xFF01 + at: 0x21 + at for at in range(94)} | {0x3000: 0x20}
SAME |= {zero + at: 0x30 + at for zero in (0x660, 0x6F0) for at in range(10)}
OTHER_SIGNS = re.compile("[\uff01-\uff5e\u3000\u0660-\u0669\u06f0-\u06f9]")
LOWEST_PHONE, HIGHEST_PHONE, LONGEST_CARD, LONGEST_RUN = 6, 15, 19, 7


def find(text: str) -> list[Span]:
    """Where personal data stands in the text, in order and without overlaps."""
    if OTHER_SIGNS.search(text):
        text = text.translate(SAME)
    folded = text.lower()
    spans = [*_addresses(text, folded), *_handles(text, folded), *_numbers(text)]
    spans += [Span(*place, NAME) for place in names.find(text, folded)]
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _has(folded: str, words: Sequence[str]) -> bool:
    """Whether it pays to look closer: most texts hold none of the words."""
    return any(word in folded for word in words)


def blotted(text: str, *, short: bool) -> str:
    """The text without personal data; `short` leaves so much that somebody who knows an address recognises it."""
    parts, at = [], 0
    for start, end, kind in find(text):
        parts += [text[at:start], SHORT[kind](text[start:end]) if short and kind in SHORT else "…"]
        at = end
    return "".join([*parts, text[at:]])


def short_address(address: str) -> str:
    """`a…@example.org`: enough to recognise an e-mail address, too little to write to it."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}" if domain and name else "…" if address else ""


def short_phone(phone: str) -> str:
    """`+7 … 45-67`: the country of an international number and the last four digits."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    if len(digits) < 7:
        return "…" if phone else ""
    country = "+7 " if digits[0] in "78" and len(digits) == 11 else f"+{digits[:2]} " if phone.startswith("+") else ""
    return f"{country}… {digits[-4:-2]}-{digits[-2:]}"


SHORT = {EMAIL: short_address, PHONE: short_phone}


def _addresses(text: str, folded: str) -> Iterator[Span]:
    if "@" in text:
        yield from (Span(found.start(), found.end(), EMAIL) for found in ADDRESS.finditer(text))
    for found in SPELT_ADDRESS.finditer(text) if _has(folded, AT_WORDS) else ():
        if AT_SIGN.search(found.group()):
            yield Span(found.start(), found.end(), EMAIL)


def _handles(text: str, folded: str) -> Iterator[Span]:
    for pattern in [pattern for sign, pattern in (("@", HANDLES), ("/", PROFILES)) if sign in text]:
        yield from (Span(found.start(), found.end(), HANDLE) for found in pattern.finditer(text))
    if _has(folded, MESSENGERS):
        yield from (Span(*found.span("who"), HANDLE) for found in NAMED_HANDLES.finditer(text))


def _numbers(text: str) -> Iterator[Span]:
    """Phones, cards and documents: runs of digits that stand close together, tried from the longest."""
    groups = [Group(found.start(), found.end(), found.group()) for found in DIGITS.finditer(text)]
    if sum(len(group.digits) for group in groups) < LOWEST_PHONE:
        return
    yield from (Span(*found.span(found.lastgroup or 0), DOCUMENT) for found in PASSPORTS.finditer(text))
    yield from (Span(*found.span(), PHONE) for found in SPACED_PHONE.finditer(text))
    at = 0
    while at < len(groups):
        run = _run(text, groups, at)
        kind, taken = _best(text, run)
        if kind:
            yield Span(_begin(text, run[0].start, kind), run[taken - 1].end, kind)
        at += taken


def _run(text: str, groups: Sequence[Group], at: int) -> list[Group]:
    """The group and those that follow it with no more than a separator between."""
    run = [groups[at]]
    for group in groups[at + 1 : at + LONGEST_RUN]:
        if not JOINS.fullmatch(text, run[-1].end, group.start):
            break
        run.append(group)
    return run


def _begin(text: str, start: int, kind: str) -> int:
    """A phone's plus and bracket belong to it."""
    while kind == PHONE and start and text[start - 1] in "+(":
        start -= 1
    return start


def _best(text: str, run: Sequence[Group]) -> tuple[str, int]:
    """What the run begins with and how many groups that takes; ("", how many to skip) when it is nothing personal."""
    first = run[0]
    before = text[max(0, first.start - BEFORE) : first.start]
    if before and (before[-1].isalnum() or before[-1] == "_"):
        return "", 1
    cues = Cues(before)
    for count in range(len(run), 0, -1):
        if not LOWEST_PHONE <= sum(len(group.digits) for group in run[:count]) <= LONGEST_CARD:
            continue
        number = Number(text, run[:count])
        if number.goes_on(text):
            continue
        if SUM_AFTER.match(text, number.end) or SUM_BEFORE.search(before):
            continue
        if number.is_toll_free or (number.shape == (4, 4, 4, 4) and not number.is_card and not cues.of_card):
            return "", count
        if kind := _kind(number, cues, text):
            return kind, count
    return "", 1


class Cues:
    """What the words before a number say about it."""

    def __init__(self, before: str) -> None:
        # A cue stands right before its number: another number between them takes it.
        self.before = "" if before.rstrip(" -–—.,()\u00a0")[-1:].isdigit() else before
        self.has_plus = PLUS.search(before) is not None

    @cached_property
    def of_document(self) -> bool:
        return DOCUMENT_CUE.search(self.before) is not None

    @cached_property
    def of_thing(self) -> bool:
        return not self.of_document and THING_CUE.search(self.before) is not None

    @cached_property
    def of_card(self) -> bool:
        return CARD_CUE.search(self.before) is not None

    @cached_property
    def is_beginning(self) -> bool:
        """Whether a sentence begins here."""
        return self.before.rstrip(" (")[-1:] in ("", ".", "!", "?", "\n", ";")

    @cached_property
    def of_phone(self) -> bool:
        return not self.of_thing and any(cue.search(self.before) for cue in (PHONE_CUE, MY_NUMBER))


class Number:
    """Groups of digits read as one number: `shape` are their lengths, `seps` what stands between them."""

    def __init__(self, text: str, groups: Sequence[Group]) -> None:
        self.digits = "".join(group.digits for group in groups)
        self.shape = tuple(len(group.digits) for group in groups)
        self.seps = [text[left.end : right.start] for left, right in zip(groups, groups[1:], strict=False)]
        self.end = groups[-1].end

    def goes_on(self, text: str) -> bool:
        """Whether a letter follows: a code, not a number."""
        return self.end < len(text) and (text[self.end].isalpha() or text[self.end] == "_")

    @property
    def is_toll_free(self) -> bool:
        """A firm's own line, nobody's personal number."""
        return len(self.digits) in (10, 11) and self.digits[1:4] in TOLL_FREE.get(self.digits[0], ())

    @property
    def is_card(self) -> bool:
        begins = (
            ("34", "37") if self.shape == (15,) else ("2", "3", "4", "5", "6", "9")
        )  # a phone's own number has 15 too
        return self.shape in CARDS and self.digits.startswith(begins) and _luhn(self.digits)

    @property
    def is_document(self) -> bool:
        """A Russian insurance number by its check digits, an American one by its shape."""
        if self.shape == (3, 3, 3, 2):
            return _insurance(self.digits)
        return self.shape == (3, 2, 4) and self.seps == ["-", "-"]

    @property
    def may_be_document(self) -> bool:
        """Beside the name of a document."""
        return 6 <= len(self.digits) <= 16 and self.shape not in DATES

    def is_phone(self, *, has_plus: bool) -> bool:
        """Whether its own shape says so."""
        digits, shape, size = self.digits, self.shape, len(self.digits)
        if has_plus:
            return size == 11 if digits[0] in "71" else 9 <= size <= 13
        if size == 11 and digits[0] in "78":
            in_parts = shape[0] == 1 and len(shape) > 1 and shape[1] in (3, 4, 5, 10) and len(shape) <= 6
            return (digits[1] in "3489" and (in_parts or shape[0] in (4, 11))) or (digits[1] == "0" and in_parts)
        if shape in ((3, 3, 4), (3, 7)):
            return digits[0] in "23456789" and not set("-.()").isdisjoint("".join(self.seps))
        if shape in ((3, 3, 2, 2), (3, 2, 2)):
            return digits[0] in "3489" if len(shape) == 4 else set(self.seps) == {"-"}
        if digits.startswith("00"):
            return 11 <= size <= 15 and len(shape) > 1
        return digits[0] == "0" and size in (10, 11) and len(shape) in (2, 3) and shape[0] in (3, 4, 5)

    @property
    def is_mobile(self) -> bool:
        """A Russian mobile number less its first digit."""
        return self.shape == (10,) and self.digits[0] == "9"

    def is_all(self, text: str, cues: Cues) -> bool:
        """Whether nothing but the number is said, or a word like "call me" follows."""
        after = text[self.end : self.end + 30]
        return PHONE_AFTER.match(after) is not None or (
            cues.is_beginning and after.lstrip(" )")[:1] in ("", ".", "!", "?", "\n", ";", ",")
        )

    @property
    def may_be_phone(self) -> bool:
        """Beside a word like "call me": neither a date nor a sum by thousands."""
        if not 6 <= len(self.digits) <= HIGHEST_PHONE or min(self.shape[1:], default=2) < 2:
            return False
        by_thousands = (
            len(self.shape) > 1 and self.shape[0] <= 3 and set(self.shape[1:]) == {3} and not "".join(self.seps).strip()
        )
        return not by_thousands and not (self.shape in DATES and "." in self.seps)


def _kind(number: Number, cues: Cues, text: str) -> str:
    if (number.is_card and not cues.of_thing) or (len(number.digits) == 16 and cues.of_card):
        return CARD
    if (number.is_document and not cues.of_thing) or (number.may_be_document and cues.of_document):
        return DOCUMENT
    if len(number.digits) > HIGHEST_PHONE or cues.of_document:
        return ""
    if number.is_phone(has_plus=cues.has_plus) and (cues.has_plus or not cues.of_thing):
        return PHONE
    if number.may_be_phone and cues.of_phone:
        return PHONE
    return PHONE if number.is_mobile and not cues.of_thing and number.is_all(text, cues) else ""


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 - (place % 2 == 0)) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _insurance(digits: str) -> bool:
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(digits[:9]))
    return total % 101 % 100 == int(digits[9:])
