"""Pages of a long list: counted as far as somebody pages, since to count all costs more than the page itself."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator

# So many rows are counted beyond the page that is shown.
FURTHER = 1000
# Nobody pages so far, but an address may say anything.
LAST = 1_000_000


class NearPages(Paginator):
    """The pages up to the one at hand and some beyond it; `is_cut` where there are more rows than were counted."""

    def __init__(self, *args: Any, at: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = min(at, LAST) * self.per_page + FURTHER

    @cached_property
    def found(self) -> int:
        """The rows counted, one more than `most` where there are more."""
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: self.most + 1].count())

    @cached_property
    def count(self) -> int:
        return min(self.found, self.most)

    @property
    def is_cut(self) -> bool:
        return self.found > self.most
