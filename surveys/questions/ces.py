"""Customer effort: how far they agree, 1 to 7, that it was easy (metric M4)."""

from surveys.questions import SCALES, Given, Options, Scale


def scale(options: Options) -> Scale:
    return SCALES["ces_7"]


def items(options: Options) -> tuple[str, ...]:
    return ()


def parse(given: Given, options: Options) -> dict[str, int]:
    return scale(options).parse_one(given)
