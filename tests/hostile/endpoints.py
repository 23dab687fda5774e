"""Every input of every address that needs no log-in.

They are named by the URL resolver's own patterns, and a test says which are missing.
"""

from tests.hostile import api, pages, webhooks
from tests.hostile.world import Input, World


def inputs(world: World) -> list[Input]:
    """All of them."""
    return [*pages.pages(world), *api.programs(world), *webhooks.callbacks(world)]
