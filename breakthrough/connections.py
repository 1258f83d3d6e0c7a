"""What DATABASE_URL and EMAIL_URL say, in the words that Django has for it.

Like environment.py it refuses in one line what is not safe, and never says a URL: it may hold a
password.
"""

from urllib.parse import parse_qsl, unquote

from django.core.exceptions import ImproperlyConfigured
from psycopg import Connection

from breakthrough.database import ImpatientConnection, check
from breakthrough.environment import flag, is_local, is_web, required, split, value

# A page waits for its database no longer than this.
WAITS = "-c statement_timeout=3000 -c lock_timeout=2500"


def database(name: str) -> dict[str, object]:
    """Read `postgresql://user:password@host:port/name?host=/socket/folder` for DATABASES."""
    parts = split(name, required(name))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must start with postgresql://")
    database_name = unquote(parts.path.removeprefix("/"))
    if not database_name or "/" in database_name:
        raise ImproperlyConfigured(
            f"{name} must end with the name of a database: postgresql://user:password@host/name"
        )
    query = dict(parse_qsl(parts.query))
    is_pooled = flag("DATABASE_POOLED") and name == "DATABASE_URL"
    return {
        "ENGINE": "django.db.backends.postgresql",
        # A pooler in transaction mode hands the next transaction to another connection, where
        # neither a cursor nor a prepared statement of this one is known.
        "DISABLE_SERVER_SIDE_CURSORS": is_pooled,
        "NAME": database_name,
        "USER": query.pop("user", unquote(parts.username or "")),
        "PASSWORD": query.pop("password", unquote(parts.password or "")),
        "HOST": query.pop("host", unquote(parts.hostname or "")),
        "PORT": query.pop("port", str(parts.port or "")),
        # The pool keeps connections open, checks them on checkout and gives up in 3 s: a database
        # restart is a pause, and an overload is an honest 503 instead of a queue.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": "5",
            **query,
            "pool": {
                "min_size": 1,
                "max_size": 2,
                "timeout": 3,
                # By itself the pool tries again at ever longer intervals, up to minutes. Having
                # given up after so many seconds it tries whenever somebody asks.
                "reconnect_timeout": 2,
                "check": check,
                # A command may wait for as long as it takes: PostgreSQL knows what it is doing.
                "connection_class": ImpatientConnection if is_web() else Connection,
            },
            # A page waits 3 s for an answer at most (wsgi.py says that it is a page that asks); a
            # migration takes what it needs. A pooler says it by itself, for all that it connects.
            **({"options": WAITS} if is_web() and not is_pooled else {}),
            # At the first time: what is asked with a statement of its own is asked all the time
            # (built_once.py). Cursors of the ORM prepare nothing.
            "prepare_threshold": None if is_pooled else 0,
        },
    }


def mailer(name: str) -> dict[str, object] | None:
    """Read `smtps://user:password@host:port` (TLS from the start) or `smtp://…` for MAILERS."""
    if not (url := value(name)):
        return None
    parts = split(name, url)
    query = dict(parse_qsl(parts.query))
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must look like smtps://user:password@host:port")
    if parts.path.strip("/") or query.keys() - {"tls"}:
        raise ImproperlyConfigured(f"{name} takes nothing after host and port but ?tls=1")
    has_tls = parts.scheme == "smtps" or query.get("tls") == "1"
    if parts.password and not has_tls and not is_local(parts.hostname):
        raise ImproperlyConfigured(
            f"{name} would send its password in the clear: use smtps://, or add ?tls=1"
        )
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or (465 if parts.scheme == "smtps" else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": parts.scheme == "smtps",
            "use_tls": parts.scheme == "smtp" and has_tls,
            "timeout": 10,
        },
    }
