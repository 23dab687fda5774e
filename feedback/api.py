"""`POST /api/v1/comments/`: a review, complaint or message from elsewhere, through the same door as all the others.

`GET /api/v1/ideas/`: what customers suggest, each suggestion once.
"""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import intake
from feedback.ideas import ranking
from feedback.ideas.ranking import Standing
from feedback.intake import Said
from feedback.masking import masked
from feedback.models import Comment, Idea
from ground.access import Scope
from ground.api_keys import ToRead, ToReport, program_of
from ground.api_pages import PARAMETERS, page_shape, page_together
from ground.api_shape import PastField, StrictSerializer
from ground.models import Role, Team
from ground.text import COMMENT_LIMIT
from surveys import acquaintance, interactions
from surveys.models import Customer
from surveys.models.customers import Channel

SOURCES = [choice for choice in Comment.Source.choices if choice[0] != Comment.Source.SURVEY]


class WhoShape(StrictSerializer):
    external_id = serializers.CharField(max_length=128, required=False)
    email = serializers.EmailField(max_length=254, required=False)


class CommentShape(StrictSerializer):
    source = serializers.ChoiceField(choices=SOURCES)  # type: ignore[assignment]
    origin = serializers.CharField(max_length=64, help_text="The site or system it came from, e.g. `maps.example`.")
    external_key = serializers.CharField(max_length=128, help_text="Its id there; unique within source and origin.")
    text = serializers.CharField(max_length=COMMENT_LIMIT)
    stars = serializers.IntegerField(
        min_value=1, max_value=5, required=False, help_text="Of a review; never part of a survey score."
    )
    said_at = PastField(required=False, help_text="When it was said; left out, the moment it arrives.")
    team = serializers.CharField(max_length=64, required=False, help_text="The team's code.")
    customer = WhoShape(required=False)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)


class StoredShape(serializers.ModelSerializer[Comment]):
    team = serializers.CharField(source="team.code", allow_null=True, default=None)
    text = serializers.SerializerMethodField()

    class Meta:
        model = Comment
        fields = ["id", "source", "origin", "external_key", "text", "stars", "said_at", "team", "channel"]

    def get_text(self, comment: Comment) -> str:
        """Without personal data: whoever may write comments is no reader of what others wrote under the same key."""
        return masked(comment.text)


@extend_schema(request=CommentShape, responses={200: StoredShape, 201: StoredShape})
@api_view(["POST"])
@permission_classes([ToReport])
def add_comment(request: Request) -> Response:
    """Store a free text to be understood: 201, or 200 with what is stored when its key is known already.

    A key that belongs to one team stores in that team's name.
    """
    shape = CommentShape(data=request.data)
    shape.is_valid(raise_exception=True)
    data = dict(shape.validated_data)
    scope = program_of(request).scope
    data["team"] = _team(data.pop("team", None), scope)
    who = data.pop("customer", None)
    with transaction.atomic():
        comment, is_fresh = intake.add_comment(Said(**data))
        if is_fresh and (customer := _customer(who, scope)):  # nobody is made of who was erased since
            comment.customer = customer
            comment.save(update_fields=["customer"])
        if not scope.allows(comment.team_id, least=Role.MANAGER):
            raise PermissionDenied(_("This key may write comments of its own team only."))
    return Response(StoredShape(comment).data, status=201 if is_fresh else 200)


class IdeaShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField(help_text="A person's title, else the words of its most typical comment.")
    status = serializers.ChoiceField(choices=Idea.Status.choices)
    customers = serializers.IntegerField(help_text="Each once; a comment without a known customer by itself.")
    comments = serializers.IntegerField()
    first_said_at = serializers.DateTimeField()
    last_said_at = serializers.DateTimeField()


@extend_schema(parameters=PARAMETERS, responses=page_shape("IdeaPage", IdeaShape))
@api_view(["GET"])
@permission_classes([ToRead])
def list_ideas(request: Request) -> Response:
    """Ideas with the numbers of the comments that the key may see; personal data in titles is hidden."""
    scope = program_of(request).scope
    speaking = ranking.visible(scope).filter(idea=OuterRef("pk"))

    def told(ideas: list[Idea]) -> list[dict[str, Any]]:
        found, titles = ranking.standings(ideas, scope), ranking.titles_of(ideas, scope)
        # Of one whose last comment has just gone nothing is told.
        return [_idea(idea, titles[idea.pk], found[idea.pk]) for idea in ideas if idea.pk in found]

    return page_together(request, Idea.objects.filter(Exists(speaking)), told)


def _idea(idea: Idea, title: str, standing: Standing) -> dict[str, Any]:
    return {
        "id": idea.pk, "title": title, "status": idea.status, "customers": standing.customers,
        "comments": standing.comments, "first_said_at": standing.first, "last_said_at": standing.last,
    }  # fmt: skip


def _team(code: str | None, scope: Scope) -> Team | None:
    """The named team, else a team key's own one. An unknown team and a forbidden one are refused alike."""
    if code is None:
        own = scope.team_ids(least=Role.MANAGER)
        return None if scope.covers_all() else Team.objects.get(pk=own[0])
    team = Team.objects.filter(scope.rows("pk", least=Role.MANAGER), code=code).first()
    if team is None:
        raise ValidationError({"team": [_("No team that this key may write for has this code.")]})
    return team


def _customer(who: dict[str, str] | None, scope: Scope) -> Customer | None:
    """Found or made, None for one whom the key's team does not know; a comment never changes one who is known."""
    if not who:
        return None
    known = interactions.known_customer(**who)
    if known is not None:
        return known if acquaintance.knows(scope, known) else None
    try:
        return interactions.take_customer(**who, writer=scope)
    except interactions.Refused as error:
        raise ValidationError({error.attr: [str(error)]}) from error
