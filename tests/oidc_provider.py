"""An OpenID Connect provider in a process of its own: allauth's, on a database in memory.

    python -m tests.oidc_provider PORT CLIENT_ID SECRET REDIRECT_URI [AT]

Its clock stands still AT an instant, or goes. Prints "ready" once it answers. /enter/<email>/ logs
somebody in who has an account there: the address is verified, unless it begins with "claims-".
"""

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.http import HttpRequest, HttpResponse

BACKEND = "django.contrib.auth.backends.ModelBackend"


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


def main(port: int, client_id: str, secret: str, redirect_uri: str, at: str = "") -> None:
    if at:
        time_machine.travel(at, tick=False).start()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    settings.configure(
        SECRET_KEY="only-for-this-process",
        ALLOWED_HOSTS=["127.0.0.1", "localhost"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "allauth",
            "allauth.account",
            "allauth.idp.oidc",
        ],
        # A slow one takes longer than we wait for an answer, on a machine that is busy.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        IDP_OIDC_PRIVATE_KEY=pem,
    )
    django.setup()
    from allauth.idp.oidc.models import Client
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    client = Client(id=client_id, name="Two Weeks", skip_consent=True)
    client.set_secret(secret)
    client.set_scopes(["openid", "profile", "email"])
    client.set_redirect_uris([redirect_uri])
    client.save()
    with make_server("127.0.0.1", port, WSGIHandler(), handler_class=Quiet) as server:
        print("ready", flush=True)
        server.serve_forever()


def enter(request: HttpRequest, email: str) -> HttpResponse:
    from allauth.account.models import EmailAddress
    from django.contrib.auth import login
    from django.contrib.auth.models import User

    user, _made = User.objects.get_or_create(
        username=email, defaults={"email": email, "first_name": "Nora", "last_name": "Lind"}
    )
    EmailAddress.objects.get_or_create(
        user=user,
        email=email,
        defaults={"primary": True, "verified": not email.startswith("claims-")},
    )
    login(request, user, backend=BACKEND)  # type: ignore[arg-type] # its own users
    return HttpResponse("in")


def __getattr__(name: str) -> object:
    # The URLs, once there are settings to read them by.
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.urls import include, path

    return [path("enter/<str:email>/", enter), path("", include("allauth.idp.urls"))]


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
