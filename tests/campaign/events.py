"""Events told twice and in any order by four callers, while workers, scheduler and broker are killed."""

import json
import random
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.campaign.mails import waiting
from tests.campaign.running import Account, Killer, everything, mail_account, query, run_inside
from tests.e2e.stack import Stack, wait_for

CALLERS = 4
KILLED = ("send", "ring", "beat", "broker")


def run(directory: Path, *, events: int, kills: int) -> tuple[Account, dict[str, int]]:
    """Tell so many events, a fifth of them twice, shuffled; returns the account and what is stored."""
    began = time.monotonic()
    with everything(directory, seconds=0.0) as stack:
        secret = run_inside(stack, "rows.api_key()")
        told = [*range(events), *range(0, events, 5)]
        random.Random(7).shuffle(told)
        killer = Killer(stack, KILLED, kills=kills, pause=0.5)
        killer.start()
        acknowledged: list[int] = []
        callers = [
            threading.Thread(target=tell_all, args=(stack, secret, told[start::CALLERS], acknowledged))
            for start in range(CALLERS)
        ]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        killer.join()
        wait_for(lambda: not waiting(stack), seconds=180 + events, what="every invitation to be settled")
        stored = {
            "acknowledged": len(set(acknowledged)),
            "interactions": query(stack, "SELECT count(*) FROM surveys_interaction")[0][0],
            "invitations": query(stack, "SELECT count(*) FROM surveys_invitation")[0][0],
            "asked": query(stack, "SELECT count(DISTINCT interaction_id) FROM surveys_invitation")[0][0],
        }
        return mail_account(stack, faults=sum(killer.killed.values()), began=began), stored


def tell_all(stack: Stack, secret: str, numbers: list[int], acknowledged: list[int]) -> None:
    for number in numbers:
        while not tell(stack, secret, number):
            time.sleep(0.2)
        acknowledged.append(number)


def tell(stack: Stack, secret: str, number: int) -> bool:
    """Whether the event was acknowledged; an unclear answer is told again, as a caller would."""
    event = {
        "source": "campaign",
        "external_id": f"E-{number}",
        "updated_at": "2026-01-05T10:00:00Z",
        "customer": {"external_id": f"C-{number}", "email": f"accept+{number}@example.org", "language": "en"},
        "channel": "email",
        # Also for a clock that has been set back.
        "created_at": time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 7200)),
        "closed_at": time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 7200)),
    }
    request = urllib.request.Request(
        f"{stack.base}/api/v1/interactions/",
        json.dumps(event).encode(),
        {"Content-Type": "application/json", "Authorization": f"Api-Key {secret}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status in (200, 201, 202)
    except urllib.error.HTTPError as error:
        assert error.code in (429, 503), error.read()
        return False
    except OSError:
        return False
