"""Two topics of the demo's own, so that the tree has a second level: one for all, one for a single team."""

from feedback.models import Topic
from ground.models import Team


def make_topics() -> None:
    """Queues belong to waiting; returned goods to returns, where only the team of returns hears of them."""
    Topic.objects.create(
        code="queues", names={"ru": "Очереди и кассы", "en": "Queues and tills"},
        cues={"ru": ["очередь", "касса", "на линии"], "en": ["queue", "line", "till", "on hold"]},
        parent=Topic.objects.filter(code="speed").first(),
    )  # fmt: skip
    goods = Topic.objects.create(
        code="returned-goods", names={"ru": "Возвращённый товар", "en": "Returned goods"},
        cues={"ru": ["вернуть", "возврат", "обменять"], "en": ["return", "exchange"]},
        parent=Topic.objects.filter(code="returns").first(),
    )  # fmt: skip
    goods.teams.set(Team.objects.filter(code="returns"))
