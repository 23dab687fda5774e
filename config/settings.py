"""All settings, from typed readers of the environment; `.env.example` lists every variable."""

import contextlib
import os
import sys
import tempfile
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from config import keys, mail_url, unsafe
from config.variables import Env

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")


def text(name: str, default: str | None = None) -> str:
    """The variable, or the content of the file that NAME_FILE points to (for secrets mounted as files)."""
    path = env.str(f"{name}_FILE", default="")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    return env.str(name, default=default) if default is not None else env.str(name)


DEBUG = env.bool("DEBUG", default=False)

# --- where things live -------------------------------------------------------------------------------------------
# Set to nothing, as an unfilled line of a compose file does, it is not the current directory.
DATA_DIR = Path(env.str("OTKLIK_DATA_DIR", default="") or BASE_DIR / "data").resolve()
KEYS_DIR = DATA_DIR / "keys"
try:
    SECRET_KEY = text("SECRET_KEY", "") or keys.stored(KEYS_DIR, "secret_key")
    # Survey links are derived from it and only their hashes are stored: a copy of the database holds no usable link.
    LINK_KEY = text("LINK_KEY", "") or keys.stored(KEYS_DIR, "link_key")
except OSError as error:
    sys.exit(f"{error.filename or DATA_DIR}: {error.strerror}. Mend the rights or choose another OTKLIK_DATA_DIR.")

# --- addresses ---------------------------------------------------------------------------------------------------
PORT = env.int("PORT", default=8000)
# Every absolute link in a mail is built from BASE_URL, never from a request's Host.
BASE_URL = env.str("BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# The header in which a proxy says who is there, and the networks of the proxies that may (ground.header_login).
LOGIN_HEADER, LOGIN_HEADER_PROXIES = env.str("LOGIN_HEADER", default=""), env.list("LOGIN_HEADER_PROXIES", default=[])
reason = unsafe.why_not(BASE_URL, debug=DEBUG, hosts=ALLOWED_HOSTS, keys=(SECRET_KEY, LINK_KEY))
if reason := reason or unsafe.why_no_header(BASE_URL, LOGIN_HEADER, LOGIN_HEADER_PROXIES, TRUSTED_PROXIES):
    sys.exit(reason)

# --- applications ------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "csp",
    "ground",
    "surveys",
    "feedback",
    "analytics",
    "config",
]

