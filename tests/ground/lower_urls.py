"""Addresses of the three lower rooms alone."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("surveys.urls")),
    path("", include("feedback.urls")),
]
