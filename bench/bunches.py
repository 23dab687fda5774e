"""Row 7: from a comment to its count, in bunches as the workers go, against one task for each comment."""

import itertools
from collections.abc import Iterator

from bench import costs, product
from bench.table import Row

COUNT, BUNCH = 600, 100


def rows(database: str) -> Iterator[Row]:
    """The CPU is that of the process that reads and counts."""
    with product.on(database, UNDERSTANDING_DEEP="0") as environment:
        together, apart = product.ask_once(environment, "bench.bunches.measure")
    what = "a comment read and counted in bunches, against one task each: CPU"
    yield Row(7, what, database, f"{together:.1f} ms", f"{apart:.1f} ms", apart / together, 10)


def measure() -> tuple[float, ...]:
    """Milliseconds of a comment in bunches and one by one, in turns of one bunch."""
    from analytics import rollups
    from feedback import classify

    def by(size: int, ids: list[int]) -> None:
        for at in range(0, BUNCH, size):
            classify.classify(ids[at : at + size])
            rollups.roll_up()

    def way(size: int, turn: int) -> float:
        ids = fill(BUNCH, first=turn * BUNCH)
        return costs.of(lambda: by(size, ids))

    classify.warm()
    ways = {"together": lambda turn: way(BUNCH, turn), "apart": lambda turn: way(1, turn)}
    return tuple(1000 * sum(spent) / COUNT for spent in costs.by_turns(ways, COUNT // BUNCH).values())


def fill(count: int, first: int = 0) -> list[int]:
    """So many comments that wait to be read, the labelled ones again and again, each a little different."""
    from feedback.models import Comment
    from feedback.understanding import labelled

    texts = itertools.islice(itertools.cycle(row.text for row in labelled.every()), first, first + count)
    made = [Comment(source="review", text=f"{text} {first + number}") for number, text in enumerate(texts)]
    return [comment.pk for comment in Comment.objects.bulk_create(made, batch_size=1000)]
