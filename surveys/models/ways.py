"""Other ways to a customer than mail: links that anybody may open, and the gateways that carry messages."""

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ground.models import Team
from surveys.models.customers import Agent, Channel
from surveys.models.questionnaire import Survey


class Link(models.Model):
    """A link to a survey that names no customer: printed as a QR code, or built by a help desk's template.

    It carries its team and agent, so that an answer counts for them. `public_key` is what stands in the address;
    `secret`, when there is one, signs what callers with code build, and is shown once.
    """

    class Kind(models.TextChoices):
        QR = "qr", _("link or QR code")
        TEMPLATE = "template", _("link built by a help desk")
        WIDGET = "widget", _("window on a web site")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.QR)
    label = models.CharField(_("label"), max_length=150, help_text=_("Where it hangs or who uses it: Desk 4."))
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="links", verbose_name=_("survey"))
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("team"))
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("agent"))
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices, default=Channel.IN_PERSON)
    source = models.CharField(
        _("source"), max_length=64, blank=True, help_text=_("The help desk whose ticket numbers it carries.")
    )
    public_key = models.CharField(max_length=32, unique=True, editable=False)
    secret = models.CharField(max_length=64, blank=True, editable=False)
    requires_signature = models.BooleanField(
        _("signed only"), default=False, help_text=_("Links without a right signature are refused.")
    )
    is_shared = models.BooleanField(
        _("one device for many customers"),
        default=False,
        help_text=_("A tablet at the desk: several answers from one device are no sign of fraud."),
    )
    # Of a widget: {"origins": [...], "trigger": "delay" | "event" | "code", "delay": seconds, "event": name,
    # "rest_days": days, "corner": "right" | "left"}.
    placement = models.JSONField(_("placement"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        verbose_name = _("survey link")
        verbose_name_plural = _("links and QR codes")
        ordering = ["label", "pk"]

    def __str__(self) -> str:
        return self.label


class WidgetShow(models.Model):
    """A window was shown to somebody: the server's own clock, beside what the site's page remembers.

    `visitor` is a keyed hash; nobody is named.
    """

    link = models.ForeignKey(Link, models.CASCADE, related_name="shows")
    visitor = models.CharField(max_length=64)
    shown_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "visitor"], name="surveys_widget_show_once")]

    def __str__(self) -> str:
        return f"{self.link_id} {self.shown_at}"


class Gateway(models.Model):
    """An HTTP service that carries our messages: an SMS or messenger provider, or the CRM that sends the link itself.

    `body` and `headers` are templates with {phone}, {email}, {text}, {link}, {id}, {callback}; the secrets that
    headers need stand in `secret`, which is written, never shown.
    """

    class Kind(models.TextChoices):
        SMS = "sms", _("text message")
        MESSENGER = "messenger", pgettext_lazy("a way to send", "messenger")
        WEBHOOK = "webhook", _("hand-over to the CRM")

    class Encoding(models.TextChoices):
        JSON = "json", "JSON"
        FORM = "form", _("form fields")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=100)
    url = models.URLField(_("address"), max_length=500)
    encoding = models.CharField(_("body"), max_length=8, choices=Encoding.choices, default=Encoding.JSON)
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    body = models.JSONField(_("fields of the request"), default=dict, blank=True)
    secret = models.CharField(_("secret"), max_length=300, blank=True)
    id_path = models.CharField(
        _("where the reply names its number"), max_length=100, blank=True, help_text=_("Like messages.0.id.")
    )
    callback_key = models.CharField(max_length=32, unique=True, editable=False)
    callback_secret = models.CharField(_("secret of its reports"), max_length=100, blank=True)
    status_path = models.CharField(_("where a report names the status"), max_length=100, blank=True)
    report_id_path = models.CharField(_("where a report names the number"), max_length=100, blank=True)
    statuses = models.JSONField(_("what its statuses mean"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("gateway")
        verbose_name_plural = _("gateways")
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name
