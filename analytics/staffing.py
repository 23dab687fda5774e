"""How many agents a queue needs: Erlang C for phone and chat, workload for mail (M21).

A hint, to be printed with its assumptions: nobody hangs up (so it asks for rather too many), arrivals at random, one
skill for all.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

SERVICE_LEVEL = 0.8
OCCUPANCY = 0.85
SHRINKAGE = 0.3


@dataclass(frozen=True, kw_only=True)
class Load:
    """What so many agents make of a load in erlangs; `asa` is the mean wait in seconds, None if the queue grows."""

    load: float
    occupancy: float
    p_wait: float
    asa: float | None
    service_level: float


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """Agents that must be there, and to be put on the roster for it; the level and the occupancy that they reach."""

    agents: int
    scheduled: int
    service_level: float
    occupancy: float


def erlang_c(*, arrivals: float, handle_time: float, agents: int, target: float) -> Load:
    """Erlang C of `arrivals` a second that take `handle_time` seconds each; share answered within `target` seconds."""
    if arrivals < 0 or handle_time <= 0 or agents < 1 or target < 0:
        raise ValueError("needs arrivals, a handle time, agents and a target that are not negative")
    load = arrivals * handle_time
    if load >= agents:
        return Load(load=load, occupancy=1.0, p_wait=1.0, asa=None, service_level=0.0)
    blocked = 1.0
    for k in range(1, agents + 1):
        blocked = load * blocked / (k + load * blocked)
    p_wait = agents * blocked / (agents - load * (1 - blocked))
    free = agents - load
    return Load(
        load=load,
        occupancy=load / agents,
        p_wait=p_wait,
        asa=p_wait * handle_time / free,
        service_level=1 - p_wait * math.exp(-free * target / handle_time),
    )


def staffing(
    *,
    arrivals: float,
    handle_time: float,
    target: float,
    service_level: float = SERVICE_LEVEL,
    occupancy: float = OCCUPANCY,
    shrinkage: float = SHRINKAGE,
) -> Staffing:
    """Fewest agents that reach the service level and are not busier than `occupancy`.

    `shrinkage` is the share of paid time away from the queue.
    """
    agents = max(1, math.ceil(arrivals * handle_time / occupancy - 1e-9))
    found = erlang_c(arrivals=arrivals, handle_time=handle_time, agents=agents, target=target)
    while found.service_level < service_level:
        agents += 1
        found = erlang_c(arrivals=arrivals, handle_time=handle_time, agents=agents, target=target)
    return Staffing(
        agents=agents,
        scheduled=on_roster(agents, shrinkage),
        service_level=found.service_level,
        occupancy=found.occupancy,
    )


def mail_agents(*, workload_hours: float, shift_hours: float, occupancy: float = OCCUPANCY) -> int:
    """Agents for work that may wait, such as mail: hours of work over the hours that one agent works in a shift."""
    if workload_hours < 0 or shift_hours <= 0:
        raise ValueError("needs hours of work and of a shift that are not negative")
    return math.ceil(workload_hours / (shift_hours * occupancy) - 1e-9)


def on_roster(agents: int, shrinkage: float) -> int:
    """So many have to be on the roster that `agents` are there; `shrinkage` as above."""
    # In floats 21 / 0.7 is a little more than 30.
    return math.ceil(agents / (1 - Fraction(str(shrinkage))))
