"""Yes (1) or no (0), like “was it resolved?”."""

from surveys.questions import SCALES, Given, Options, Scale


def scale(options: Options) -> Scale:
    return SCALES["yes_no"]


def items(options: Options) -> tuple[str, ...]:
    return ()


def parse(given: Given, options: Options) -> dict[str, int]:
    return scale(options).parse_one(given)
