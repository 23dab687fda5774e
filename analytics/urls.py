"""Addresses of knowing, all under /admin/."""

from django.urls import path

from analytics import views

app_name = "analytics"
urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("funnel/", views.funnel, name="funnel"),
    path("fix-first/", views.fix_first, name="fix_first"),
    path("agents/", views.agents, name="agents"),
    path("metrics/", views.metrics, name="metrics"),
]
