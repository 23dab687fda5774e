import subprocess
import sys

SCRIPT = """
import sys
import feedback.understanding
heavy = {"textblob", "nltk", "pymorphy3", "snowballstemmer", "django", "celery"} & set(sys.modules)
assert not heavy, heavy
feedback.understanding.read(["Всё хорошо"])
assert "textblob" not in sys.modules
feedback.understanding.read(["all good"])
assert "textblob" in sys.modules
"""


def test_importing_loads_neither_dictionaries_nor_frameworks() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
