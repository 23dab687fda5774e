"""Where customers answer and programs hand in what was said elsewhere; mangled links lead here too."""

from django.urls import path, re_path

from feedback import api, views

urlpatterns = [
    path("api/v1/comments/", api.add_comment, name="api-comments"),
    re_path(r"^(?:/+)?[rR]/+(?P<raw>(?s:.*))\Z", views.answer, name="answer"),
]
