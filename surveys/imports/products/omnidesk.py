"""Omnidesk: the export of a list of cases, in Russian or English."""

from surveys.imports.product import Product

PRODUCT = Product(
    code="omnidesk",
    name="Omnidesk",
    signs=(
        ("Номер обращения", "Ответственный"),
        ("Номер обращения", "Группа", "Канал"),
        ("Case number", "Staff"),
        ("case_number", "staff_id"),
    ),
    titles={
        "external_id": ("Номер обращения", "Case number", "Номер"),
        "channel": ("Канал", "Channel"),
        "status": ("Статус", "Status"),
        "priority": ("Приоритет", "Priority"),
        "reason": ("Категория", "Тема обращения", "Category"),
        "tags": ("Метки", "Labels"),
        "customer_external_id": ("ID пользователя", "User ID", "user_id"),
        "customer_email": ("Email пользователя", "Имейл пользователя", "Имейл", "Email", "User email"),
        "customer_phone": ("Телефон пользователя", "Телефон", "User phone", "Phone"),
        "customer_name": ("Пользователь", "Имя пользователя", "User"),
        "team_code": ("Группа", "Group", "group_id"),
        "agent_external_id": ("Ответственный", "Staff", "staff_id"),
        "agent_name": ("Ответственный", "Staff"),
        "created_at": ("Дата создания", "Создано", "Created", "created_at"),
        "updated_at": ("Дата изменения", "Изменено", "Дата последнего ответа", "Updated", "updated_at"),
        "first_response_at": ("Дата первого ответа", "First response date"),
        "first_response_after": ("Скорость первого ответа", "First response time"),
        "closed_at": ("Дата закрытия", "Закрыто", "Closed", "closed_at"),
        "resolved_after": ("Скорость закрытия", "Closing speed", "closing_speed"),
        "replies": ("Ответов сотрудников", "Количество ответов", "Staff replies"),
        "satisfaction": ("Оценка", "Rating"),
    },
    formats=("%a, %d %b %Y %H:%M:%S %z",),
)
