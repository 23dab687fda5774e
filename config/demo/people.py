"""Who appears in the demo: teams, agents, customers and the people who log in."""

import random
from dataclasses import dataclass
from typing import Any

from ground.models import Membership, Organisation, Role, Team, User

LOGIN, PASSWORD = "demo@otklik.example", "otklik-demo"
CHECKER = "quality@otklik.example"

# code, name, how much of the work it gets, channels it works, chance of a good answer
TEAMS: list[tuple[str, str, float, dict[str, float], float]] = [
    ("first-line", "Первая линия", 0.42, {"phone": 0.6, "chat": 0.3, "messenger": 0.1}, 0.82),
    ("support", "Техподдержка", 0.28, {"chat": 0.4, "email": 0.4, "messenger": 0.2}, 0.80),
    ("delivery", "Доставка", 0.18, {"phone": 0.3, "messenger": 0.4, "web": 0.3}, 0.78),
    ("returns", "Возвраты", 0.12, {"email": 0.6, "web": 0.4}, 0.72),
]
AGENTS = {
    "first-line": ["Д. Климов", "А. Петрова", "С. Юдина", "И. Рогов", "Н. Белова"],
    "support": ["М. Юсупова", "П. Зотов", "К. Ершова", "Г. Панин", "Л. Серова"],
    "delivery": ["О. Фомин", "Т. Козина", "В. Лапин", "Е. Носова", "Р. Гусев"],
    "returns": ["Ю. Сомова", "Б. Крылов", "Ж. Котова", "А. Широв", "З. Мухина"],
}
REASONS = {
    "first-line": ["статус заказа", "оплата", "доступ в кабинет", "консультация"],
    "support": ["ошибка в приложении", "настройка", "доступ в кабинет"],
    "delivery": ["сроки доставки", "изменение адреса", "повреждение"],
    "returns": ["возврат денег", "обмен товара"],
}
GIVEN_RU = [
    "Ольга",
    "Ирина",
    "Павел",
    "Елена",
    "Сергей",
    "Анна",
    "Дмитрий",
    "Мария",
    "Алексей",
    "Наталья",
    "Игорь",
    "Татьяна",
    "Андрей",
    "Юлия",
    "Михаил",
    "Вера",
]
GIVEN_EN = ["Olivia", "James", "Emma", "Noah", "Grace", "Henry", "Alice", "Oscar", "Ruby", "Leo"]
TARIFFS = ["Базовый", "Базовый", "Стандарт", "Бизнес"]
INITIALS_RU, INITIALS_EN = "АБВГДЕЖЗКЛМНПРСТФЧШ", "ABCDEFGHKLMNPRSTW"


@dataclass(frozen=True)
class Person:
    """A customer of the demo, as the CRM would tell it."""

    number: int
    name: str
    language: str

    def told(self) -> dict[str, Any]:
        return {
            "external_id": f"C-{10_000 + self.number}",
            "name": self.name,
            "email": f"customer{self.number}@example.org",
            "phone": f"+7 900 {self.number // 10_000:03d}-{self.number // 100 % 100:02d}-{self.number % 100:02d}",
            "language": self.language,
            "attributes": {"тариф": TARIFFS[self.number % len(TARIFFS)]},
        }


def make_customers(count: int, dice: random.Random) -> list[Person]:
    people = []
    for number in range(1, count + 1):
        russian = dice.random() < 0.72
        given = dice.choice(GIVEN_RU if russian else GIVEN_EN)
        initial = dice.choice(INITIALS_RU if russian else INITIALS_EN)
        people.append(Person(number=number, name=f"{given} {initial}.", language="ru" if russian else "en"))
    return people


def make_organisation() -> None:
    Organisation.objects.get_or_create(
        name="Маяк",
        defaults={
            "legal_name": "ООО «Маяк»",
            "postal_address": "190000, Санкт-Петербург, Примерная улица, дом 1",
            "timezone": "Europe/Moscow",
        },
    )


def make_logins() -> None:
    """One login for each role, and one who checks the machine; all share the password that is printed at the start."""
    first = Team.objects.get(code="first-line")
    for email, name, role, team in [
        (LOGIN, "Мария Орлова", Role.ADMINISTRATOR, None),
        (CHECKER, "Анна Лебедева", Role.MANAGER, None),
        ("manager@otklik.example", "Пётр Савин", Role.MANAGER, first),
        ("viewer@otklik.example", "Инна Ветрова", Role.VIEWER, None),
    ]:
        if not User.objects.filter(email=email).exists():
            user = User.objects.create_user(email, PASSWORD, name=name)
            Membership.objects.create(user=user, team=team, role=role)
