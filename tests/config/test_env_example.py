"""The example names every variable that the settings read, and no other."""

import re

from django.conf import settings


def test_example_and_settings_name_the_same_variables() -> None:
    source = (settings.BASE_DIR / "config" / "settings.py").read_text(encoding="utf-8")
    example = (settings.BASE_DIR / ".env.example").read_text(encoding="utf-8")
    read = set(re.findall(r'(?:env\.\w+|text)\(\s*"([A-Z][A-Z_]+)"', source))
    assert set(re.findall(r"^#([A-Z][A-Z_]+)=", example, re.MULTILINE)) == read
