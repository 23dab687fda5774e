"""How variables of the environment are read."""

from typing import Any

import environ


class Env(environ.Env):
    def list(self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET) -> Any:
        """What stands between the commas, without the blanks that people put behind them."""
        found = super().list(var, cast=cast, default=default)
        return [entry.strip() for entry in found if entry.strip()]
