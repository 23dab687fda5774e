"""The managers' tags as a list to tidy up: another name, two made one, or none."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from feedback import tags
from feedback.admin.beside import too_long
from feedback.models import CommentTag, Tag
from ground.admin import ScopedAdmin
from ground.models import Role
from ground.text import TextTooLong


class TagForm(forms.ModelForm):
    class Meta:
        model = Tag
        fields = ["name"]

    def clean_name(self) -> str:
        """The name, tidied; one that another tag has in any case of its letters is refused."""
        try:
            name = tags.clean(self.cleaned_data["name"])
        except TextTooLong as error:
            raise ValidationError(too_long(error)) from None
        except ValueError:
            raise ValidationError(gettext("A tag needs a word.")) from None
        other = tags.named(name)
        if other is not None and other.pk != self.instance.pk:
            raise ValidationError(gettext("There is a tag of this name: %s. Two tags can be made one.") % other)
        return name


@admin.register(Tag)
class TagAdmin(ScopedAdmin):
    least_view = least_change = Role.MANAGER
    may_add = may_delete = True
    form = TagForm
    lead = _("Words of your own for comments. Nothing is read into them by a machine; topics are for that.")
    first_step = _("A tag comes into being on a comment's page, or is added here.")
    list_display = ["name", "comments", "created_at"]
    search_fields = ["name"]
    actions = None
    change_form_outer_after_template = "admin/feedback/merge.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        bearing = CommentTag.objects.filter(tag=OuterRef("pk")).order_by().values("tag")
        counted = Subquery(bearing.annotate(rows=Count("pk")).values("rows"), output_field=IntegerField())
        return super().get_queryset(request).annotate(borne=Coalesce(counted, 0))

    @admin.display(description=_("comments"), ordering="borne")
    def comments(self, tag: Tag) -> str:
        page = reverse("admin:feedback_comment_changelist")
        return format_html('<a class="underline" href="{}?tag={}">{}</a>', page, tag.pk, number_format(tag.borne))  # type: ignore[attr-defined]

    def get_deleted_objects(self, objs: Sequence[Any], request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """The tags, and on how many comments they are: listing each of those would fill the page."""
        borne = CommentTag.objects.filter(tag__in=[tag.pk for tag in objs]).count()
        lose = ngettext("%d comment loses it", "%d comments lose it", borne) % borne
        return [*map(str, objs), [lose]], {self.opts.verbose_name_plural: len(objs)}, set(), []

    def get_urls(self) -> list[Any]:
        merge = path("<int:pk>/merge/", self.admin_site.admin_view(require_POST(self.merge)), name="feedback_tag_merge")
        return [merge, *super().get_urls()]

    def merge(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        tag = get_object_or_404(Tag, pk=pk)
        into = tags.named(request.POST.get("into", "").strip())
        if into is None or into.pk == tag.pk:
            return HttpResponseBadRequest(gettext("Choose another tag that exists."))
        try:
            moved = tags.merge(tag, into)
        except tags.Gone:
            messages.error(request, gettext("Nothing was changed: somebody has just taken one of the tags away."))
            return redirect("admin:feedback_tag_changelist")
        said = ngettext("%(tag)s: %(n)d comment more.", "%(tag)s: %(n)d comments more.", moved)
        messages.success(request, said % {"tag": into, "n": moved})
        return redirect("admin:feedback_tag_change", into.pk)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        context["others"] = Tag.objects.exclude(pk=row.pk) if row else Tag.objects.none()
        return super().render_change_form(request, context, *args, **kwargs)
