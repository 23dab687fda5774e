"""Customer satisfaction (metric M1): five named steps, stars or smileys; three steps; or thumbs down and up."""

from surveys.questions import SCALES, Given, Options, Scale

# How it looks on the page, and the scale that it is answered on.
LOOKS = {"steps": "csat_5", "stars": "csat_5", "smileys": "csat_5", "three": "csat_3", "thumbs": "thumbs"}


def scale(options: Options) -> Scale:
    return SCALES[LOOKS[options.get("look", "steps")]]


def items(options: Options) -> tuple[str, ...]:
    return ()


def parse(given: Given, options: Options) -> dict[str, int]:
    return scale(options).parse_one(given)
