"""Settings of the Two Weeks project: one file, everything that varies from the environment.

`.env.example` explains each variable.
"""

import sys
import zoneinfo
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from breakthrough import connections, environment, logs, telemetry

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / ".data"

# One set of time zones everywhere: the pinned tzdata package, never the machine's own files.
zoneinfo.reset_tzpath(to=())

# --- The site -------------------------------------------------------------------------------

DEBUG = environment.flag("DEBUG")
SITE_NAME = "Two Weeks"
SITE_URL = environment.site_url("SITE_URL")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
IS_PUBLIC = not environment.is_local(SITE_HOST)
USE_HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = [f"[{SITE_HOST}]" if ":" in SITE_HOST else SITE_HOST]
TRUSTED_PROXY_COUNT = environment.count("TRUSTED_PROXY_COUNT", at_most=9)

SECRET_KEY = environment.required("SECRET_KEY")
# Old keys, by spaces: what they signed stays good while the new key signs.
SECRET_KEY_FALLBACKS = environment.value("SECRET_KEY_FALLBACKS").split()
if IS_PUBLIC:
    environment.check_key("SECRET_KEY", SECRET_KEY)
    for _key in SECRET_KEY_FALLBACKS:
        environment.check_key("SECRET_KEY_FALLBACKS", _key)
# What encrypts the secrets of second factors: the first key does, and every one can read. Keys of
# their own, so that a new SECRET_KEY costs nobody their factor.
MFA_KEYS = environment.encryption_keys("MFA_KEYS")
if IS_PUBLIC and not MFA_KEYS:
    raise ImproperlyConfigured("MFA_KEYS is not set. See .env.example.")
if IS_PUBLIC and DEBUG:
    raise ImproperlyConfigured(
        "DEBUG shows errors and settings to everybody: set DEBUG=0, or SITE_URL to localhost."
    )

ROOT_URLCONF = "breakthrough.urls"
WSGI_APPLICATION = "breakthrough.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "breakthrough",
    "accounts",
    "program",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "accounts.apps.UserSessionsConfig",
    "django_htmx",
    "procrastinate.contrib.django",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "breakthrough.logs.RequestLogMiddleware",
    # What adds headers stands before what answers: static files, redirects to https and error
    # pages carry them too.
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "breakthrough.middleware.BrowserHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "breakthrough.compression.CompressionMiddleware",
    "breakthrough.middleware.NoStoreMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "breakthrough.middleware.ClockMiddleware",
    "breakthrough.middleware.ErrorPagesMiddleware",
    "breakthrough.middleware.HtmxRedirectMiddleware",
    # Before all that asks who it is.
    "breakthrough.middleware.StrangersMiddleware",
    "accounts.middleware.StillTooOftenMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "breakthrough.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.LastSeenMiddleware",
    "accounts.middleware.ConfirmMiddleware",
    "accounts.middleware.ConfirmedAddressMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "breakthrough.templates.FilesystemLoader",
                        "breakthrough.templates.AppDirectoriesLoader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "breakthrough.context_processors.site",
                "accounts.registration.words",
            ],
        },
    },
]
# Templates of forms are looked up in templates/django/forms/ first.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data -----------------------------------------------------------------------------------

DATABASES = {"default": connections.database("DATABASE_URL")}
# A copy that follows it, for reads that may be a few seconds late (breakthrough/replica.py).
if environment.value("REPLICA_URL"):
    DATABASES["replica"] = connections.database("REPLICA_URL")

# Rate limits live in the cache, so it must be one for all processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Whether anybody may show their goal to the world; off, every public page is gone at once.
PUBLIC_PAGES = environment.choice("PUBLIC_PAGES", ["on", "off"]) == "on"

# After so many days no backup holds what was deleted; 0 where the host has not said it.
BACKUP_DAYS = environment.count("BACKUP_DAYS", at_most=3650)
# An account that nobody has logged in to for so many days is deleted, after a letter; 0 keeps all.
RETENTION_DAYS = environment.count("RETENTION_DAYS", at_most=3650)
if 0 < RETENTION_DAYS < 90:
    raise ImproperlyConfigured("RETENTION_DAYS must be 0, or 90 or more: a letter comes before.")

