"""Test runs: links to a page that stores nothing, and a mail with such links to an address of one's own."""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ground import audit, limits, mime
from ground.limits import Limit
from ground.models import Organisation, Outgoing, User
from surveys import letters
from surveys.models import SurveyVersion

MAILS = Limit("test-mail", 20, 3600)
SALT = "surveys.trial"
LIVES = 7 * 24 * 3600


@dataclass(frozen=True)
class Trial:
    """What a test link was made for."""

    version: SurveyVersion
    language: str


@transaction.atomic
def send(version: SurveyVersion, *, kind: str, language: str, address: str, by: User) -> None:
    """Put a test mail into the queue of mails; raises ValidationError for an odd address and after too many."""
    try:
        address = mime.ascii_address(address)
    except ValueError as error:
        raise ValidationError(_("This is no e-mail address.")) from error
    if not limits.hit(MAILS, str(by.pk)):
        raise ValidationError(_("At most %d test mails an hour; wait a little.") % MAILS.count)
    letter = letters.write(version, kind=kind, language=language, organisation=Organisation.current())
    Outgoing.objects.create(
        user=by,
        address=address,
        subject=(_("[Test] %s") % letter.subject)[:200],
        text=_retold(letter.text, version, language),
        html=_retold(letter.html, version, language),
    )
    audit.note("mail.tested", by=by, subject=version, language=language, kind=kind)


def _retold(body: str, version: SurveyVersion, language: str) -> str:
    """The body with links of its own: no customer's token is made for a test."""
    page = settings.BASE_URL + run_path(version, language)
    return body.replace(f"{settings.BASE_URL}/r/{letters.ANSWER}", page).replace(
        f"{settings.BASE_URL}/u/{letters.UNSUBSCRIBE}", f"{page}/stop"
    )


def run_path(version: SurveyVersion, language: str = "") -> str:
    """The path of a test run, for a week; of a draft it shows what is stored at that moment."""
    return f"/p/{signing.dumps([version.pk, language], salt=SALT)}"


def find(sealed: str) -> Trial | None:
    """What a link was made for; None for a forged or old one, or when the version is gone."""
    try:
        number, language = signing.loads(sealed, salt=SALT, max_age=LIVES)
    except signing.BadSignature:
        return None
    version = SurveyVersion.objects.select_related("survey").filter(pk=number).first()
    return Trial(version, language) if version else None
