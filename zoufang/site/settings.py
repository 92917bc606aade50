"""
Settings, from the environment only.

`DATABASE_URL`, `DATABASE_REPLICA_URL`, `ZOUFANG_DATA`, `ZOUFANG_SECRET_KEY`, `ZOUFANG_ENV` and `PORT` are the outside
contract; everything else follows from them. In production a missing or unsafe value stops the program instead of being papered over.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured

from zoufang.site import database, gateways

# Lets types such as ModelChoiceField[Unit] be written where Django's own classes cannot be subscripted.
django_stubs_ext.monkeypatch()

ROOT = Path(__file__).resolve().parents[2]
DATA = database.data_directory()
ENVIRONMENT = os.environ.get("ZOUFANG_ENV", "demo")
if ENVIRONMENT not in {"demo", "production"}:
    raise ImproperlyConfigured(f"ZOUFANG_ENV is {ENVIRONMENT!r}; it may be 'demo' or 'production'.")
PRODUCTION = ENVIRONMENT == "production"

DEBUG = False
SECRET_KEY = os.environ.get("ZOUFANG_SECRET_KEY", "")
if not SECRET_KEY:
    if PRODUCTION:
        raise ImproperlyConfigured("ZOUFANG_SECRET_KEY is not set: production does not start without its own key.")
    SECRET_KEY = "demo-only-key-that-production-refuses-because-it-is-public"  # noqa: S105 - it guards nothing
if PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("ZOUFANG_SECRET_KEY is shorter than 50 characters.")

ALLOWED_HOSTS = os.environ.get("ZOUFANG_HOSTS", "127.0.0.1,localhost").split(",")
# Where citizens find their pages, for what is printed and sent; else the address at which the program was asked.
PUBLIC_URL = os.environ.get("ZOUFANG_PUBLIC_URL", "").rstrip("/")
# The bureau's mailbox (imaps://user:password@host/INBOX) and the server that sends (smtps://user:password@host);
# without them no mail is read or sent.
IMAP_URL = os.environ.get("ZOUFANG_IMAP_URL", "")
SMTP_URL = os.environ.get("ZOUFANG_SMTP_URL", "")
MAIL_FROM = os.environ.get("ZOUFANG_MAIL_FROM", "")
if SMTP_URL and "@" not in MAIL_FROM:
    raise ImproperlyConfigured("ZOUFANG_SMTP_URL needs ZOUFANG_MAIL_FROM, the address from which mail is sent.")
# How many proxies of ours stand before the program; the address of a caller is read that many steps back.
TRUSTED_PROXIES = int(os.environ.get("ZOUFANG_TRUSTED_PROXIES", "0"))
SILENCED_SYSTEM_CHECKS: list[str] = []
# Systems that deliver on behalf of citizens sign with these keys; texts to citizens go to `SMS_URL`.
_GATEWAYS = gateways.read(os.environ, public_url=PUBLIC_URL, production=PRODUCTION)
SMS_URL, GATEWAY_KEYS = _GATEWAYS.sms_url, _GATEWAYS.keys

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "template_partials",
    "procrastinate.contrib.django",
    "zoufang.search",
    "zoufang.ui",
    "zoufang.organization",
    "zoufang.accounts",
    "zoufang.audit",
    "zoufang.privacy",
    "zoufang.exports",
    "zoufang.metrics",
    "zoufang.notifications",
    "zoufang.opinions",
    "zoufang.casework",
    "zoufang.campaigns",
    "zoufang.callbacks",
    "zoufang.visits",
    "zoufang.channels",
    "zoufang.answers",
    "zoufang.worklists",
    "zoufang.statistics",
    "zoufang.ledgers",
    "zoufang.bulletins",
    "zoufang.rehearsal",
    "zoufang.site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zoufang.accounts.middleware.SignInRequired",
    "zoufang.ui.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "zoufang.site.urls"
WSGI_APPLICATION = "zoufang.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zoufang.site.navigation.navigation",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "zoufang.ui.templatetags.ui"],
        },
    }
]


# A page that waits this long has failed; imports, reports and loaders run outside and may take their time.
_AT_THE_DOOR = "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"


def _database(url: str, named: str = "DATABASE_URL") -> dict[str, Any]:
    """Read `postgres://user:password@host:port/name?option=value`; `host` may be the directory of a socket, quoted."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{named} must be postgres://user:password@host:port/name.")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    options["pool"] = {"min_size": 1, "max_size": 16, "timeout": 10}
    if os.environ.get("ZOUFANG_DOOR") == "web":
        options["options"] = _AT_THE_DOOR
    # `parts.hostname` is in lower case, which the directory of a socket need not be.
    host = parts.netloc.rpartition("@")[2].removesuffix(f":{parts.port}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host).strip("[]"),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        "TEST": {"TEMPLATE": "template0"},
    }


