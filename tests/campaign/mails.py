"""Mails while the sending worker is killed again and again and the server's last word comes late."""

import time
from pathlib import Path

from tests.campaign.running import Account, Killer, everything, mail_account, run_inside, states
from tests.e2e.stack import wait_for


def run(directory: Path, *, mails: int, kills: int, seconds: float = 0.15) -> Account:
    """Send so many mails under so many kills of the worker; each mail is settled at the end or counted as lost."""
    began = time.monotonic()
    with everything(directory, seconds=seconds) as stack:
        run_inside(stack, f"rows.mails({mails}, 'slow-dot')")
        killer = Killer(stack, ["send"], kills=kills, pause=max(0.5, 2 * seconds))
        killer.start()
        wait_for(lambda: not waiting(stack), seconds=120 + 5 * mails, what="every mail to be settled")
        killer.stopping.set()
        killer.join()
        return mail_account(stack, faults=sum(killer.killed.values()), began=began)


def waiting(stack) -> int:
    found = states(stack)
    return found["planned"] + found["postponed"] + found["sending"]
