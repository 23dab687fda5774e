"""Any of several named choices, at most `options["most"]` of them when that is set."""

from django.utils.translation import ngettext

from surveys.questions import Given, InvalidAnswer, Options, refuse_choice


def scale(options: Options) -> None:
    return None


def items(options: Options) -> tuple[str, ...]:
    return tuple(options.get("choices", ()))


def parse(given: Given, options: Options) -> dict[str, int]:
    """{each chosen code: 1}."""
    chosen = {value for value in given.get("", ()) if value}
    if chosen - set(items(options)):
        raise refuse_choice()
    most = options.get("most")
    if most and len(chosen) > most:
        raise InvalidAnswer(ngettext("Choose at most %d.", "Choose at most %d.", most) % most)
    return {code: 1 for code in items(options) if code in chosen}
