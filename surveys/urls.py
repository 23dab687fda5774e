"""Where customers stop being asked, where mail services report, and where test mails lead."""

from django.urls import path, re_path

from surveys import trial_page, views

urlpatterns = [
    path("webhooks/mail/<str:service>/", views.take_reports, name="mail-reports"),
    path("webhooks/gateway/<str:key>/", views.take_gateway_report, name="gateway-reports"),
    re_path(r"^(?:/+)?[uU]/+(?P<raw>(?s:.*))\Z", views.unsubscribe, name="unsubscribe"),
    path("try/<str:sealed>", trial_page.show, name="trial"),
    path("try/<str:sealed>/<str:rest>", trial_page.show),
]
