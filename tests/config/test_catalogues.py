"""The catalogues are complete, compiled, and as new as the sources."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
import unfold
from django.conf import settings
from django.utils import translation

ROOT = Path(settings.BASE_DIR)
OURS = [ROOT / "locale" / language / "LC_MESSAGES" / "django.po" for language in ("ru", "en")]
THEME = ROOT / "locale" / "theme" / "ru" / "LC_MESSAGES" / "django.po"
ROOMS = ("analytics", "config", "feedback", "ground", "surveys", "templates")
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
# Words that are the same in both languages.
SAME = {"HTML"}

WRAPPERS = {"_", "gettext", "ngettext", "pgettext", "npgettext", "gettext_lazy", "ngettext_lazy", "pgettext_lazy"}

needs_gettext = pytest.mark.skipif(
    shutil.which("xgettext") is None, reason="xgettext is missing: apt-get install gettext"
)


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_every_text_stands_where_xgettext_finds_it() -> None:
    """It does not look into f-strings: a text there never reaches the catalogues and stays English."""
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for string in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in WRAPPERS
    ]
    assert hidden == []


@pytest.mark.parametrize("path", [*OURS, THEME], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_entry_is_translated(path: Path) -> None:
    entries = polib.pofile(str(path))
    forms = 2 if entries.metadata["Language"] == "en" else 3
    assert [entry.msgid for entry in entries if entry.fuzzy or not all(translations(entry))] == []
    assert [entry.msgid for entry in entries if entry.msgid_plural and len(entry.msgstr_plural) != forms] == []
    assert [entry.msgid for entry in entries.obsolete_entries()] == []


@pytest.mark.parametrize("path", [*OURS, THEME], ids=lambda path: str(path.relative_to(ROOT)))
def test_translations_keep_the_places_for_values(path: Path) -> None:
    """A form for "one" may say its number in words; no form may ask for a value that is not given."""
    wrong = []
    for entry in polib.pofile(str(path)):
        given = set(PLACE.findall(entry.msgid)) | set(PLACE.findall(entry.msgid_plural))
        for text in translations(entry):
            asked = set(PLACE.findall(text))
            if not asked <= given or (not entry.msgid_plural and asked != given):
                wrong.append((entry.msgid, text))
    assert wrong == []


@pytest.mark.parametrize("path", [*OURS, THEME], ids=lambda path: str(path.relative_to(ROOT)))
def test_the_compiled_catalogue_is_the_written_one(path: Path) -> None:
    def told(entries: polib.POFile | polib.MOFile) -> dict[tuple[str, str], list[str]]:
        return {(entry.msgctxt or "", entry.msgid): translations(entry) for entry in entries}

    assert told(polib.mofile(str(path.with_suffix(".mo")))) == told(polib.pofile(str(path)))


def extract(sources: dict[str, Path], where: Path) -> polib.POFile:
    """The messages of copies of these folders, as `makemessages` finds them."""
    for name, source in sources.items():
        shutil.copytree(source, where / name, ignore=shutil.ignore_patterns("__pycache__", "*.csv", "static", "*.json"))
    (where / "locale").mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "ru", "-e", "html,txt,py,mjml"]
    subprocess.run(command, cwd=where, env=environment, check=True, capture_output=True)
    return polib.pofile(str(where / "locale" / "ru" / "LC_MESSAGES" / "django.po"))


@needs_gettext
def test_the_catalogues_are_as_new_as_the_sources(tmp_path: Path) -> None:
    found = {(entry.msgid, entry.msgid_plural) for entry in extract({room: ROOT / room for room in ROOMS}, tmp_path)}
    for path in OURS:
        written = {(entry.msgid, entry.msgid_plural) for entry in polib.pofile(str(path))}
        assert (sorted(found - written), sorted(written - found)) == ([], []), "run makemessages"


@needs_gettext
def test_the_admin_theme_has_no_english_left(tmp_path: Path) -> None:
    """Catches the strings that a newer theme brings."""
    theme = Path(unfold.__file__).parent
    entries = extract({"theme": theme}, tmp_path)
    used = [
        entry
        for entry in entries
        if any("contrib" not in place or "contrib/filters" in place for place, _line in entry.occurrences)
    ]
    with translation.override("ru"):
        left = [
            entry.msgid
            for entry in used
            if entry.msgid not in SAME
            and (
                translation.ngettext(entry.msgid, entry.msgid_plural, 5)
                if entry.msgid_plural
                else translation.gettext(entry.msgid)
            )
            in (entry.msgid, entry.msgid_plural)
        ]
    assert len(used) > 100
    assert left == []


def test_nouns_of_every_gender_fit_the_admins_sentences() -> None:
    with translation.override("ru"):
        assert translation.gettext("Add %s") % "команда" == "Добавить: команда"


def test_no_text_is_wrapped_by_a_name_that_xgettext_does_not_know() -> None:
    """Under another name the wrapper still translates, but nobody collects the text."""
    renamed = [
        f"{path.relative_to(ROOT)}: {name.name} as {name.asname}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for line in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(line, ast.ImportFrom) and line.module == "django.utils.translation"
        for name in line.names
        if name.name in WRAPPERS and name.asname not in (None, "_")
    ]
    assert renamed == []
