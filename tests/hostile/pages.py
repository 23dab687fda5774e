"""What can be put into the pages that customers see."""

import datetime as dt
from collections.abc import Callable, Iterator

from django.http import HttpResponse
from django.utils import timezone

from feedback import nonces
from surveys import links
from surveys.models import Invitation
from tests.hostile.corpus import FORM
from tests.hostile.world import CLIENT, Input, World, around, encoded, form

# As the resolver spells them.
R, Q, T = r"^(?:/+)?[rR]/+(?P<raw>(?s:.*))\Z", r"^[qQ]/+(?P<raw>(?s:.*))\Z", r"^[tT]/+(?P<raw>(?s:.*))\Z"
W, WJS, SHOWN = "w/<slug:key>", "w/<slug:key>.js", "w/<slug:key>/shown"
SEALED, REST = "p/<str:sealed>", "p/<str:sealed>/<str:rest>"
STOP, DATA = r"^(?:/+)?[uU]/+(?P<raw>(?s:.*))\Z", r"^[uU]/+(?P<raw>[^/]+)/data/?\Z"
OWN = r"^[mM]/+(?P<raw>(?s:.*))\Z"


def fresh_form(world: World, place: str) -> tuple[str, dict[str, str]]:
    """The address of a page and what its untouched form would post, served ten seconds ago."""
    served = timezone.now() - dt.timedelta(seconds=10)
    if place == "r":
        token = world.token()
        subject = nonces.of_invitation(Invitation.objects.get(token_hash=links.hash_token(token)))
        path = f"/r/{token}"
    else:
        subject = world.subject(place)
        path = {"q": f"/q/{world.qr}", "t": f"/t/{world.template}/4711", "w": f"/w/{world.widget}"}[place]
    nonce = nonces.make(subject, score=None, now=served, is_unique=place != "r")
    return path, {"score": "4", "nonce": nonce}


def of_page(world: World, place: str, route: str) -> Iterator[Input]:
    """The answer page behind one kind of link."""
    path = fresh_form(world, place)[0]

    def field(name: str) -> Callable[[str], HttpResponse]:
        def send(value: str) -> HttpResponse:
            where, fields = fresh_form(world, place)
            return CLIENT.post(where, form(fields | {name: value}), content_type=FORM)

        return send

    yield from (Input(route, name, "text", field(name)) for name in world.fields)
    yield Input(route, "a name of a field", "text", lambda value: CLIENT.post(path, encoded(value), content_type=FORM))
    yield Input(route, "all fields", "text", lambda value: CLIENT.post(
        fresh_form(world, place)[0], form({name: value for name in world.fields}), content_type=FORM
    ))  # fmt: skip
    yield from around(route, path, names=("lang", "t", "s", "w", "v", "c", "only", "score"))


def pages(world: World) -> Iterator[Input]:
    yield from of_page(world, "r", R)
    yield from of_page(world, "q", Q)
    yield from of_page(world, "t", T)
    yield from of_page(world, "w", W)
    yield from around(WJS, f"/w/{world.widget}.js")
    yield from around(SHOWN, f"/w/{world.widget}/shown", names=("v", "c", "t", "s", "lang"))
    yield from around(SEALED, world.trial)
    yield from around(REST, f"{world.trial}/4")
    yield Input(SEALED, "all fields", "text", lambda value: CLIENT.post(
        world.trial, form({name: value for name in world.fields}), content_type=FORM
    ))  # fmt: skip
    yield from around(STOP, f"/u/{world.stop}")
    yield from around(DATA, f"/u/{world.stop}/data")
    yield from around(OWN, f"/m/{world.own}")
    for route, path, names in (
        (STOP, f"/u/{world.stop}", ("scope", "undo", "List-Unsubscribe")), (DATA, f"/u/{world.stop}/data", ("x",)),
        (OWN, f"/m/{world.own}", ("act", "survey", "response")),
    ):  # fmt: skip
        for name in names:
            yield Input(route, name, "text", lambda value, path=path, name=name: CLIENT.post(
                path, form({name: value}), content_type=FORM
            ))  # fmt: skip
    for act in ("stop", "edit"):
        yield Input(OWN, f"{act} of", "text", lambda value, act=act: CLIENT.post(
            f"/m/{world.own}", form({"act": act, "survey": value, "response": value}), content_type=FORM
        ))  # fmt: skip
