"""Freshdesk: the export of a list of tickets, with the contact's fields ticked."""

from surveys.imports.product import Product

PRODUCT = Product(
    code="freshdesk",
    name="Freshdesk",
    signs=(
        ("Ticket ID", "Source", "Created time", "Last update time"),
        ("Ticket ID", "Agent interactions"),
        ("Ticket ID", "Initial response time"),
    ),
    titles={
        "external_id": ("Ticket ID",),
        "channel": ("Source",),
        "status": ("Status",),
        "priority": ("Priority",),
        "reason": ("Type",),
        "tags": ("Tags",),
        "customer_external_id": ("Unique external ID",),
        "customer_email": ("Email", "Email (Contact)"),
        "customer_phone": ("Mobile phone", "Work phone"),
        "customer_name": ("Full name",),
        "customer_language": ("Language",),
        "team_code": ("Group",),
        "agent_external_id": ("Agent",),
        "agent_name": ("Agent",),
        "created_at": ("Created time",),
        "updated_at": ("Last update time",),
        "first_response_at": ("Initial response time",),
        "first_response_after": ("First response time (in hrs)",),
        "resolved_at": ("Resolved time",),
        "closed_at": ("Closed time",),
        "resolved_after": ("Resolution time (in hrs)",),
        "replies": ("Agent interactions",),
        "handle_seconds": ("Time tracked",),
        "satisfaction": ("Survey results",),
    },
    formats=("%d %b, %Y %I:%M %p", "%m/%d/%Y %H:%M"),
    units={"first_response_after": 3600, "resolved_after": 3600},
)
