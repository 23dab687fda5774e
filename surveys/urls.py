"""Where customers stop being asked and where mail services report."""

from django.urls import path, re_path

from surveys import views

urlpatterns = [
    path("webhooks/mail/<str:service>/", views.take_reports, name="mail-reports"),
    path("webhooks/gateway/<str:key>/", views.take_gateway_report, name="gateway-reports"),
    re_path(r"^(?:/+)?[uU]/+(?P<raw>(?s:.*))\Z", views.unsubscribe, name="unsubscribe"),
]