# Of a form one megabyte is plenty; a view that takes a file says how large it may be.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Files are held in memory: nobody's words lie about in a folder for temporary files.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# --- Who you are ----------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["accounts.backend.AuthenticationBackend"]
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # email is unique without regard to case, by a constraint that this cannot see
    "security.W005",  # what other hosts below this one speak is for their owner to say,
    "security.W021",  # and a preload list is hard to leave
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "landing"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "accounts.validators.SimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "display_name"]},
    },
    {
        "NAME": "accounts.validators.LengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "accounts.validators.CommonValidator"},
    {"NAME": "accounts.validators.DigitsValidator"},
]

# Who may sign up. Invitations work in every mode; what one is, the program knows.
REGISTRATION = environment.choice("REGISTRATION", ("open", "invitation", "closed"))
# Who may open cohorts and coach them.
COACHES = environment.choice("COACHES", ("anyone", "approved"))
# The first administrator, made once by `manage.py first_admin`.
ADMIN_EMAIL = environment.address("ADMIN_EMAIL")
INVITATION_STANDS = "program.models.invitations.stands"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.entrance.LoginForm",
    "signup": "accounts.entrance.SignupForm",
    "reauthenticate": "accounts.entrance.ReauthenticateForm",
    "request_login_code": "accounts.entrance.RequestLoginCodeForm",
    "confirm_login_code": "accounts.entrance.ConfirmLoginCodeForm",
    "confirm_email_verification_code": "accounts.entrance.ConfirmEmailVerificationCodeForm",
    "add_email": "accounts.entrance.AddEmailForm",
    "change_password": "accounts.entrance.ChangePasswordForm",
    "set_password": "accounts.entrance.SetPasswordForm",
    "reset_password": "accounts.entrance.ResetPasswordForm",
    "confirm_password_reset_code": "accounts.entrance.ConfirmPasswordResetCodeForm",
    "reset_password_from_key": "accounts.entrance.ResetPasswordKeyForm",
}
ACCOUNT_UNIQUE_EMAIL = True
# How long a mailed code works, at a login as anywhere else.
CODE_SECONDS = 10 * 60
# A code typed by hand: a mail scanner that opens links can use nothing up.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = CODE_SECONDS
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
# Offered only to whom there is no account yet, it would tell who has one.
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = False
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = CODE_SECONDS
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = CODE_SECONDS
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# Beside allauth's own: to put an archive together and to read one through is work.
ACCOUNT_RATE_LIMITS = {"export": "10/h/user", "import": "20/h/user"}
# Whoever sits down at an open browser changes nothing that matters: we ask once more.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
# Who has to have a second factor before they see other people's matters; coaches means staff too.
REQUIRE_SECOND_FACTOR = environment.choice("REQUIRE_SECOND_FACTOR", ("staff", "coaches", "nobody"))
MFA_ADAPTER = "accounts.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_FORMS = {
    "authenticate": "accounts.factor_forms.AuthenticateForm",
    "reauthenticate": "accounts.factor_forms.ReauthenticateForm",
    "activate_totp": "accounts.factor_forms.ActivateTOTPForm",
    "deactivate_totp": "accounts.factor_forms.DeactivateTOTPForm",
    "generate_recovery_codes": "accounts.factor_forms.RecoveryCodesForm",
    "add_webauthn": "accounts.factor_forms.AddPasskeyForm",
    "edit_webauthn": "accounts.factor_forms.RenamePasskeyForm",
    "authenticate_webauthn": "accounts.factor_forms.AuthenticatePasskeyForm",
    "login_webauthn": "accounts.factor_forms.LoginPasskeyForm",
    "reauthenticate_webauthn": "accounts.factor_forms.ReauthenticatePasskeyForm",
    "signup_webauthn": "accounts.factor_forms.SignupPasskeyForm",
}
SOCIALACCOUNT_ADAPTER = "accounts.providers.ProviderAdapter"
SOCIALACCOUNT_FORMS = {
    "signup": "accounts.providers.SignupForm",
    "disconnect": "accounts.providers.DisconnectForm",
}
# Where a provider's word for an address is trusted, the two accounts are one from then on.
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": provider["id"],
                "name": provider["name"],
                "client_id": provider["client_id"],
                "secret": provider["secret"],
                "settings": {
                    "server_url": provider["server_url"],
                    "email_authentication": provider.get("trust_email", False),
                    "oauth_pkce_enabled": True,
                },
            }
            for provider in environment.providers("OPENID_CONNECT")
        ],
    }
}
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

