"""What the process tree keeps of customers: the mails that the local mailbox has caught, and copies of the database."""

import shutil
from email import message_from_bytes, policy

from django.conf import settings

from ground.holdings import Holding, Subject

COPIES = "before-migrate"
HOLDINGS: list[Holding] = []
PLAIN: tuple[str, ...] = ()


def cover(subject: Subject) -> None:
    """Caught mails to or about the person go, and every copy that an upgrade has kept of the database."""
    shutil.rmtree(settings.DATA_DIR / COPIES, ignore_errors=True)
    names, folder = subject.names, settings.DATA_DIR / "mailbox"
    for path in folder.glob("*.eml") if folder.is_dir() else ():
        raw = path.read_bytes()
        texts = [raw.decode("utf-8", errors="replace")]
        for part in message_from_bytes(raw, policy=policy.default).walk():
            body = part.get_payload(decode=True)
            texts.append(body.decode("utf-8", errors="replace") if isinstance(body, bytes) else "")
        if any(names.spans(text) for text in texts):
            path.unlink(missing_ok=True)
