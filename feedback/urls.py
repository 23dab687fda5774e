"""Where customers answer and programs hand in what was said elsewhere; mangled links lead here too."""

from django.urls import path, re_path

from feedback import api
from feedback.views import answer, own_data, public_link, trial, widget

urlpatterns = [
    path("api/v1/comments/", api.add_comment, name="api-comments"),
    path("api/v1/ideas/", api.list_ideas, name="api-ideas"),
    re_path(r"^[uU]/+(?P<raw>[^/]+)/data/?\Z", own_data.start, name="own-data-start"),
    re_path(r"^[mM]/+(?P<raw>(?s:.*))\Z", own_data.show, name="own-data"),
    re_path(r"^(?:/+)?[rR]/+(?P<raw>(?s:.*))\Z", answer.answer, name="answer"),
    re_path(r"^[qQ]/+(?P<raw>(?s:.*))\Z", public_link.answer, {"kind": "qr"}, name="public-link"),
    path("w/<slug:key>.js", widget.script, name="widget-script"),
    path("w/<slug:key>", widget.frame, name="widget-frame"),
    path("w/<slug:key>/shown", widget.shown, name="widget-shown"),
    re_path(r"^[tT]/+(?P<raw>(?s:.*))\Z", public_link.answer, {"kind": "template"}, name="template-link"),
    path("p/<str:sealed>", trial.run, name="trial"),
    path("p/<str:sealed>/<str:rest>", trial.run),
]
