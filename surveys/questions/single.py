"""One of several named choices; `options["choices"]` are their codes in order, `options["names"]` their names."""

from surveys.questions import Given, Options, refuse_choice


def scale(options: Options) -> None:
    return None


def items(options: Options) -> tuple[str, ...]:
    return tuple(options.get("choices", ()))


def parse(given: Given, options: Options) -> dict[str, int]:
    """{the chosen code: 1}."""
    chosen = [value for value in given.get("", ()) if value]
    if not chosen:
        return {}
    if len(set(chosen)) > 1 or chosen[0] not in items(options):
        raise refuse_choice()
    return {chosen[0]: 1}
