"""Agents by what their contacts were about: where somebody is behind the rest of the team, or ahead of it (M27).

Only who leads a team compares its people; the rows of other teams are not part of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from analytics.agents import Row, tally
from analytics.competence import HINT_FROM, standing_out
from analytics.display import DisplayState, display_state
from analytics.hiding import hidden_cells
from analytics.scores import Share, share
from ground.access import Scope
from ground.models import Role

# So many reasons and agents have a place in the table, the most frequent first; everybody is compared.
REASONS, AGENTS = 8, 20
Counts = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One agent's answers about one reason, beside those of the team; `side` is "ahead", "behind" or "".

    The counts are of good answers and of all; few of many cells are told as shares.
    """

    agent: int
    reason: str
    counts: Counts
    counts_of_team: Counts
    state: DisplayState
    side: str

    @property
    def n(self) -> int:
        return self.counts[1]

    @cached_property
    def own(self) -> Share:
        return share(*self.counts)

    @cached_property
    def rest(self) -> Share:
        """That of the colleagues."""
        (good, answers), (of_team, all_of_team) = self.counts, self.counts_of_team
        return share(of_team - good, all_of_team - answers)


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
        return tuple(sorted(found, key=lambda cell: (-cell.n, cell.agent, cell.reason)))


def led(rows: Iterable[Row], scope: Scope) -> list[Row]:
    """The rows of teams that the reader leads."""
    rows = list(rows)
    teams = {team for team in {row.team for row in rows} if scope.allows(team, least=Role.MANAGER)}
    return [row for row in rows if row.team in teams]


def matrix(rows: Sequence[Row]) -> Matrix:
    """The table of these answers, all on one scale that is a share."""
    everybody, own = tally(rows, "team", "reason"), tally(rows, "agent", "reason")
    places: dict[tuple[int, str], list[Counts]] = defaultdict(list)
    for agent, team, reason in {(agent, team, reason) for agent, team, _channel, reason, _good, _answers in rows}:
        places[agent, reason].append(everybody[team, reason])
    teams = {key: _together(found) for key, found in places.items()}
    sides = standing_out(
        {key: (share(*own[key]), share(*teams[key])) for key in own if key[1] and own[key][1] >= HINT_FROM}
    )
    hidden = _hidden(rows)
    cells = {
        (agent, reason): Cell(
            agent=agent,
            reason=reason,
            counts=counts,
            counts_of_team=teams[agent, reason],
            state="hidden" if (agent, reason) in hidden else display_state(counts[1]),
            side=_side(sides.get((agent, reason))),
        )
        for (agent, reason), counts in own.items()
        if reason
    }
    by_reason, by_agent = Counter[str](), Counter[int]()
    for (agent, reason), cell in cells.items():
        by_reason[reason] += cell.n
        by_agent[agent] += cell.n if cell.state != "hidden" else 0
    return Matrix(
        cells=cells,
        agents=tuple(agent for agent, shown in by_agent.most_common(AGENTS) if shown),
        reasons=tuple(reason for reason, _answers in by_reason.most_common(REASONS)),
    )


def _together(found: Sequence[Counts]) -> Counts:
    """The sum of counts."""
    if len(found) == 1:
        return found[0]
    return sum(good for good, _answers in found), sum(answers for _good, answers in found)


def _hidden(rows: Sequence[Row]) -> set[tuple[int, str]]:
    """An agent's answers by reason add up to the agent's, and the agents' of a team to those of its colleagues."""
    teams: dict[int | None, dict[tuple[int, str], int]] = defaultdict(dict)
    for (team, agent, reason), (_good, answers) in tally(rows, "team", "agent", "reason").items():
        teams[team][agent, reason] = answers
    whole = {key: answers for key, (_good, answers) in tally(rows, "agent", "reason").items()}
    found = hidden_cells(whole)
    for counts in teams.values() if len(teams) > 1 else ():
        # Of who answered for several teams the sum is shown, and no team's part of it.
        found |= hidden_cells({key: answers for key, answers in counts.items() if answers == whole[key]})
    return found


def _side(diff: float | None) -> str:
    return "" if not diff else "ahead" if diff > 0 else "behind"