SESSION_ENGINE = "accounts.session_store"
# Longer than the two weeks and the wait before them.
SESSION_COOKIE_AGE = ACCOUNT_SESSION_COOKIE_AGE = 30 * 24 * 60 * 60
# With __Host- no other host below ours can plant a cookie.
SESSION_COOKIE_NAME = "__Host-session" if USE_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if USE_HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = USE_HTTPS
# Where a proxy leaves the port out of Host, a form's Origin would look foreign.
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "breakthrough.errors.csrf_failure"

# --- The browser ----------------------------------------------------------------------------

if USE_HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_SSL_HOST = urlsplit(SITE_URL).netloc
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    # Machines ask on the machine itself, where nobody speaks TLS.
    SECURE_REDIRECT_EXEMPT = ["^health/"]
    # Believed from a proxy alone: without one, anybody could say so.
    if TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
# Audio and video of the prompt pack come from these hosts, and from nowhere else.
MEDIA_HOSTS = environment.hosts("MEDIA_HOSTS")
if MEDIA_HOSTS:
    SECURE_CSP["media-src"] = [f"https://{host}" for host in MEDIA_HOSTS]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
if not DEBUG:
    STORAGES = {
        "staticfiles": {"BACKEND": "breakthrough.static.BundledStaticFilesStorage"},
    }

# --- Words and mail -------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["breakthrough.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# The prompts of the days; program/prompts.py refuses a pack that is not whole.
PROMPT_PACK = environment.file("PROMPT_PACK", BASE_DIR / "program" / "prompts.toml")

# Who runs the site and how they are reached, for the terms and the privacy page, which a host may
# replace by files of their own.
HOST_NAME = environment.value("HOST_NAME")
HOST_CONTACT = environment.value("HOST_CONTACT")
TERMS_FILE = environment.text_file("TERMS_FILE")
PRIVACY_FILE = environment.text_file("PRIVACY_FILE")

DEFAULT_FROM_EMAIL = environment.sender("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <noreply@{SITE_HOST}>")
_mailer = connections.mailer("EMAIL_URL")
if IS_PUBLIC and _mailer is None:
    raise ImproperlyConfigured(
        "EMAIL_URL is not set: without mail nobody could sign up. See .env.example."
    )
# In development, and only there, mail is kept in a folder and read at /mailbox/.
MAILBOX_DIR = DATA_DIR / "mail" if DEBUG and _mailer is None else None
if MAILBOX_DIR:
    _mailer = {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": MAILBOX_DIR},
    }
# Whatever is sent waits in the outbox; a worker takes it from there to the mail server.
MAILERS = {
    "default": {"BACKEND": "accounts.mail_backend.EmailBackend"},
    "delivery": _mailer or {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"},
}

# A server's are for programs to read; docs/hosting.md says what is in them, and what never is.
LOG_FORMAT = environment.choice("LOG_FORMAT", ("line", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "breakthrough.log_lines.LineFormatter",
            "format": "{levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "breakthrough.logs.Formatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "stream": sys.stderr}
    },
    "loggers": {
        # Every task that begins and ends: the rows tell it better.
        "procrastinate": {"level": "WARNING"},
        "breakthrough.access": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
        # Where each request has its line, what it was answered stands in that.
        **({"django.request": {"level": "ERROR"}} if LOG_FORMAT == "json" else {}),
    },
    "root": {"handlers": ["stderr"], "level": "INFO" if DEBUG else "WARNING"},
}
# Each of these is off, and its package is not imported, until its variable is set.
METRICS_TOKEN = environment.token("METRICS_TOKEN")
SENTRY_DSN = environment.endpoint("SENTRY_DSN", package="sentry_sdk")
OTEL_EXPORTER_OTLP_ENDPOINT = environment.endpoint(
    "OTEL_EXPORTER_OTLP_ENDPOINT", package="opentelemetry.exporter"
)
_watching = [
    *(["breakthrough.metrics.MetricsMiddleware"] if METRICS_TOKEN else []),
    *(["breakthrough.telemetry.TraceMiddleware"] if OTEL_EXPORTER_OTLP_ENDPOINT else []),
]
MIDDLEWARE[1:1] = _watching
# The settings of procrastinate's worker.
PROCRASTINATE_WORKER_DEFAULTS = {"worker_middleware": [logs.follow_job, telemetry.trace_job]}