def _replica(url: str) -> dict[str, Any]:
    """A streaming replica, for statistics: written never, and given up soon, for the primary can answer too."""
    found = _database(url, "DATABASE_REPLICA_URL")
    options = found["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c default_transaction_read_only=on".strip()
    options["pool"] = {"min_size": 0, "max_size": 16, "timeout": 1, "reconnect_timeout": 2}
    # A machine that has gone without a word is noticed within seconds.
    options = {
        "connect_timeout": "2",
        "keepalives_idle": "5",
        "keepalives_interval": "2",
        "keepalives_count": "2",
    } | options
    return found | {"OPTIONS": options, "TEST": {"MIRROR": "default"}}


DATABASES: dict[str, dict[str, Any]] = {"default": _database(database.address())}
if replica := os.environ.get("DATABASE_REPLICA_URL"):
    DATABASES["replica"] = _replica(replica)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Who knows where an opinion was heard: functions of (opinion, viewer) that return `opinions.origins.Origin`s.
OPINION_ORIGINS = ["zoufang.visits.selectors.origins_of", "zoufang.channels.origins.origins_of"]
# Where citizens read their answers, as messages to them say it.
PUBLIC_ADDRESS = f"{PUBLIC_URL or 'http://127.0.0.1:' + os.environ.get('PORT', '8000')}/public/track/"
# Who carries messages to citizens: see `notifications.senders`.
CITIZEN_SENDERS = ["zoufang.channels.sender.sms_sender", "zoufang.channels.mail.sending.sender"]
# Which cases a viewer may know of: functions of (viewer) that return rows with `no` and `headline`.
CASES_SEEN_BY = {
    "opinion": "zoufang.opinions.selectors.opinions_seen_by",
    "petition": "zoufang.casework.selectors.petitions_seen_by",
    "dispute": "zoufang.casework.selectors.disputes_seen_by",
}
# What notices to officers say: see `notifications.wording`.
# What stands beside an opinion or a step: functions of (opinion, viewer, step) that return `opinions.origins.Beside`s.
OPINION_BESIDE = ["zoufang.answers.selectors.beside_of"]
NOTICE_WORDS = [
    "zoufang.notifications.wording.WORDS",
    "zoufang.opinions.wording.WORDS",
    "zoufang.worklists.wording.WORDS",
]
# What a list shows above its rows of the views that its reader has saved: a function of the
# reader and the signed address of the list.
LISTING_VIEWS = "zoufang.worklists.tabs.tabs_above"

AUTH_USER_MODEL = "organization.Officer"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:sign_in"

# Five wrong passwords lock one account as seen from one address for half an hour (GB/T 22239-2019 8.1.4.1).
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "zoufang.accounts.views.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

SESSION_ENGINE = "zoufang.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "zoufang" / "site" / "locale"]
FORMAT_MODULE_PATH = "zoufang.site.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {
        "BACKEND": "zoufang.site.storage.DurableStorage",
        "OPTIONS": {"location": DATA / "attachments", "base_url": None},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "zoufang.privacy.redaction.Redact"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
