"""Zendesk: the account's CSV export and the CSV of a view (tickets)."""

from surveys.imports.product import Product

PRODUCT = Product(
    code="zendesk",
    name="Zendesk",
    signs=(
        ("Requester", "Assignee", "Via", "Created at"),
        ("First reply time in minutes", "Requester id"),
        ("Ticket ID", "Requester email", "Assignee name", "Ticket created - Timestamp"),
    ),
    titles={
        "external_id": ("Id", "Ticket ID"),
        "channel": ("Via", "Ticket channel"),
        "status": ("Status", "Ticket status"),
        "priority": ("Priority", "Ticket priority"),
        "reason": ("Ticket type", "Type"),
        "tags": ("Tags", "Ticket tags"),
        "customer_external_id": ("Requester external id",),
        "customer_email": ("Requester email",),
        "customer_name": ("Requester", "Requester name"),
        "team_code": ("Group", "Ticket group"),
        "agent_external_id": ("Assignee", "Assignee name"),
        "agent_name": ("Assignee", "Assignee name"),
        "created_at": ("Created at", "Requested", "Ticket created - Timestamp"),
        "updated_at": ("Updated at", "Updated", "Ticket updated - Timestamp"),
        "resolved_at": ("Solved at", "Solved", "Ticket solved - Timestamp"),
        "first_response_after": ("First reply time in minutes", "First reply time (min)"),
        "first_resolved_after": ("First resolution time in minutes", "First resolution time (min)"),
        "resolved_after": ("Full resolution time in minutes", "Full resolution time (min)"),
        "requester_wait_seconds": ("Requester wait time in minutes", "Requester wait time (min)"),
        "replies": ("Replies", "Agent replies"),
        "reopens": ("Reopens",),
        "transfers": ("Assignee stations",),
        "satisfaction": ("Satisfaction Score", "Ticket satisfaction rating"),
    },
    formats=("%Y-%m-%d %H:%M:%S %z",),
    units={"requester_wait_seconds": 60},
    tags_by=" ",
    one_less=("transfers",),
)
