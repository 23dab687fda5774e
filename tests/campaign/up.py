"""`manage.py up` whose children come back at once however often they are killed: a campaign kills many."""

import os
import sys

from django.core.management import execute_from_command_line

from config.up import supervisor

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    supervisor.BACKOFF = (0.0,)
    execute_from_command_line(["manage.py", "up", *sys.argv[1:]])
