import os
import subprocess
import sys

SCRIPT = """
from feedback.understanding import read
for reading in read([
    "Сотрудники стали внимательнее, но вход и счета не работают, жду вторую неделю, сделайте уже что-нибудь!",
    "Great people, terrible app: still waiting, please add a real search. Not worth it :(",
    "spasibo, vse ochen bystro",
]):
    print(reading)
"""


def test_the_order_of_sets_changes_no_reading() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
