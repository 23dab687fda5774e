"""A second scheduler beside the product's own; under libfaketime its clock is what a file says."""

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from config.up import processes

    processes.app.loader.import_default_modules()
    processes.beat(lambda: None)
