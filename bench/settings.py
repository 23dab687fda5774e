"""The product's settings with one address more: a view to hold the intake of answers against."""

from config.settings import *  # noqa: F403 (the product's own, whole)

ROOT_URLCONF = "bench.without_database"
