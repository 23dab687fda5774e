"""Names of people in free text: beside a word for what they do, after "is called", by a patronymic, under a letter.

A capital letter alone is no name: towns, brands and sentences begin with one too, so each name needs its cue.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ground.given_names import is_given

RU_WORD = r"[А-ЯЁ][а-яё]{1,20}(?:-[А-ЯЁ][а-яё]{1,20})?"
EN_WORD = r"(?:[A-Z]['’][A-Z][a-z]{1,20}|[A-Z][a-z]{1,20}(?:[-'’][A-Z][a-z]{1,20})?)"
RU_NAME = rf"(?:{RU_WORD}|[А-ЯЁ]{{3,20}}|[А-ЯЁ]\.)"
EN_NAME = rf"(?:{EN_WORD}|[A-Z]{{3,20}}|[A-Z]\.)"
# A surname in small letters, but for ordinary words that end alike.
SMALL_SURNAME = (
    r"(?!(?:один|снов|слов|готов|здоров|магазин|машин|мужчин|женщин|причин|половин|основ|нов)[а-яё]{0,2}\b)"
    r"[а-яё]{2,16}(?:(?:[оеё]в|[иы]н)(?:а|у|ым|ой)?|[сц]к(?:ий|ая)|енко)(?![\w-])"
)
SAID = re.compile(
    r"(?:"
    rf"\b(?i:меня зовут|зовут меня|звать меня|меня звать|мо[её] имя|мо[яи] фамилия(?: и имя)?|фио|подпись)\s*[:—–-]?\s*"
    rf"(?P<a>{RU_NAME}(?:\s?\b{RU_NAME}){{0,2}})"
    rf"|\b(?i:с уважением|с наилучшими пожеланиями|с благодарностью)[,\s—–-]{{1,4}}"
    rf"(?P<b>{RU_NAME}(?:\s?\b{RU_NAME}){{0,2}})"
    rf"|\b(?i:на имя)\s+(?P<c>{RU_NAME}(?:\s?\b{RU_NAME}){{1,2}})"
    rf"|\b(?i:my (?:full |first |last )?name(?: is|['’]s)|the name is|full name)\s*[:—–-]?\s*"
    rf"(?P<d>{EN_NAME}(?:\s?\b{EN_NAME}){{0,2}})"
    rf"|\b(?i:(?:best |kind |warm )?regards|sincerely(?: yours)?|yours (?:truly|sincerely|faithfully))[,\s—–-]{{1,4}}"
    rf"(?P<e>{EN_NAME}(?:\s?\b{EN_NAME}){{0,2}})"
    rf"|\b(?i:меня зовут)\s+(?P<f>[а-яё]{{3,15}}(?:\s{SMALL_SURNAME})?)(?![\w-])"
    r"|\b(?i:my name is)\s+(?P<g>[a-z]{3,15})(?![\w-])"
    r")"
)
# One of these stands in every text that the pattern above could find something in.
SAID_WORDS = (
    "зовут", "звать", "имя", "фамили", "фио", "подпись", "уважением", "пожеланиями", "благодарностью", "name",
    "regards", "sincerely", "yours ",
)  # fmt: skip
SURNAME = r"[А-ЯЁ][а-яё]{1,20}(?:[оеё]в|ин|ын|[сц]к)(?:а|у|ы|е|ой|ым|ий|ая|ую|ого|ому|им)?"
PATRONYMIC = re.compile(
    rf"(?<![\w-])(?:{SURNAME}\s)?[А-ЯЁ](?:[а-яё]{{1,20}}|\.)\s"
    rf"[А-ЯЁ][а-яё]{{1,20}}(?:[ое]вич|ич|[ое]вн|ичн)(?:а|у|ы|е|ем|ом|ой)?(?:\s{SURNAME})?(?![\w-])"
)
PATRONYMIC_WORDS = ("ович", "евич", "ьич", "овн", "евн", "ичн")
INITIALS = re.compile(rf"(?<![\w-]){SURNAME}\s[А-ЯЁ]\.\s?[А-ЯЁ]\.")

# A capital letter inside a sentence, and what may go on as the same name.
CAPITAL = re.compile(r"(?:(?<=[a-zа-яё]\s)|(?<=[a-zа-яё][.,]\s))(?=[A-ZА-ЯЁ])")
GOES_ON = re.compile(
    rf"(?P<a>{RU_WORD}|[А-ЯЁ]\.)(?:\s(?:{RU_WORD}|[А-ЯЁ]\.(?:\s?[А-ЯЁ]\.)?))?(?![\w-]|\.\w)"
    rf"|(?P<b>{EN_WORD}|[A-Z]\.)(?:\s{EN_WORD}){{0,2}}(?![\w-]|\.\w)"
)
AND = re.compile(r"\s(?:и|and)\s(?=[A-ZА-ЯЁ][a-zа-яё])")
SMALL = re.compile(r"(?<![\w-])([a-zа-яё]+) (?=([a-zа-яё]{3,12})(?![\w@.-]*[\w@]))")
SURNAME_AFTER = re.compile(rf"\s{SMALL_SURNAME}")
# «менеджер: Иван», «Анастасия, оператор»: a sign between, so the name itself must be known as one.
SIGNED = re.compile(rf"(?<![\w-])(?P<work>[\w-]{{2,20}})\s?[:(—–-]\s?(?=(?P<name>{RU_WORD}|{EN_WORD})(?![\w-]))")
FOLLOWED = re.compile(
    rf"(?<![\w-])(?P<name>{RU_WORD}|{EN_WORD})(?:\s(?:{RU_WORD}|{EN_WORD}))?(?:,\s|\s?[(—–-]\s?)(?=(?P<work>[\w-]{{2,20}}))"
)
SELF = re.compile(rf"\b(?:I['’]m|I am|i['’]m|i am)\s(?P<name>{EN_WORD})(?:\s{EN_WORD}){{0,2}}(?![\w-])")
BEFORE = re.compile(r"([\w-]+)(\.?,?)\s$")
REACH = 70  # how far to the left the cue may stand
STEMS = frozenset({
    "оператор", "операторш", "менеджер", "мастер", "курьер", "доктор", "врач", "медсестр", "хирург", "терапевт",
    "педиатр", "стоматолог", "тренер", "инструктор", "учител", "учительниц", "преподавател", "преподавательниц",
    "воспитател", "воспитательниц", "агент", "консультант", "специалист", "администратор", "официант",
    "официантк", "сотрудник", "сотрудниц", "водител", "кассир", "кассирш", "продавец", "продавц", "продавщиц",
    "гид", "экскурсовод", "директор", "управляющ", "руководител", "начальник", "начальниц", "инженер", "монтёр",
    "монтер", "монтажник", "сантехник", "электрик", "диспетчер", "охранник", "консьержк", "куратор", "наставник",
    "репетитор", "юрист", "эксперт", "риелтор", "парикмахер", "массажист", "девушк", "коллег", "господин",
    "госпож", "логопед", "бухгалтер", "техник", "реставратор", "кондуктор", "проводник", "проводниц", "стюардесс",
})  # fmt: skip
ENDINGS = frozenset({
    "", "а", "у", "е", "и", "ы", "о", "й", "ь", "я", "ю", "ом", "ем", "ой", "ей", "ам", "ами", "ах", "ов", "ям",
    "ями", "ях", "ая", "ую", "ему", "его", "им", "ий",
})  # fmt: skip
CALLED = frozenset({
    "зовут", "звали", "звать", "спросите", "обслуживал", "обслуживала", "обслужил", "обслужила",
})  # fmt: skip
WORKERS = frozenset({
    "agent", "operator", "manager", "nurse", "doctor", "dr", "mr", "mrs", "ms", "miss", "prof", "professor",
    "courier", "driver", "guide", "coach", "trainer", "technician", "engineer", "waiter", "waitress", "cashier",
    "receptionist", "advisor", "adviser", "teacher", "supervisor", "stylist", "captain", "plumber", "electrician",
    "clerk", "consultant", "representative", "rep", "assistant", "specialist", "barber", "dentist", "surgeon",
    "hostess", "practitioner", "executive", "instructor", "tutor", "dispatcher", "colleague", "librarian",
    "pharmacist", "mechanic", "officer",
})  # fmt: skip
TITLES = frozenset({
    "dr", "mr", "mrs", "ms", "prof", "г-н", "г-жа",
})  # fmt: skip
PERSONS = frozenset({
    "someone", "somebody", "man", "woman", "lad", "lady", "girl", "guy", "chap", "bloke", "boy", "person",
    "fellow", "gentleman",
})  # fmt: skip
OBLIQUE = ("у", "ю", "ы", "и", "ом", "ем", "ым", "ской", "ого", "его")
NO_VERBS = frozenset({
    "fred", "ahmed", "mohamed", "mohammed", "muhammed", "hamed", "saeed", "javed", "khaled", "ned", "ted", "jed",
    "reed", "king", "ming", "sterling",
})  # fmt: skip
NO_NAMES = frozenset({
    "администрация", "клиент", "покупатель", "ваш", "ваша", "ваше", "ваши", "вашего", "вашей", "вашему", "вашим",
    "вас", "вам", "вы", "наш", "наша", "команда", "спасибо", "прошу", "жду", "служба", "по-разному", "обратно",
    "туда", "сюда", "обедать", "работать", "уже", "снова", "опять", "каждый", "всегда", "часто", "иначе",
    "неправильно", "постоянно", "просто", "вообще", "что", "как", "так", "для", "при", "под", "над", "без", "про",
    "это", "или", "когда", "если", "москва", "москвы", "москве", "россии", "the", "your", "thanks", "customer",
    "team", "client", "wrong", "not", "misspelled", "missing", "said", "says", "never", "i", "is", "was", "in",
    "on", "at", "and", "he", "she", "they", "who", "did", "has", "had", "will", "would", "no", "just", "told",
    "came", "we", "you", "it", "his", "her", "my", "our", "why", "when", "then", "but", "so", "for", "to", "from",
    "of", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "station", "centre",
    "center", "london", "spelt", "spelled", "still", "written", "listed", "also", "too", "very", "now",
    "different", "nowhere", "there", "here", "being", "all", "only", "unknown", "known", "taken", "gone", "mud",
    "english", "russian", "house", "practitioners",
})  # fmt: skip
BRANDS = (
    "билайн", "мегафон", "мтс", "теле", "ростелеком", "йот", "сбер", "тиньк", "альф", "втб", "озон", "яндекс",
    "авито", "сдэк", "почт", "самокат", "магнит", "пят", "вкусвилл", "алис", "марус", "салют", "wildberr",
    "вайлдберр", "ламод", "леруа", "икеа", "ашан", "автобус", "гостиниц", "шиномонтаж", "банк", "магазин", "офис",
    "отел", "vodafone", "verizon", "tele2", "amazon", "google", "apple", "siri", "alexa", "dhl", "fedex", "ups",
    "sky", "virgin", "booking", "uber", "telegram", "whatsapp", "pepper", "microsoft", "facebook", "paypal",
    "bolt", "royal", "hermes", "evri", "yota", "three", "amex", "росреестр", "госуслуг", "мфц", "газел", "росси",
)  # fmt: skip


class Place(NamedTuple):
    """Where a name stands."""

    start: int
    end: int


def find(text: str, folded: str) -> Iterator[Place]:
    """Names in the text, each by its cue; `folded` is the text in small letters."""
    if _has(folded, SAID_WORDS):
        yield from (Place(*found.span(found.lastgroup or 0)) for found in SAID.finditer(text) if _may_be(found))
    if _has(folded, PATRONYMIC_WORDS):
        yield from (Place(*found.span()) for found in PATRONYMIC.finditer(text))
    if "." in text:
        yield from (Place(*found.span()) for found in INITIALS.finditer(text))
    yield from _small(text, folded)
    yield from _known(text, folded)
    for capital in CAPITAL.finditer(text):
        at = capital.start()
        name = GOES_ON.match(text, at)
        if name and _is_cue(text[max(0, at - REACH) : at], name["a"] or name["b"]):
            yield from _from(text, at)


def _small(text: str, folded: str) -> Iterator[Place]:
    """Names in small letters beside a word for what somebody does."""
    for pair in SMALL.finditer(folded) if len(folded) == len(text) else ():
        if is_given(pair[2]) and _is_work(pair[1]):
            surname = SURNAME_AFTER.match(folded, pair.end(2))
            yield Place(pair.start(2), surname.end() if surname else pair.end(2))


def _known(text: str, folded: str) -> Iterator[Place]:
    """Given names with a sign between them and the word for what somebody does, and after "I'm"."""
    for found in (*SIGNED.finditer(text), *FOLLOWED.finditer(text)):
        if is_given(found["name"].lower()) and _is_work(found["work"].lower()):
            yield from _from(text, found.start("name"))
    for found in SELF.finditer(text) if "m " in folded else ():
        if is_given(found["name"].lower()):
            yield from _from(text, found.start("name"))


def _has(folded: str, words: tuple[str, ...]) -> bool:
    """Whether it pays to look closer: most texts hold none of the words."""
    return any(word in folded for word in words)


def _may_be(found: re.Match[str]) -> bool:
    return not _is_other(found[found.lastgroup or 0].split()[0])


def _is_other(word: str) -> bool:
    """Whether the capital has another reason: an ordinary word, a firm, a town."""
    small = word.lower()
    return small in NO_NAMES or small.startswith(BRANDS) or (small.endswith(("ed", "ing")) and small not in NO_VERBS)


def _from(text: str, at: int) -> Iterator[Place]:
    """The name that begins here, and one that "and" joins to it."""
    found = GOES_ON.match(text, at)
    if not found or _is_other(found["a"] or found["b"]):
        return
    words = found[0].split(" ")
    while len(words) > 1 and _is_other(words[-1]):
        words.pop()
    end = at + len(" ".join(words))
    yield Place(at, end)
    if joined := AND.match(text, end):
        yield from _from(text, joined.end())


def _is_cue(before: str, name: str) -> bool:
    """Whether the words before a capital say that a person's name follows."""
    last = BEFORE.search(before)
    if not last:
        return False
    word, sign = last[1].lower(), last[2]
    earlier = [each.lower() for each in before[: last.start()].split()[-4:]]
    beside = earlier[-1] if earlier else ""
    if sign.startswith("."):
        return word in TITLES
    if sign:
        return word in WORKERS
    if word == "имени":  # «по имени Юля», not «больница имени Семашко»
        return beside == "по"
    if word in ("is", "was"):
        return earlier[-2:] in (["his", "name"], ["her", "name"]) or beside in WORKERS
    if word in ("called", "named"):
        return beside in PERSONS or beside in WORKERS
    return word in CALLED or _does(word, name) or _did_between(word, earlier)


