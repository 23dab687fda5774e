"""`make bench-draining`: many comments wait, everything runs and reads them; what does a customer's page feel of it?"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence

from bench import answering, costs, intake, product
from bench.product import DATABASES

SLICES, PAUSE, LINKS = 5, 0.05, 200
WARM = 10.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--databases", nargs="+", default=DATABASES, choices=DATABASES)
    options = parser.parse_args()
    for name in options.databases:
        with product.on(name, PORT=str(answering.free_port())) as environment:
            print(f"{name}: {drained(environment, options.count)}", flush=True)
    return 0


def drained(environment: product.Environment, count: int) -> str:
    """Idle and draining by turns, a fifth of the comments each time; the pages of both are compared."""
    port, paths = int(environment["PORT"]), answering.seed(environment, LINKS)
    times: dict[str, list[float]] = {"idle": [], "draining": []}
    seconds = 0.0
    with intake.everything(environment, port), product.inside(environment) as ask:
        shown(port, paths, until_after(WARM))
        for turn in range(SLICES):
            ask("bench.bunches.fill", count // SLICES, first=turn * count // SLICES)
            began = time.monotonic()
            times["draining"] += shown(port, paths, lambda: not ask("bench.draining.waiting"))
            seconds += time.monotonic() - began
            times["idle"] += shown(port, paths, until_after(WARM))
    found = {way: 1000 * costs.rank(own, 0.95) for way, own in times.items()}
    return (
        f"{count} comments in {seconds:.0f} s, {count / seconds:.0f} a second; page p95 {found['idle']:.1f} ms idle "
        f"(n = {len(times['idle'])}), {found['draining']:.1f} ms meanwhile (n = {len(times['draining'])}), "
        f"{100 * (found['draining'] / found['idle'] - 1):+.0f} %"
    )


def shown(port: int, paths: Sequence[str], done: Callable[[], bool]) -> list[float]:
    """Seconds of one page after another, with a breath between them, looking now and then whether to end."""
    times: list[float] = []
    looked = time.monotonic()
    while True:
        began = time.perf_counter()
        answering.fetch(port, paths[len(times) % len(paths)])
        times.append(time.perf_counter() - began)
        time.sleep(PAUSE)
        if time.monotonic() - looked > 1:
            if done():
                return times
            looked = time.monotonic()


def until_after(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def waiting() -> int:
    """How many comments nobody has read yet; inside Django."""
    from feedback.models import Comment

    return int(Comment.objects.waiting().count())


if __name__ == "__main__":
    sys.exit(main())
