"""The lights as numbers, in the text format that Prometheus reads."""

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from config import lights
from config.lights import Light

HELP = {
    "light": "0 is in order, 1 needs a look, 2 is broken; the System page says what to do.",
    "disk_free_bytes": "Room on the disk of the data directory.",
    "sending_halted": "1 while nothing is sent after a restore.",
    "heartbeat_age_seconds": "Since the process was last seen to run.",
    "queue_age_seconds": "How long the oldest row waits that a worker could take.",
    "queue_rows": "Rows that a worker could take; 1000 stands for more.",
    "rollup_lag_seconds": "How far the counts of days lie behind the rows.",
    "messages_refused_share": "Of the last 50 messages within an hour, how many were not taken.",
    "uncertain_mails": "Mails of which nobody knows whether they left; 1000 stands for more.",
    "quarantined_rows": "Rows that failed three times; 1000 stands for more.",
    "presumed_share": "Of the answers of a day that count, those by an opened link alone.",
    "answers_last_day": "Answers of a day that count.",
    "suppressed_addresses": "Addresses that get no mail.",
    "backup_age_seconds": "Since the last backup was made.",
}
RANK = {lights.OK: 0, lights.ATTENTION: 1, lights.RED: 2}
PROXY_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """For whoever shows the token, and for this machine itself where there is none."""
    if not may_read(request):
        return HttpResponse(
            "Show METRICS_TOKEN: Authorization: Bearer TOKEN.\n", "text/plain; charset=utf-8", status=403
        )
    with translation.override("en"):
        found = lights.every()
    response = HttpResponse(render(found), "text/plain; version=0.0.4; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(), settings.METRICS_TOKEN.encode())
    # A proxy on this machine calls from here, too, for everybody.
    is_passed_on = any(name in request.META for name in PROXY_HEADERS)
    return not is_passed_on and request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")


def render(found: list[Light]) -> str:
    """Every number under its name, each with its labels."""
    samples: dict[str, list[str]] = {name: [] for name in HELP}
    for light in found:
        samples["light"].append(f'otklik_light{{light="{light.name}"}} {RANK[light.level]}')
        for name, labels, value in light.values:
            told = ",".join(f'{key}="{label}"' for key, label in labels.items())
            samples[name].append(f"otklik_{name}{{{told}}} {value:g}" if told else f"otklik_{name} {value:g}")
    return "".join(
        f"# HELP otklik_{name} {HELP[name]}\n# TYPE otklik_{name} gauge\n" + "\n".join(lines) + "\n"
        for name, lines in samples.items()
        if lines
    )
