"""Runs a command with DATABASE_URL set to a fresh PostgreSQL: `python -m tests.with_postgres COMMAND...`."""

import os
import subprocess
import sys

from tests.servers import postgres


def main(command: list[str]) -> int:
    with postgres(vacuums=False) as url:
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
