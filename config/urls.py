"""Every address: staff under /admin/, programs under /api/, customers at the short ones."""

from csp.decorators import csp_update
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

from analytics.api import views as metrics_api
from config import health, metrics
from config.schema import schema
from ground import logo

# Swagger's own page writes style elements and draws its icons from data addresses.
docs = csp_update({"style-src": ["'unsafe-inline'"]})(
    login_not_required(SpectacularSwaggerSplitView.as_view(url_name="schema"))
)

urlpatterns = [
    path("admin/", include("config.admin_home")),
    path("admin/", include("analytics.urls")),
    path("admin/", admin.site.urls),
    path("", include("feedback.urls")),
    path("", include("surveys.urls")),
    path("api/v1/", include("surveys.api.urls")),
    path("api/v1/metrics/", metrics_api.metrics, name="api-metrics"),
    path("api/v1/metrics/<slug:key>/", metrics_api.values, name="api-metric"),
    path("api/schema/", schema, name="schema"),
    path("api/docs/", docs, name="api-docs"),
    path("brand/<str:name>", logo.show, name="brand"),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", metrics.page, name="metrics"),
]

handler400 = "ground.public.bad_request"
handler404 = "ground.public.not_found"
handler500 = "ground.public.server_error"
