"""Agents by what their contacts were about: where somebody is behind the rest of the team, or ahead of it (M27).

Only who leads a team compares its people; the rows of other teams are not part of it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analytics.agents import Row, shares
from analytics.competence import standing_out
from analytics.display import DisplayState, segment_states
from analytics.scores import Share, share
from ground.access import Scope
from ground.models import Role

# So many reasons and agents have a place in the table, the most frequent first; everybody is compared.
REASONS, AGENTS = 8, 20


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One agent's answers about one reason, beside those of the team; `side` is "ahead", "behind" or ""."""

    agent: int
    reason: str
    own: Share
    team: Share
    state: DisplayState
    side: str

    @property
    def rest(self) -> Share:
        """That of the colleagues."""
        return share(self.team.num - self.own.num, self.team.den - self.own.den)


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """The cells by agent and reason, and the agents and reasons that have most answers."""

    cells: Mapping[tuple[int, str], Cell]
    agents: tuple[int, ...]
    reasons: tuple[str, ...]

    @property
    def hints(self) -> tuple[Cell, ...]:
        """Where training would help, those with most answers first."""
        found = [cell for cell in self.cells.values() if cell.side == "behind" and cell.state != "hidden"]
        return tuple(sorted(found, key=lambda cell: (-cell.own.n, cell.agent, cell.reason)))


def led(scope: Scope) -> Callable[[Row], bool]:
    """Whether a row is of a team that the reader leads."""
    return lambda row: scope.allows(row.team, least=Role.MANAGER)


def matrix(rows: Sequence[Row]) -> Matrix:
    """The table of these answers, all on one scale that is a share."""
    everybody, own = shares(rows, "team", "reason"), shares(rows, "agent", "reason")
    places: dict[tuple[int, str], set[tuple[int | None, str]]] = defaultdict(set)
    for row in rows:
        places[row.agent, row.reason].add((row.team, row.reason))
    pairs = {key: (found, _together([everybody[place] for place in places[key]])) for key, found in own.items()}
    sides = standing_out({key: pair for key, pair in pairs.items() if key[1]})
    states = _states({key: found.n for key, (found, _team_share) in pairs.items()})
    cells = {
        (agent, reason): Cell(
            agent=agent,
            reason=reason,
            own=found,
            team=team,
            state=states[agent, reason],
            side=_side(sides.get((agent, reason))),
        )
        for (agent, reason), (found, team) in pairs.items()
        if reason
    }
    by_reason, by_agent = Counter[str](), Counter[int]()
    for (agent, reason), cell in cells.items():
        by_reason[reason] += cell.own.n
        by_agent[agent] += cell.own.n if cell.state != "hidden" else 0
    return Matrix(
        cells=cells,
        agents=tuple(agent for agent, shown in by_agent.most_common(AGENTS) if shown),
        reasons=tuple(reason for reason, _answers in by_reason.most_common(REASONS)),
    )


def _together(found: Sequence[Share]) -> Share:
    """The share of several teams."""
    return found[0] if len(found) == 1 else share(sum(one.num for one in found), sum(one.den for one in found))


def _states(answers: Mapping[tuple[int, str], int]) -> dict[tuple[int, str], DisplayState]:
    """An agent's answers by reason add up to the agent's total, which the page shows."""
    rows: dict[int, dict[str, int]] = defaultdict(dict)
    for (agent, reason), number in answers.items():
        rows[agent][reason] = number
    return {(agent, reason): state for agent, own in rows.items() for reason, state in segment_states(own).items()}


def _side(diff: float | None) -> str:
    return "" if not diff else "ahead" if diff > 0 else "behind"
