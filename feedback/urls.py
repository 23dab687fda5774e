"""Where customers answer and programs hand in what was said elsewhere; mangled links lead here too."""

from django.urls import path, re_path

from feedback import api
from feedback.views import answer, public_link, trial

urlpatterns = [
    path("api/v1/comments/", api.add_comment, name="api-comments"),
    re_path(r"^(?:/+)?[rR]/+(?P<raw>(?s:.*))\Z", answer.answer, name="answer"),
    re_path(r"^[qQ]/+(?P<raw>(?s:.*))\Z", public_link.answer, {"kind": "qr"}, name="public-link"),
    re_path(r"^[tT]/+(?P<raw>(?s:.*))\Z", public_link.answer, {"kind": "template"}, name="template-link"),
    path("p/<str:sealed>", trial.run, name="trial"),
    path("p/<str:sealed>/<str:rest>", trial.run),
]
