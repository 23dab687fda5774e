"""What programs call about asking, under /api/v1/."""

from django.urls import path

from surveys.api import customers, decisions, interactions, suppressions

urlpatterns = [
    path("interactions/", interactions.take_interaction, name="api-interactions"),
    path("interactions/bulk/", interactions.take_interactions, name="api-interactions-bulk"),
    path("interactions/skip/", decisions.skip_interaction, name="api-interactions-skip"),
    path("decisions/", decisions.decisions, name="api-decisions"),
    path("decisions/counts/", decisions.decision_counts, name="api-decision-counts"),
    path("customers/", customers.customers, name="api-customers"),
    path("customers/bulk/", customers.many_customers, name="api-customers-bulk"),
    path("customers/<path:external_id>/", customers.customer, name="api-customer"),
    path("suppressions/", suppressions.suppressions, name="api-suppressions"),
    path("suppressions/<int:pk>/", suppressions.one_suppression, name="api-suppression"),
]
