"""What all plays of the table come to, pair by pair, and the table that docs/evidence.md prints."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from surveys.models import Survey
from tests.scanners.play import Outcome, Play, run
from tests.scanners.table import ONE_CLICK, PERSONS, WITH_SCRIPT, Actor, Person

# So many seeds of every person work for one company.
COMPANY = 20


@dataclass(frozen=True)
class Pair:
    scanner: str
    person: Person
    outcomes: tuple[Outcome, ...]

    def count(self, name: str) -> int:
        return sum(bool(getattr(outcome, name)) for outcome in self.outcomes)

    @property
    def one_click(self) -> list[Outcome]:
        """Those that ought to count with one click: a flagged domain asks for the button, and says so."""
        return [outcome for outcome in self.outcomes if not outcome.in_flagged_domain]


def play_all(survey: Survey, scanner: Sequence[Actor], *, seeds: int) -> list[Pair]:
    """Every person behind one scanner; the people of so many seeds share a mail domain, as colleagues do."""
    name = scanner[0].name.partition(":")[0]
    plays = [
        Play(survey, scanner=scanner, person=person, seed=seed, domain=f"behind{seed // COMPANY}.example")
        for seed in range(seeds)
        for person in PERSONS
    ]
    run(plays)
    return [Pair(name, person, tuple(play.outcome() for play in plays if play.person is person)) for person in PERSONS]


def failings(pairs: Iterable[Pair]) -> list[str]:
    """What the requirements forbid and the plays show."""
    found, pairs = [], list(pairs)
    counted, phantoms = (sum(pair.count(name) for pair in pairs) for name in ("counts", "is_phantom"))
    if phantoms > 0.005 * counted:
        found.append(f"{phantoms} phantoms of {counted} counted")
    for pair in pairs:
        where = f"{pair.scanner} x {pair.person.name}"
        for name in ("is_confirmed_by_scanner", "is_wrong"):
            if number := pair.count(name):
                found.append(f"{where}: {number} {name}")
        if pair.person == ONE_CLICK and pair.one_click:
            share = sum(outcome.counts for outcome in pair.one_click) / len(pair.one_click)
            if share < 0.95:
                found.append(f"{where}: {share:.1%} counted")
        if pair.person == WITH_SCRIPT and pair.count("counts") < len(pair.outcomes):
            found.append(f"{where}: {pair.count('counts')} of {len(pair.outcomes)} counted")
    return found


def summary(pairs: Sequence[Pair]) -> str:
    """All pairs together, in one line."""
    names = ("counts", "is_phantom", "is_wrong", "is_confirmed_by_scanner", "was_late")
    sums = {name: sum(pair.count(name) for pair in pairs) for name in names}
    return f"plays {sum(len(pair.outcomes) for pair in pairs)}, " + ", ".join(
        f"{name} {number}" for name, number in sums.items()
    )


def table(pairs: Iterable[Pair]) -> str:
    """As Markdown: for each scanner, what counts of the answers that each person meant to give."""
    rows: dict[str, list[Pair]] = {}
    for pair in pairs:
        rows.setdefault(pair.scanner, []).append(pair)
    head = ["scanner", *(person.name for person in PERSONS), "wrong", "phantom", "held late"]
    lines = [" | ".join(head), " | ".join("---" for _name in head)]
    for scanner, of_scanner in rows.items():
        cells = [_share(pair) for pair in of_scanner]
        sums = [sum(pair.count(name) for pair in of_scanner) for name in ("is_wrong", "is_phantom", "was_late")]
        lines.append(" | ".join([scanner, *cells, *map(str, sums)]))
    return "\n".join(f"| {line} |" for line in lines)


def _share(pair: Pair) -> str:
    counted, total = pair.count("counts"), len(pair.outcomes)
    flagged = total - len(pair.one_click)
    return f"{100 * counted / total:.4g}%" + (f" ({flagged} flagged)" if flagged else "")
