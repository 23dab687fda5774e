"""amoCRM: the CSV or XLSX export of deals."""

from surveys.imports.product import Product

PRODUCT = Product(
    code="amocrm",
    name="amoCRM",
    signs=(
        ("Название сделки", "Этап сделки"),
        ("Дата создания сделки", "Дата редактирования"),
    ),
    titles={
        "external_id": ("ID",),
        "channel": ("Источник", "Источник сделки"),
        "status": ("Этап сделки",),
        "reason": ("Тема обращения", "Воронка"),
        "tags": ("Теги", "Теги сделки"),
        "customer_external_id": ("ID контакта",),
        "customer_email": ("Рабочий email", "Личный email", "Другой email"),
        "customer_phone": ("Мобильный телефон", "Рабочий телефон", "Рабочий прямой телефон", "Другой телефон"),
        "customer_name": ("Полное имя контакта", "Основной контакт"),
        "agent_external_id": ("Ответственный",),
        "agent_name": ("Ответственный",),
        "created_at": ("Дата создания сделки", "Дата создания"),
        "updated_at": ("Дата редактирования",),
        "closed_at": ("Дата закрытия",),
    },
)
