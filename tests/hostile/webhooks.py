"""What can be put into the addresses where mail services and gateways report."""

import json
from collections.abc import Iterator

from tests.hostile.api import MARK, put
from tests.hostile.corpus import FORM, OBJECT
from tests.hostile.world import CLIENT, Input, World, around, encoded, form, header

# As the resolver spells them.
GATEWAY, MAIL = "webhooks/gateway/<str:key>/", "webhooks/mail/<str:service>/"

REPORT = {"id": "4711", "status": "delivered"}


def callbacks(world: World) -> Iterator[Input]:
    path = f"/webhooks/gateway/{world.gateway.callback_key}/"
    for name in REPORT:
        yield Input(GATEWAY, f"{name} of a form", "text", lambda value, name=name: CLIENT.post(
            f"{path}?s=s", form(REPORT | {name: value}), content_type=FORM
        ))  # fmt: skip
        before, after = json.dumps(put(REPORT, (name,))).split(MARK)
        yield Input(GATEWAY, name, "json", lambda value, before=before, after=after: CLIENT.post(
            f"{path}?s=s", (before + value + after).encode("utf-8", "surrogatepass"), content_type=OBJECT
        ))  # fmt: skip
    yield Input(GATEWAY, "secret", "text", lambda value: CLIENT.post(
        f"{path}?s={encoded(value)}", b"{}", content_type=OBJECT,
        headers={"X-Signature": header(value), "Authorization": f"Bearer {header(value)}"},
    ))  # fmt: skip
    yield Input(GATEWAY, "genuine body", "body", lambda body: CLIENT.post(f"{path}?s=s", body[1], content_type=body[0]))
    yield from around(GATEWAY, path)
    for service in ("postmark", "mailgun", "sendgrid", "mandrill", "sparkpost", "mailjet", "amazon-ses"):
        yield Input(MAIL, f"body of {service}", "body", lambda body, service=service: CLIENT.post(
            f"/webhooks/mail/{service}/", body[1], content_type=body[0], headers={"Authorization": "Basic eDp5"}
        ))  # fmt: skip
        yield Input(MAIL, f"report of {service}", "json", lambda value, service=service: CLIENT.post(
            f"/webhooks/mail/{service}/", value.encode("utf-8", "surrogatepass"), content_type=OBJECT,
            headers={"Authorization": "Basic eDp5"},
        ))  # fmt: skip
    yield from around(MAIL, "/webhooks/mail/postmark/")
    yield Input(MAIL, "secret", "text", lambda value: CLIENT.post(
        "/webhooks/mail/postmark/", b"{}", content_type=OBJECT, headers={"Authorization": f"Basic {header(value)}"}
    ))  # fmt: skip
