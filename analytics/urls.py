"""Addresses of knowing, all under /admin/."""

from django.urls import path

from analytics import views
from analytics.quality import page as quality

app_name = "analytics"
urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("funnel/", views.funnel, name="funnel"),
    path("fix-first/", views.fix_first, name="fix_first"),
    path("agents/", views.agents, name="agents"),
    path("quality/", quality.page, name="quality"),
    path("quality/decide/", quality.decide, name="quality_decide"),
    path("metrics/", views.metrics, name="metrics"),
]
