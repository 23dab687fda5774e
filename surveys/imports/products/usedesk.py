"""Usedesk: the CSV report of requests, in Russian or English."""

from surveys.imports.product import Product

PRODUCT = Product(
    code="usedesk",
    name="Usedesk",
    signs=(
        ("ID запроса", "Исполнитель"),
        ("Номер запроса", "Исполнитель"),
        ("ID тикета", "Исполнитель"),
        ("Ticket ID", "Assignee", "Client", "Channel"),
        ("ticket_id", "status_id", "channel_id"),
    ),
    titles={
        "external_id": ("ID запроса", "Номер запроса", "ID тикета", "Ticket ID"),
        "channel": ("Тип канала", "Канал", "Channel type", "Channel"),
        "status": ("Статус", "Status"),
        "priority": ("Приоритет", "Priority"),
        "reason": ("Категория", "Тип", "Type"),
        "tags": ("Теги", "Tags"),
        "customer_external_id": ("ID клиента", "Client ID"),
        "customer_email": ("Email клиента", "E-mail клиента", "Почта клиента", "Client email", "Email"),
        "customer_phone": ("Телефон клиента", "Телефон", "Client phone", "Phone"),
        "customer_name": ("Имя клиента", "Клиент", "Client name", "Client"),
        "team_code": ("Группа", "Группа исполнителя", "Group"),
        "agent_external_id": ("Исполнитель", "Assignee"),
        "agent_name": ("Исполнитель", "Assignee"),
        "created_at": ("Дата создания", "Создан", "Created at", "Creation date"),
        "updated_at": ("Дата обновления", "Дата изменения", "Обновлен", "Updated at", "Update date"),
        "first_response_at": ("Дата первого ответа", "First response date"),
        "first_response_after": ("Время первого ответа", "Скорость первого ответа", "First response time"),
        "resolved_at": ("Дата решения", "Дата выполнения", "Solved at"),
        "closed_at": ("Дата закрытия", "Закрыт", "Closed at"),
        "resolved_after": ("Время решения", "Время выполнения", "Resolution time"),
        "replies": ("Количество ответов", "Ответов агента", "Agent replies"),
        "satisfaction": ("Оценка", "Оценка клиента", "CSI", "Rating"),
    },
)
