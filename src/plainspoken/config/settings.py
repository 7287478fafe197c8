"""The one settings module. Everything an operator may set is an environment variable read here."""

import os
from pathlib import Path

from plainspoken.config.data import data_folder, secret
from plainspoken.config.database import settings_of
from plainspoken.people.limits import PolicyLimits

PACKAGE = Path(__file__).resolve().parent.parent
DATA = data_folder()

SECRET_KEY = secret(DATA, "django.key")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("PLAINSPOKEN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
SITE_URL = os.environ.get("PLAINSPOKEN_URL", "http://localhost:8000").rstrip("/")
BEHIND_TLS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "procrastinate.contrib.django",
    "plainspoken.ui",
    "plainspoken.custody",
    "plainspoken.people",
    # After people: our sign-in pages come before allauth's own.
    "allauth",
    "allauth.account",
    "plainspoken.policies",
    "plainspoken.disclosures",
    "plainspoken.retention",
    "plainspoken.rights",
    "plainspoken.conversations",
    "plainspoken.transcripts",
    "plainspoken.quality",
    "plainspoken.coaching",
    "plainspoken.analytics",
    "plainspoken.portal",
    "plainspoken.exchange",
    "plainspoken.demo",
    "plainspoken.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "plainspoken.config.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "plainspoken.people.middleware.membership",
    "plainspoken.policies.middleware.idle_sign_out",
    "plainspoken.config.middleware.refusals",
]

ROOT_URLCONF = "plainspoken.config.urls"
WSGI_APPLICATION = "plainspoken.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "plainspoken.config.context.shell",
            ]
        },
    }
]

# "default" is the role `app`: row-level security applies. "owner" migrates, publishes, backs up and restores.
DATABASES = {
    "default": settings_of(os.environ.get("DATABASE_URL", "postgresql://plainspoken_app@/plainspoken")),
    "owner": settings_of(os.environ.get("DATABASE_OWNER_URL", "postgresql://plainspoken_owner@/plainspoken")),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "plainspoken.people.sign_in.AccountAdapter"
ACCOUNT_RATE_LIMITS = PolicyLimits()
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True

SESSION_COOKIE_NAME = "plainspoken_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BEHIND_TLS
SESSION_SAVE_EVERY_REQUEST = True
CSRF_COOKIE_NAME = "plainspoken_csrf"
CSRF_COOKIE_SECURE = BEHIND_TLS
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_SSL_REDIRECT = False
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "people_throttle",
        # Keys name addresses and sign-in names; only keyed digests of them are stored.
        "KEY_FUNCTION": "plainspoken.people.limits.sealed_key",
        # Django throws counters away beyond 300: too few, since anybody could make that many.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("PLAINSPOKEN_STATIC", DATA / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_TEMP_DIR = str(DATA / "uploads")
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# Which adapter serves which port.
PORTS = {
    "keyring": "plainspoken.adapters.keyrings.FileKeyring",
    "objects": "plainspoken.adapters.storage.FileObjects",
    "anchors": "plainspoken.adapters.storage.FileAnchors",
    "mail": "plainspoken.adapters.mail.Smtp",
    "bucket": "plainspoken.adapters.storage.S3Bucket",
    "recogniser": "plainspoken.adapters.speech.whisper.recogniser",
    "names": "plainspoken.adapters.names.finder",
}
KEYRING_FOLDER = Path(os.environ.get("PLAINSPOKEN_KEYRING", DATA / "keyring"))
OBJECTS_FOLDER = Path(os.environ.get("PLAINSPOKEN_OBJECTS", DATA / "objects"))
# Folders below these may be watched: whoever may add a source must not be able to read any file of the server.
SOURCE_FOLDERS = os.environ.get("PLAINSPOKEN_SOURCES", str(DATA / "incoming")).split(os.pathsep)
# As many conversations may wait to be written; beyond that, senders are asked to come back later.
QUEUE_LIMIT = int(os.environ.get("PLAINSPOKEN_QUEUE_LIMIT", "20000"))
ANCHORS_FOLDER = Path(os.environ.get("PLAINSPOKEN_ANCHORS", DATA / "anchors"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "plainspoken.config.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("PLAINSPOKEN_LOG_LEVEL", "INFO")},
    "loggers": {
        # Its lines repeat addresses and parameters of requests.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
        "mail.log": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
        "faster_whisper": {"level": "WARNING"},
    },
}
