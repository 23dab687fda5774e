"""A survey in a small window on somebody's web site: where it may stand, when it opens, and whom it leaves in peace.

The site loads one script; the script opens a frame with our page. Who the visitor is, the site may say and sign, as
with a help desk's links; else it is a number that the site's own page keeps.
"""

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.html import escape

from ground import brand
from ground.models import Organisation
from surveys import eligibility, facts, public_links
from surveys.eligibility import ALWAYS
from surveys.models import Customer, Interaction, Link, WidgetShow
from surveys.public_links import Place

REST_DAYS, DELAY_SECONDS, EVENT = 90, 20, "otklik:ask"
_VISITOR = re.compile(r"[0-9A-Za-z-]{8,64}")
_CUSTOMER = re.compile(r"\S(?:.{0,126}\S)?")


@dataclass(frozen=True)
class Placement:
    """Where and when: `origins` are the sites that may frame it, beside our own; `trigger` is delay, event or code."""

    origins: tuple[str, ...] = ()
    trigger: str = "delay"
    delay: int = DELAY_SECONDS
    event: str = EVENT
    rest_days: int = REST_DAYS
    corner: str = "right"


@dataclass(frozen=True)
class Visitor:
    """Who looks at the page: a customer whom the site has signed for, or a number of the site's own; or nobody."""

    customer: str = ""
    number: str = ""

    @property
    def key(self) -> str:
        """What is kept of somebody who was asked: nothing that names them without our key."""
        who = f"customer:{self.customer}" if self.customer else f"visitor:{self.number}"
        return salted_hmac("surveys.widget", who, algorithm="sha256").hexdigest()

    @property
    def is_known(self) -> bool:
        return bool(self.customer or self.number)


def placement(link: Link) -> Placement:
    """What the link's row says, with what it leaves out filled in."""
    said = dict(link.placement)
    return Placement(origins=tuple(said.pop("origins", ())), **said)


def origin_of(text: str) -> str | None:
    """`https://shop.example.com` of an address somebody typed; None when it is none. http is for this machine alone."""
    try:
        parts = urlsplit(text.strip() if "//" in text else f"https://{text.strip()}")
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    is_plain = bool(re.fullmatch(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*", host))
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in ("localhost", "127.0.0.1"))
    if not is_plain or parts.username or not is_safe:
        return None
    return f"{parts.scheme}://{host}{port}"


def path(link: Link) -> str:
    return f"/w/{link.public_key}"


def place_of(place: Place, visitor: Visitor) -> Place:
    """The place with the customer whom the site has signed for; one interaction stands for all their visits."""
    return replace(place, customer=visitor.customer, number=visitor.key[:32]) if visitor.customer else place


def visitor_of(link: Link, *, customer: str, time: str, signature: str, number: str) -> Visitor:
    """Who the address says is looking; a wrong signature is nobody's, a number of a strange shape none."""
    if customer and _CUSTOMER.fullmatch(customer):
        if public_links.is_signed(link, customer, time=time, signature=signature):
            return Visitor(customer=customer)
        return Visitor()
    return Visitor(number=number) if _VISITOR.fullmatch(number) else Visitor()


def may_show(link: Link, visitor: Visitor, *, now: dt.datetime | None = None) -> bool:
    """Whether the window may open: nothing was shown to this visitor lately, and a known customer may be asked at all.

    The customer's checks are those of every survey but the hours of mail: who is on the site is awake.
    """
    now = now or timezone.now()
    since = now - dt.timedelta(days=placement(link).rest_days)
    if visitor.is_known and WidgetShow.objects.filter(link=link, visitor=visitor.key, shown_at__gte=since).exists():
        return False
    customer = find(visitor)
    return customer is None or _may_ask(link, customer, now=now)


def find(visitor: Visitor) -> Customer | None:
    """The customer whom the site has named, when we know them."""
    return Customer.objects.filter(external_id=visitor.customer).first() if visitor.customer else None


def _may_ask(link: Link, customer: Customer, *, now: dt.datetime) -> bool:
    visit = Interaction(customer=customer, team_id=link.team_id, channel=link.channel, closings=1, created_at=now)
    known = facts.gather(visit, customer, link.survey, now=now)
    return eligibility.decide(replace(known, has_address=True, window=ALWAYS)).may_ask


def note_shown(link: Link, visitor: Visitor) -> None:
    """From now on the visitor is left in peace for the link's days, whatever the site's page forgets."""
    if visitor.is_known:
        WidgetShow.objects.update_or_create(link=link, visitor=visitor.key, defaults={"shown_at": timezone.now()})


def script(link: Link) -> str:
    """The whole script with this link's settings in it."""
    own = json.dumps(_settings(link), ensure_ascii=True).replace("</", "<\\/")
    return brand.squeezed("widget.js").replace("__SETTINGS__", own)


def _settings(link: Link) -> dict[str, object]:
    where, organisation = placement(link), Organisation.current()
    return {
        "key": link.public_key,
        "frame": settings.BASE_URL + path(link),
        "trigger": where.trigger,
        "delay": where.delay,
        "event": where.event,
        "days": where.rest_days,
        "corner": where.corner,
        "name": organisation.name,
    }


def tag(script_text: str) -> str:
    """An ETag of what is served."""
    return f'"{hashlib.sha256(script_text.encode()).hexdigest()[:24]}"'


def script_snippet(link: Link) -> str:
    """What a site pastes: the script, which draws nothing and holds up nothing until it is time."""
    return f'<script async src="{escape(settings.BASE_URL + path(link))}.js"></script>'


def frame_snippet(link: Link, title: str) -> str:
    """The page itself in a frame, where a site wants no script of ours."""
    address = escape(settings.BASE_URL + path(link))
    return f'<iframe src="{address}" title="{escape(title)}" width="100%" height="620" style="border:0"></iframe>'
