"""How fast this machine is, by a loop that was also timed where the baselines were recorded."""

import statistics
import time

# CPU seconds of the loop on the recorded machine, CPython 3.11: the middle of five runs (0.48 to 0.54).
RECORDED = 0.51
# Server CPU of LimeSurvey 6.13 (nginx, php-fpm with opcache, MariaDB) for one flow: page and answer of one NPS
# question with a comment; milliseconds, the lowest of the recorded runs.
LIMESURVEY_FLOW_MS = 57.0


def loop_seconds() -> float:
    """CPU seconds for 10 million additions in pure Python, the median of five runs."""
    return statistics.median(_once() for _run in range(5))


def _once() -> float:
    started = time.process_time()
    total = 0
    for _turn in range(10_000_000):
        total += 1  # noqa: SIM113 (the very loop that was recorded)
    return time.process_time() - started
