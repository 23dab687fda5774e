"""The hallway: settings, addresses and the processes; no business lives here."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
