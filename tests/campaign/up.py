"""`manage.py up` whose children come back at once however often they are killed, and that one text halts."""

import os
import sys
import time

from django.core.management import execute_from_command_line

from config.up import supervisor
from feedback.understanding import reading

HANGS = "a text that hangs"


def halting(opened):  # type: ignore[no-untyped-def]
    """The rules, but for one text that they never come to an end with."""

    def read(text):  # type: ignore[no-untyped-def]
        while text == HANGS:
            time.sleep(0.01)
        return opened(text)

    return read


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    supervisor.BACKOFF = (0.0,)
    reading.opened = halting(reading.opened)
    execute_from_command_line(["manage.py", "up", *sys.argv[1:]])
