"""Links and QR codes: made for a desk, an agent or a help desk's template, printed, signed and switched off."""

import secrets
from functools import partial
from importlib import import_module
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminRadioSelectWidget

from ground import audit, public
from ground.admin import ScopedAdmin, ScopedFilter, moment, scope_for
from ground.models import Organisation, Role, User
from ground.text import clean_line
from surveys import codes, public_links, qr, snippets, widgets
from surveys.admin import widget_form
from surveys.models import Interaction, Link, Survey

MOST_PRINTED = 60


class LinkForm(widget_form.WidgetFields, forms.ModelForm):
    class Meta:
        model = Link
        fields = [
            "kind", "label", "survey", "team", "agent", "channel", "source", "requires_signature", "is_shared",
            "is_active",
        ]  # fmt: skip
        widgets = {"kind": UnfoldAdminRadioSelectWidget}
        labels = {"label": _("Place or purpose")}
        help_texts = {
            "survey": _("The newest published version is shown."),
            "team": _("Answers count for this team."),
            "agent": _("Answers count for this agent as well. Empty: for the team alone."),
            "channel": _("Under which answers are counted."),
            "source": _(
                "As the CRM names it when it reports tickets: an answer waits until its ticket is reported and then "
                "follows its team, agent and customer. Empty: nothing is reported, and answers count as they come."
            ),
            "is_active": _("Switched off, the address leads nowhere, also where it is printed or was sent."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in widget_form.FIELDS:
            self.fields[name].label = capfirst(self.fields[name].label)
        if self.instance.kind == Link.Kind.WIDGET:
            self.initial |= widget_form.initial(self.instance)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.cleaned_data.get("kind", self.instance.kind) == Link.Kind.WIDGET:
            self.instance.placement = self.placement()
        return data

    def clean_label(self) -> str:
        return clean_line(self.cleaned_data["label"])

    def clean_source(self) -> str:
        source = codes.source(clean_line(self.cleaned_data["source"]))
        if source.startswith(Interaction.BY_LINK):
            raise forms.ValidationError(_("Names that begin with link: are kept for links themselves."))
        return source

    def clean_requires_signature(self) -> bool:
        wanted = self.cleaned_data["requires_signature"]
        if wanted and not self.instance.secret:
            raise forms.ValidationError(_("Save the link and make its secret first: without one nobody can sign."))
        return wanted


@admin.register(Link)
class LinkAdmin(ScopedAdmin):
    team_path = "team"
    least_change = Role.MANAGER
    may_add = True
    form = LinkForm
    lead = _(
        "Links that name no customer: QR codes for desks and paper, and links that a help desk puts into its mails."
    )
    first_step = _("Make one for each desk or agent: answers count for the team and agent of the link.")
    list_display = ["place", "kind_shown", "survey", "counts_for", "answers", "last", "is_active"]
    list_filter = ["kind", "is_active", ("team", ScopedFilter)]
    list_select_related = ["survey", "team", "agent"]
    search_fields = ["label", "=public_key"]
    search_help_text = _("Place or purpose, or the key in the address")
    actions = ["print_chosen"]
    change_form_outer_before_template = "admin/surveys/public_link.html"

    def get_fieldsets(self, request: HttpRequest, obj: Link | None = None) -> Any:
        counted = (_("Whom answers count for"), {"fields": ["team", "agent", "channel"]})
        note = _("Only for a link that a help desk builds.")
        desk = (
            _("The help desk"),
            {
                "fields": ["source", "requires_signature"],
                "description": None if obj else note,
                "classes": ["of-template"],
            },
        )
        only = _("Only for a window on a web site.")
        window = (
            _("The window"),
            {"fields": widget_form.FIELDS, "description": None if obj else only, "classes": ["of-widget"]},
        )
        by_kind = {Link.Kind.QR: [], Link.Kind.TEMPLATE: [desk], Link.Kind.WIDGET: [window]}
        more = by_kind[Link.Kind(obj.kind)] if obj else [desk, window]
        shared = ["is_shared"] if obj is None or obj.kind == Link.Kind.QR else []
        return [(None, {"fields": ["kind", "label", "survey", *shared, "is_active"]}), counted, *more]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A help desk's link can speak for tickets of every team."""
        is_own = not isinstance(obj, Link) or obj.kind != Link.Kind.TEMPLATE
        return super().has_change_permission(request, obj) and (is_own or self._leads_all(request))

    def _leads_all(self, request: HttpRequest) -> bool:
        return scope_for(request).covers_all(least=Role.MANAGER)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        if "kind" in form.base_fields and not self._leads_all(request):
            form.base_fields["kind"].choices = [(kind.value, kind.label) for kind in (Link.Kind.QR, Link.Kind.WIDGET)]
            form.base_fields["kind"].initial = Link.Kind.QR
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Link | None = None) -> list[str]:
        """What kind it is stands in every printed address."""
        return ["kind"] if obj else []

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> ModelChoiceField:
        if db_field.name == "survey":
            kwargs["queryset"] = Survey.objects.filter(is_archived=False)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Link, form: Any, change: bool) -> None:
        if not change:
            obj.public_key = public_links.new_key()
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Link, post_url_continue: str | None = None) -> HttpResponse:
        """To its page: what one came for, the code or the text to paste, is there."""
        if "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, _("The link is ready: everything to print or to paste is on this page."))
        return redirect("admin:surveys_link_change", obj.pk)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("print/", view(partial(print_sheet, page=self)), name="surveys_link_print"),
            path("<int:pk>/code.<str:form>", view(partial(picture, page=self)), name="surveys_link_code"),
            path("<int:pk>/sample/", view(partial(sample, page=self)), name="surveys_link_sample"),
            path("<int:pk>/secret/", view(require_POST(partial(new_secret, page=self))), name="surveys_link_secret"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        link = context.get("original")
        if link is not None:
            context |= about(link) | {"may_change": self.has_change_permission(request, link)}
            context["tally"] = tallies(request, [link]).get(link.pk)
        return super().render_change_form(request, context, *args, **kwargs)

    @action(description=_("Print the codes of the chosen links"))
    def print_chosen(self, request: HttpRequest, queryset: QuerySet[Link]) -> HttpResponse:
        chosen = queryset.filter(kind=Link.Kind.QR).values_list("pk", flat=True)[:MOST_PRINTED]
        if not chosen:
            messages.warning(request, _("None of the chosen links has a code to print."))
            return redirect("admin:surveys_link_changelist")
        query = "&".join(f"link={pk}" for pk in chosen)
        return HttpResponseRedirect(f"{reverse('admin:surveys_link_print')}?{query}")

    @display(description=_("Place or purpose"), ordering="label")
    def place(self, link: Link) -> str:
        return link.label

    @display(description=_("kind"), ordering="kind")
    def kind_shown(self, link: Link) -> str:
        return link.get_kind_display()

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        known = tallies(request, found.result_list)
        for link in found.result_list:
            link.tally = known.get(link.pk)
        return found

    @display(description=_("count for"), ordering="team")
    def counts_for(self, link: Link) -> Any:
        return link.agent or link.team

    @display(description=_("answers"))
    def answers(self, link: Link) -> str | int:
        if link.tally and link.tally.held:
            return _("%(count)s, %(held)s of them held") % {"count": link.tally.count, "held": link.tally.held}
        return link.tally.count if link.tally else 0

    @display(description=_("last answer"))
    def last(self, link: Link) -> str:
        return moment(link.tally.last if link.tally else None)


def tallies(request: HttpRequest, links: list[Link]) -> dict[int, Any]:
    """What came through the links, as far as the reader may see it; the room above knows."""
    return import_module(settings.ANSWERS_MODULE).tallies([link.pk for link in links], scope=scope_for(request))


def about(link: Link) -> dict[str, Any]:
    """What a link's page shows: its code and address, or the texts to paste."""
    if link.kind == Link.Kind.QR:
        return {"address": qr.address(link)}
    if link.kind == Link.Kind.WIDGET:
        return {
            "script": widgets.script_snippet(link),
            "frame": widgets.frame_snippet(link, str(link.survey)),
            "origin": settings.BASE_URL,
        }
    version, language = link.survey.published, translation.get_language() or ""
    return {"snippets": snippets.of(link, version, language), "example_key": link.public_key}


def found(request: HttpRequest, page: LinkAdmin, pk: int, *, kind: str = "") -> Link:
    wanted = {"pk": pk, "kind": kind} if kind else {"pk": pk}
    link = page.get_queryset(request).select_related("survey").filter(**wanted).first()
    if link is None:
        raise Http404
    return link


def picture(request: HttpRequest, pk: int, form: str, *, page: LinkAdmin) -> HttpResponse:
    """The QR code, to look at or with `?save=1` as a file."""
    if form not in qr.TYPES:
        raise Http404
    link = found(request, page, pk, kind=Link.Kind.QR)
    response = HttpResponse(qr.picture(link, form), content_type=qr.TYPES[form])
    if "save" in request.GET:
        response.headers["Content-Disposition"] = f'attachment; filename="otklik-{link.public_key}.{form}"'
    return response


def print_sheet(request: HttpRequest, *, page: LinkAdmin) -> HttpResponse:
    """A4 sheets with the codes of the named links: the brand, the question in each language, where it hangs."""
    wanted = [pk for pk in request.GET.getlist("link") if pk.isascii() and pk.isdigit()][:MOST_PRINTED]
    links = page.get_queryset(request).filter(pk__in=wanted, kind=Link.Kind.QR).select_related("survey")
    organisation = Organisation.current()
    cards = [card for link in links if (card := _card(link, organisation))]
    if not cards:
        raise Http404
    context = {"cards": cards, "organisation": organisation}
    return TemplateResponse(request, "admin/surveys/print_codes.html", context)


def _card(link: Link, organisation: Organisation) -> dict[str, Any] | None:
    version = link.survey.published
    question = version.score_question() if version else None
    if version is None or question is None:
        return None
    languages = sorted(version.languages(), key=lambda code: code != organisation.language)[:3]
    texts = [{"language": code, "direction": public.direction(code), "text": question.text(code)} for code in languages]
    return {"link": link, "texts": texts, "address": qr.address(link)}


def sample(request: HttpRequest, pk: int, *, page: LinkAdmin) -> HttpResponse:
    """A page of an imagined shop with the window on it, under as strict a policy as a site may have."""
    link, nonce = found(request, page, pk, kind=Link.Kind.WIDGET), secrets.token_urlsafe(16)
    context = {"link": link, "nonce": nonce, "address": widgets.path(link), "placement": widgets.placement(link)}
    response = TemplateResponse(request, "admin/surveys/widget_sample.html", context)
    own = {
        "default-src": "'none'",
        "script-src": f"'nonce-{nonce}'",
        "style-src": f"'nonce-{nonce}'",
        "frame-src": "'self'",
    }
    response.headers["Content-Security-Policy"] = "; ".join(" ".join(part) for part in own.items())
    return response


def new_secret(request: HttpRequest, pk: int, *, page: LinkAdmin) -> HttpResponse:
    """A fresh secret, shown on this one page and nowhere else."""
    link = found(request, page, pk)
    if link.kind == Link.Kind.QR or not page.has_change_permission(request, link):
        raise Http404
    context = {
        "title": _("The secret of “%(label)s”") % {"label": link.label},
        "link": link,
        "secret": public_links.new_secret(link),
    }
    audit.note("link.secret_made", by=cast(User, request.user), subject=link)
    shared = page.admin_site.each_context(request)
    return TemplateResponse(request, "admin/surveys/link_secret.html", shared | context)