MIDDLEWARE = [
    "ground.request_ids.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ground.unavailable.DatabaseUnavailableMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ground.header_login.HeaderLoginMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "ground.preferences.PreferencesMiddleware",
    "ground.logins.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# --- database ----------------------------------------------------------------------------------------------------
# How long a writer waits for SQLite's one write lock, seconds: the web gives up early and keeps the customer's text
# in the page, workers can wait. The workers' processes raise it by the environment.
SQLITE_LOCK_SECONDS = env.float("SQLITE_LOCK_SECONDS", default=4.0)
DATABASES = {"default": env.db_url_config(text("DATABASE_URL", "") or f"sqlite:///{DATA_DIR / 'otklik.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"] |= {
        "ENGINE": "ground.sqlite",
        "CONN_MAX_AGE": None,
        # A file, not memory: the tests exercise the same lock and the same journal.
        "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": SQLITE_LOCK_SECONDS,
            # FULL adds the one fsync between commit and reply that makes an acknowledged answer survive power loss.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;",
        },
    }
else:
    # What the URL's query says (a socket's directory, sslmode) stays.
    DATABASES["default"]["OPTIONS"] = DATABASES["default"].get("OPTIONS", {}) | {
        # A pool that goes on looking for a lost database waits longer and longer between two looks: one that gives up
        # soon looks again when it is asked the next time, and so is there as soon as the database is.
        "pool": {
            "min_size": 1,
            "max_size": env.int("DATABASE_POOL", default=8),
            "timeout": 4,
            "reconnect_timeout": 2,
        },
        # A page asks for little at a time: compiling a statement, or starting processes that share in it, costs more
        # than either saves, and comes whenever the planner takes a rare thing for a frequent one.
        "options": "-c lock_timeout=4000 -c jit=off -c max_parallel_workers_per_gather=0",
        "connect_timeout": 4,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL, SESSION_ENGINE = "ground.User", "ground.sessions"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if BASE_URL.startswith("https://"):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
    SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", default=True)
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Whether a browser's own list names the site is for its owner to ask; the schema's names of error codes are told apart.
SILENCED_SYSTEM_CHECKS = ["security.W021", "drf_spectacular.W001"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Everything public is strict; Unfold's Alpine needs unsafe-eval, so /admin/ alone gets it (ground.preferences).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
ADMIN_CONTENT_SECURITY_POLICY = {
    "script-src": [SELF, NONCE, "'unsafe-eval'"],
    # Alpine and Unfold write style attributes.
    "style-src": [SELF, "'unsafe-inline'"],
}

# --- languages and time ------------------------------------------------------------------------------------------
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="ru")
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
# What customers see speaks more: those texts alone are in a catalogue of their own.
PAGE_LANGUAGES = ["ru", "en", "kk", "ar"]
# The second catalogue has what the admin theme lacks in Russian.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "theme", BASE_DIR / "locale" / "page"]
FORMAT_MODULE_PATH = "config.formats"
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# --- files -------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
with contextlib.suppress(OSError):  # whoever needs to write there says it better than a settings file can
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
# The finders serve the files as they lie in the packages: no collectstatic step before the first start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# A survey of many questions is edited on one page.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# --- mail --------------------------------------------------------------------------------------------------------
SMTP_PORT = env.int("SMTP_PORT", default=8025)
MAILBOX_PORT = env.int("MAILBOX_PORT", default=8026)
vars().update(mail_url.read(text("EMAIL_URL", f"smtp://127.0.0.1:{SMTP_PORT}")))
# How long a mail server may keep a worker waiting for one reply, seconds.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=30)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Otklik <otklik@localhost>")
# Bounces come back to it, each with its own tag (surveys.verp), and are read from the mailbox by IMAP.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="")
MAILBOX_URL = text("MAILBOX_URL", "")
# The DNS server that the mail check asks, host or host:port; the system's own when empty.
DNS_SERVER = env.str("DNS_SERVER", default="")
# What a mail service needs (anymail's names): ANYMAIL_POSTMARK_SERVER_TOKEN, ANYMAIL_MAILGUN_API_KEY and the like. Its
# reports come in only with the secret, "user:password", and where the service signs them, only signed.
ANYMAIL = {name.removeprefix("ANYMAIL_"): value for name, value in os.environ.items() if name.startswith("ANYMAIL_")}
ANYMAIL["WEBHOOK_SECRET"] = text("ANYMAIL_WEBHOOK_SECRET", "")
ANYMAIL.setdefault("REQUESTS_TIMEOUT", EMAIL_TIMEOUT)

# --- calls to others (ground.outbound) ----------------------------------------------------------------------------
# Gateways and webhooks may call public addresses at the ports 80 and 443; what else they may call is named here alone,
# so that nobody who can log in can make the server look into its own network.
OUTBOUND_ALLOW = env.list("OUTBOUND_ALLOW", default=[])
# Where bots of Telegram are called; one's own Bot API server may stand elsewhere.
TELEGRAM_URL = env.str("TELEGRAM_URL", default="https://api.telegram.org")
# The country that telephone numbers without a country code belong to.
PHONE_REGION = env.str("PHONE_REGION", default="RU")

# --- celery ------------------------------------------------------------------------------------------------------


def broker_socket() -> Path:
    """Where the bundled Valkey listens; a socket's path may not pass about 100 bytes, so a deep one moves to /tmp."""
    path = DATA_DIR / "run" / "valkey.sock"
    if len(os.fsencode(path)) <= 100:
        return path
    import hashlib

    return Path(tempfile.gettempdir()) / f"otklik-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}" / "valkey.sock"


BROKER_SOCKET = broker_socket()
CELERY_BROKER_URL = text("CELERY_BROKER_URL", "") or f"redis+socket://{BROKER_SOCKET}"
# Rows are the queue, so a message is a doorbell that may be lost or doubled: no result back end, early
# acknowledgement, and a short look for what a killed worker had reserved.
CELERY_TASK_IGNORE_RESULT, CELERY_TASK_ACKS_LATE = True, False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP, CELERY_BROKER_CONNECTION_MAX_RETRIES = True, None
CELERY_TASK_DEFAULT_DELIVERY_MODE = "transient"  # or RabbitMQ writes every ring to its disk
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 8,
    "unacked_restore_interval": 3,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
CELERY_TASK_DEFAULT_QUEUE = "ring"
# A worker without --queues serves them all.
CELERY_TASK_QUEUES = [Queue(name) for name in ("ring", "send", "rollup", "understand", "job")]
CELERY_TASK_ROUTES = {
    "*.ring_due": {"queue": "ring"},
    "ground.tasks.forget_old": {"queue": "rollup"},
    "ground.tasks.seal_audit": {"queue": "rollup"},
    "ground.tasks.run_jobs": {"queue": "job"},
    "ground.tasks.read_mailbox": {"queue": "job"},
    "ground.tasks.gather_notices": {"queue": "rollup"},
    "ground.tasks.deliver_messages": {"queue": "send"},
    "surveys.tasks.send_invitations": {"queue": "send"},
    "surveys.tasks.ask_at_intervals": {"queue": "rollup"},
    "surveys.tasks.send_reminders": {"queue": "send"},
    "surveys.tasks.send_thanks": {"queue": "send"},
    "surveys.tasks.mail_own_data": {"queue": "send"},
    "surveys.tasks.expire_links": {"queue": "rollup"},
    "surveys.tasks.understand_mails": {"queue": "rollup"},
    "feedback.tasks.settle_touches": {"queue": "rollup"},
    "feedback.tasks.match_answers": {"queue": "rollup"},
    "feedback.tasks.tell_of_contacts": {"queue": "rollup"},
    "feedback.tasks.classify_comments": {"queue": "understand"},
    "feedback.tasks.group_ideas": {"queue": "understand"},
    "feedback.tasks.look_for_themes": {"queue": "rollup"},
    "feedback.tasks.look_for_corrections": {"queue": "rollup"},
    "feedback.tasks.forget_answers": {"queue": "rollup"},
    "analytics.tasks.roll_up": {"queue": "rollup"},
    "analytics.tasks.judge_days": {"queue": "rollup"},
}
# On RabbitMQ the queue of orders to a worker is locked by its name: two called alike would not start. Nobody orders.
CELERY_WORKER_HIJACK_ROOT_LOGGER = CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TIMEZONE = "UTC"


def tick(task: str) -> dict:
    """A one-second tick that is worthless when late; half a minute is what the clocks of two hosts may differ by."""
    return {"task": task, "schedule": 1.0, "options": {"expires": 30}}


CELERY_BEAT_SCHEDULE = {
    app: tick(f"{app}.tasks.ring_due") for app in ("ground", "surveys", "feedback", "analytics")
} | {
    "expiry": {"task": "surveys.tasks.expire_links", "schedule": 60.0, "options": {"expires": 50}},
    "housekeeping": {"task": "ground.tasks.forget_old", "schedule": 3600.0, "options": {"expires": 600}},
    "seals": {"task": "ground.tasks.seal_audit", "schedule": 60.0, "options": {"expires": 50}},
    "mailbox": {"task": "ground.tasks.read_mailbox", "schedule": 30.0, "options": {"expires": 30}},
}
CELERY_BEAT_SCHEDULER = "config.up.ticking:SteadyScheduler"  # keeps no file, and minds no clock that is set

# --- operations --------------------------------------------------------------------------------------------------
# What encrypted backups are made and opened with.
BACKUP_PASSPHRASE = text("BACKUP_PASSPHRASE", "")
# What a program that reads /metrics from another machine has to show: Authorization: Bearer TOKEN.
METRICS_TOKEN = text("METRICS_TOKEN", "")

# --- product -----------------------------------------------------------------------------------------------------
# The share of comments, the least sure, that the sentence embedding reads too where it is installed.
UNDERSTANDING_DEEP = env.float("UNDERSTANDING_DEEP", default=0.3)
# A directory with a sentence embedding of one's own instead of the installed one (docs/understanding.md).
UNDERSTANDING_MODEL = env.str("UNDERSTANDING_MODEL", default="")
# A touch settles this long after the last one of its invitation, seconds (decision: presumed or unverified).
SETTLEMENT_SECONDS = env.int("SETTLEMENT_SECONDS", default=600)
# The modules that register kinds of long work (ground.jobs) and of notices (ground.notices).
JOB_MODULES = [
    "surveys.tryout", "feedback.bulk", "feedback.export", "feedback.rejudging", "surveys.importing",
    "feedback.topic_work", "feedback.reclassify", "feedback.learning.training", "feedback.themes.finding",
    "analytics.audit", "analytics.watch.replay", "analytics.staying.counting", "ground.erasing_job",
]  # fmt: skip
# Who counts what hangs on a customer's other contacts (surveys.nobody); who knows of opened links not judged yet.
CONTACT_MODULES = ["analytics.served_counts", "analytics.asked_slices"]
UNSETTLED_MODULES = ["feedback.settlement"]
NOTICE_MODULES = [
    "feedback.notices", "feedback.themes.telling", "analytics.watch.telling", "analytics.digest", "analytics.audit",
]  # fmt: skip
# What each room keeps of people outside (ground.holdings): rows that point at others before those that they point at.
PRIVACY_MODULES = [f"{room}.privacy" for room in ("analytics", "feedback", "surveys", "ground", "config")]
# The module that knows whether a survey has answers, and how many came through each public link (surveys).
ANSWERS_MODULE = "feedback.bursts"
# A row's lease, seconds: the time after which a dead worker's work is taken over.
LEASE_SECONDS = env.int("LEASE_SECONDS", default=15)

# --- API ---------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["ground.api_keys.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["ground.api_keys.Undeclared"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ground.json_body.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "ground.api_schema.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
DRF_STANDARDIZED_ERRORS = {"EXCEPTION_HANDLER_CLASS": "ground.api_errors.ApiExceptionHandler"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Otklik API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    **dict.fromkeys(("SWAGGER_UI_DIST", "SWAGGER_UI_FAVICON_HREF", "REDOC_DIST"), "SIDECAR"),
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "ENUM_NAME_OVERRIDES": {
        **{
            f"{kind}ErrorEnum": f"drf_standardized_errors.openapi_serializers.{kind}ErrorEnum.choices"
            for kind in ("Validation", "Client", "Server")
        },
        **{
            f"ErrorCode{code}Enum": f"drf_standardized_errors.openapi_serializers.ErrorCode{code}Enum.choices"
            for code in (401, 403, 404, 405, 406, 415, 429, 500)
        },
    },
}

# --- logs: no token, address or comment reaches them (ground.quiet_log) --------------------------------------------
# Lines for people, or "json" for programs that gather logs.
LOG_FORMAT = "json" if env.str("LOG_FORMAT", default="line") == "json" else "line"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "ground.quiet_log.JsonFormatter"},
        "line": {"()": "ground.quiet_log.MaskFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "ground.rowqueue": {"level": env.str("LOG_LEVEL", default="INFO")},  # workers keep the rest to warnings
    },
}

from config.sidebar import UNFOLD  # noqa: E402, F401  (needs the translations' lazy function only)
