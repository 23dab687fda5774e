"""Where customers stop being asked."""

from django.urls import re_path

from surveys import views

urlpatterns = [
    re_path(r"^(?:/+)?[uU]/+(?P<raw>(?s:.*))\Z", views.unsubscribe, name="unsubscribe"),
]
