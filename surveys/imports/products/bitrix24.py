"""Bitrix24: the CSV export of deals or leads, in Russian or English."""

from surveys.imports.product import Product

PRODUCT = Product(
    code="bitrix24",
    name="Bitrix24",
    signs=(
        ("ID", "Стадия сделки", "Дата изменения"),
        ("ID", "Название лида", "Дата изменения"),
        ("ID", "Название сделки", "Стадия сделки", "Ответственный", "Дата создания"),
        ("ID", "Deal Name", "Stage", "Modified"),
        ("ID", "Lead Name", "Modified"),
    ),
    titles={
        "external_id": ("ID",),
        "channel": ("Источник", "Source"),
        "status": ("Стадия сделки", "Стадия", "Статус", "Stage", "Status"),
        "reason": ("Тип", "Type", "Направление", "Воронка", "Pipeline"),
        "customer_external_id": ("Контакт: ID", "ID контакта", "Contact: ID", "Contact ID"),
        "customer_email": (
            "Контакт: Рабочий e-mail", "Контакт: E-mail", "Рабочий e-mail", "Частный e-mail", "E-mail",
            "Contact: Work e-mail", "Contact: E-mail", "Work e-mail",
        ),
        "customer_phone": (
            "Контакт: Рабочий телефон", "Контакт: Мобильный телефон", "Контакт: Телефон", "Мобильный телефон",
            "Рабочий телефон", "Телефон", "Contact: Work phone", "Contact: Phone", "Mobile", "Work phone",
        ),
        "customer_name": ("Контакт", "Имя", "Contact", "First name"),
        "team_code": ("Подразделение", "Отдел", "Department"),
        "agent_external_id": ("Ответственный", "Responsible"),
        "agent_name": ("Ответственный", "Responsible"),
        "created_at": ("Дата создания", "Created"),
        "updated_at": ("Дата изменения", "Modified"),
    },
    formats=("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p"),
)  # fmt: skip
