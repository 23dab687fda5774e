"""Makes `.venv` and installs the locked requirements; run by any Python without a dependency.

Everything here must parse on Python 3.6, because saying that Python is too old is one of its duties.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST = (3, 11)
RUNTIME, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"
# What an installation takes at its peak, with the downloads beside the unpacked packages.
NEEDED_MB = {RUNTIME: 300, DEVELOPMENT: 700}


def main(arguments):
    """Bring the environment up to date; with --dev the tools for tests and checks too."""
    check_python()
    lock = DEVELOPMENT if "--dev" in arguments else RUNTIME
    if is_installed(lock):
        return
    check_disk(NEEDED_MB[lock])
    if not works(interpreter()):
        make_environment()
    install(lock)
    # The development lock holds all of the runtime lock, at the same versions.
    for each in {lock, RUNTIME}:
        with open(stamp(each), "w") as file:
            file.write(digest(each))


def check_python():
    if sys.version_info < OLDEST:
        fail(
            "Otklik needs Python {}.{} or newer; {} is {}.{}.\n"
            "Install a newer one, or name one that you have: make demo PYTHON=/path/to/python3".format(
                OLDEST[0], OLDEST[1], sys.executable, sys.version_info[0], sys.version_info[1]
            )
        )


def check_disk(needed):
    free = shutil.disk_usage(ROOT).free // 1000000
    if free < needed:
        fail("The disk of {} is full: {} MB free, {} MB needed.".format(ROOT, free, needed))


def interpreter():
    return os.path.join(ROOT, ".venv", "bin", "python")


def works(python):
    probe = "import sys, pip; sys.exit(sys.version_info < {!r})".format(OLDEST)
    return os.path.exists(python) and run([python, "-c", probe])[0] == 0


def digest(lock):
    with open(os.path.join(ROOT, lock), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def stamp(lock):
    return os.path.join(ROOT, ".venv", lock + ".sha256")


def is_installed(lock):
    try:
        with open(stamp(lock)) as file:
            return file.read() == digest(lock) and works(interpreter())
    except OSError:
        return False


def make_environment():
    print("Making .venv with {}".format(sys.executable))
    code, output = run([sys.executable, "-m", "venv", "--clear", os.path.join(ROOT, ".venv")])
    if code and "ensurepip" in output:
        fail("This Python cannot make environments. On Debian and Ubuntu: apt install python3-venv")
    if code:
        fail("The environment could not be made:\n" + output)


def install(lock):
    path = os.path.join(ROOT, lock)
    with open(path) as file:
        total = sum(1 for line in file if re.match(r"[A-Za-z0-9]", line))
    print("Installing {} packages from {}; about a minute, this once".format(total, lock))
    command = [interpreter(), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    code, output = run(command + ["--require-hashes", "--only-binary", ":all:", "-r", path], show=show_progress)
    if code:
        fail(explain(output))


def show_progress(line, seen):
    if line.startswith("Collecting ") and sys.stdout.isatty():
        sys.stdout.write("\r\033[K  {} {}".format(seen, line.split()[1].split("=")[0]))
    elif line.startswith("Installing collected") and sys.stdout.isatty():
        sys.stdout.write("\r\033[K")


def run(command, show=None):
    """Exit code and output of a command; `show` gets each line and the number of packages collected so far."""
    lines = []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    for line in process.stdout or ():
        lines.append(line)
        if show:
            show(line, sum(1 for each in lines if each.startswith("Collecting ")))
            sys.stdout.flush()
    return process.wait(), "".join(lines)


def explain(output):
    """The one sentence that says what is wrong; pip's own last lines when the failure is not a known one."""
    if "No space left on device" in output or "Errno 28" in output:
        return "The disk is full: free some space and run the command again."
    if re.search(r"NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|ProxyError", output):
        return "The package index cannot be reached: check the network or the proxy and run the command again."
    if "DO NOT MATCH THE HASHES" in output:
        return "A downloaded package is not the one that was locked; nothing was installed. Run the command again."
    missing = re.search(r"(?:the requirement|distribution found for) ([\w.-]+)(?:\[\S+\])?==([^\s;]+)", output)
    if missing:
        version = "{}.{}".format(sys.version_info[0], sys.version_info[1])
        wanted = "There is no ready-made package of {} {} for Python {} on {}.\n"
        advice = "The packages are made for Python 3.11, 3.12 and 3.13 on Linux and macOS: make demo PYTHON=python3.12"
        return wanted.format(missing.group(1), missing.group(2), version, sysconfig.get_platform()) + advice
    return "The packages could not be installed. pip says:\n" + "".join(output.splitlines(True)[-12:])


def fail(message):
    sys.stderr.write(message + "\n")
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
