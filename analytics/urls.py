"""Addresses of knowing, all under /admin/."""

from django.urls import path

from analytics.quality import page as quality
from analytics.views.agents import agents
from analytics.views.complaints import complaints
from analytics.views.dashboard import dashboard
from analytics.views.fix_first import fix_first
from analytics.views.funnel import funnel
from analytics.views.metrics import metrics
from analytics.views.results import results
from analytics.views.returns import repeat_contacts
from analytics.views.service import service
from analytics.views.topics import topics
from analytics.watch import page as deviations

app_name = "analytics"
urlpatterns = [
    path("dashboard/", dashboard, name="dashboard"),
    path("funnel/", funnel, name="funnel"),
    path("fix-first/", fix_first, name="fix_first"),
    path("topics/", topics, name="topics"),
    path("results/", results, name="results"),
    path("service/", service, name="service"),
    path("complaints/", complaints, name="complaints"),
    path("returns/", repeat_contacts, name="returns"),
    path("agents/", agents, name="agents"),
    path("quality/", quality.page, name="quality"),
    path("quality/decide/", quality.decide, name="quality_decide"),
    path("metrics/", metrics, name="metrics"),
    path("deviations/", deviations.page, name="deviations"),
    path("deviations/<int:pk>/decide/", deviations.decide, name="deviation_decide"),
    path("deviations/set-up/", deviations.set_up, name="deviations_set_up"),
]
