"""Addresses of knowing, all under /admin/."""

from django.urls import path

from analytics.quality import page as quality
from analytics.views.agents import agent, agents, own
from analytics.views.by_service import by_service
from analytics.views.complaints import complaints, contacted
from analytics.views.dashboard import dashboard
from analytics.views.fix_first import fix_first
from analytics.views.funnel import funnel
from analytics.views.load import load
from analytics.views.metrics import metrics
from analytics.views.results import results
from analytics.views.returns import repeat_contacts
from analytics.views.service import service
from analytics.views.side_by_side import side_by_side
from analytics.views.staying import staying
from analytics.views.topics import topics
from analytics.watch import page as deviations

app_name = "analytics"
urlpatterns = [
    path("dashboard/", dashboard, name="dashboard"),
    path("dashboard/side-by-side/", side_by_side, name="side_by_side"),
    path("funnel/", funnel, name="funnel"),
    path("fix-first/", fix_first, name="fix_first"),
    path("topics/", topics, name="topics"),
    path("results/", results, name="results"),
    path("service/", service, name="service"),
    path("complaints/", complaints, name="complaints"),
    path("complaints/<int:pk>/contacted/", contacted, name="contacted"),
    path("staying/", staying, name="staying"),
    path("returns/", repeat_contacts, name="returns"),
    path("load/", load, name="load"),
    path("service/scores/", by_service, name="by_service"),
    path("agents/", agents, name="agents"),
    path("agents/own/", own, name="own_agent"),
    path("agents/<int:pk>/", agent, name="agent"),
    path("quality/", quality.page, name="quality"),
    path("quality/decide/", quality.decide, name="quality_decide"),
    path("metrics/", metrics, name="metrics"),
    path("deviations/", deviations.page, name="deviations"),
    path("deviations/<int:pk>/decide/", deviations.decide, name="deviation_decide"),
    path("deviations/set-up/", deviations.set_up, name="deviations_set_up"),
]
