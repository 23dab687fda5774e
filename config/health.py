"""Lights for balancers: alive means this process answers, ready that answers can be stored. Never asks the broker."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from config import lights
from ground.unavailable import RETRY_AFTER


@login_not_required
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """503 and the lights that are red when the database takes no write, or there is no room for many more."""
    if troubles := lights.unready():
        told = {"status": "unready", "lights": troubles}
        return JsonResponse(told, status=503, headers={"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM django_migrations")
        migrations = cursor.fetchone()[0]
    return JsonResponse({"status": "ready", "migrations": migrations})
