"""What the operator reads when everything answers."""

import json
from pathlib import Path

from django.utils.translation import gettext as _

Line = tuple[str, str]


def lines(*, base_url: str, data_dir: Path, mailbox_url: str | None) -> list[str]:
    """Addresses under aligned headings; the login and the survey link are there once demo data are loaded."""
    loaded = demo(data_dir)
    found: list[Line] = [(_("Manager"), f"{base_url}/admin/")]
    if loaded:
        found.append(("", _("login %(login)s, password %(password)s") % loaded))
        found.append((_("Customer's survey"), f"{base_url}{loaded['survey_path']}"))
    if mailbox_url:
        found.append((_("Mailbox"), mailbox_url))
    width = max(len(heading) for heading, _value in found)
    return [f"  {heading:<{width}}  {value}" for heading, value in found]


def demo(data_dir: Path) -> dict[str, str] | None:
    """Login, password and survey path of the demo data; None when they are not loaded."""
    try:
        known = json.loads((data_dir / "demo.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return known if isinstance(known, dict) and {"login", "password", "survey_path"} <= known.keys() else None
