"""Several aspects of a contact (speed, politeness, competence, solved), each on the same scale of 1 to 5 or 1 to 3.

`options["aspects"]` are their codes in order, `options["names"]` their names.
"""

from surveys.questions import SCALES, Given, Options, Scale, refuse_choice

LOOKS = {"five": "csat_5", "three": "csat_3"}


def scale(options: Options) -> None:
    """None: a grid yields no score of the whole contact."""
    return None


def row_scale(options: Options) -> Scale:
    """The scale of each aspect."""
    return SCALES[LOOKS[options.get("look", "five")]]


def items(options: Options) -> tuple[str, ...]:
    return tuple(options.get("aspects", ()))


def parse(given: Given, options: Options) -> dict[str, int]:
    """{aspect: score}; aspects may be left out."""
    if set(given) - set(items(options)) - {""}:
        raise refuse_choice()
    steps = row_scale(options)
    return {item: steps.parse(given[item][-1]) for item in items(options) if given.get(item) and given[item][-1]}