def _does(word: str, name: str) -> bool:
    """Whether the word says what somebody does, and the name stands in a case that goes with it.

    «курьер Москву», «водитель Газели»: beside a worker in the nominative the capital of another case is no name.
    """
    is_other_case = word in STEMS and len(name) > 3 and name.endswith(OBLIQUE)
    is_place = name.endswith(("ской", "цкой")) and not word.endswith(("ой", "ей"))
    return _is_work(word) and not is_other_case and not is_place


def _did_between(word: str, earlier: list[str]) -> bool:
    """Whether the work stands a little before: «менеджер по продажам Игорь», «мастер маникюра Лиля»."""
    if "по" in earlier:
        return any(_is_work(each) for each in earlier[: earlier.index("по")])
    is_of = word == "отдела" or (word.endswith(("а", "я", "ы", "и")) and not word.endswith(("ла", "ли", "ся", "такси")))
    works = [each for each in earlier[-2:] if each != "на"]
    return is_of and bool(works) and _is_work(works[-1])


def _is_work(word: str) -> bool:
    """Whether the word says what somebody does, in any case of its declension or in the plural."""
    word = word.rpartition("-")[2] if word not in TITLES else word
    if word in WORKERS or word in TITLES or (word.endswith("s") and word[:-1] in WORKERS):
        return True
    return any(word[:size] in STEMS and word[size:] in ENDINGS for size in range(max(3, len(word) - 3), len(word) + 1))
