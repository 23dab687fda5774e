"""Net promoter score: 0 to 10, promoters from 9, passives 7 and 8 (metric M3)."""

from surveys.questions import SCALES, Given, Options, Scale


def scale(options: Options) -> Scale:
    return SCALES["nps"]


def items(options: Options) -> tuple[str, ...]:
    return ()


def parse(given: Given, options: Options) -> dict[str, int]:
    return scale(options).parse_one(given)
