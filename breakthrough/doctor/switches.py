"""The environment: read by the very rules of settings.py, and every mistake of it at once."""

import os
import runpy
import secrets

from django.core.exceptions import ImproperlyConfigured

from breakthrough import development, environment
from breakthrough.doctor.findings import BROKEN, OK, WARNING, Finding

# Every variable of .env.example, and what goes wrong while it is missing or wrong.
BREAKS = {
    "PORT": "`make run` does not start",
    "SITE_URL": "nothing starts: links in mail, cookies and the hosts let in come from it",
    "SECRET_KEY": "nothing starts: sessions and links are signed with it",
    "SECRET_KEY_FALLBACKS": "nothing starts",
    "MFA_KEYS": "nothing starts: secrets of second factors are encrypted with them",
    "OPENID_CONNECT": "nothing starts: whom to log in with is not known",
    "REQUIRE_SECOND_FACTOR": "nothing starts: who needs a second factor is not known",
    "DATABASE_URL": "nothing starts: everything that people write is kept there",
    "DATABASE_POOLED": "through a pooler in transaction mode, pages fail now and then",
    "REPLICA_URL": "nothing starts, or coaches' tables ask the database itself",
    "EMAIL_URL": "nobody can sign up, log in by a code or choose a new password",
    "DEFAULT_FROM_EMAIL": "mail is refused or taken for spam",
    "COACHES": "nothing starts: who may open a cohort is not known",
    "PUBLIC_PAGES": "nothing starts: whether goals may be public is not known",
    "BACKUP_DAYS": "nothing starts: people are told how long backups keep what they delete",
    "RETENTION_DAYS": "nothing starts, and `manage.py prune` does not run",
    "REGISTRATION": "nothing starts: who may sign up is not known",
    "ADMIN_EMAIL": "nothing starts; without it `manage.py createsuperuser` makes the first one",
    "DEBUG": "errors show settings and data to everybody",
    "TRUSTED_PROXY_COUNT": "limits count the wrong addresses, and https may redirect in a circle",
    "HOST_NAME": "the terms and the privacy page do not say who runs the site",
    "HOST_CONTACT": "the terms and the privacy page do not say whom to write to",
    "TERMS_FILE": "nothing starts, or the terms are not yours",
    "PRIVACY_FILE": "nothing starts, or the privacy page is not yours",
    "PROMPT_PACK": "nothing starts: the days would have no words",
    "LOG_FORMAT": "nothing starts: how to write what happens is not known",
    "METRICS_TOKEN": "nothing starts; without it there is no /metrics",
    "SENTRY_DSN": "nothing starts; without it no error is reported",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "nothing starts; without it nothing is traced",
    "MEDIA_HOSTS": "browsers refuse the audio and video of the prompt pack",
}
# What stands in for a required one that is wrong, so that the rest is read all the same.
STAND_INS = {
    "SITE_URL": "https://two-weeks.invalid",
    "MFA_KEYS": "YSBzdGFuZC1pbiwgdG8gcmVhZCB0aGUgcmVzdCBieS4=",
    "DATABASE_URL": "postgresql:///none",
    "EMAIL_URL": "smtps://mail.invalid",
}


def examine() -> list[Finding]:
    """A line for each variable; the environment is left as it was."""
    before = dict(os.environ)
    try:
        refusals = _refusals()
    finally:
        os.environ.clear()
        os.environ.update(before)
    findings = [_finding(name, refusals.pop(name, "")) for name in BREAKS]
    findings += [Finding(BROKEN, name, words) for name, words in refusals.items()]
    if development.ENV_FILE.exists() and not environment.flag("DEBUG"):
        words = "is read by commands such as this one; a server's web processes do not read it"
        findings.append(Finding(WARNING, ".env", words))
    return findings


def _refusals() -> dict[str, str]:
    """{variable: why settings.py refuses it}, found by putting right one after the other."""
    refusals: dict[str, str] = {}
    while True:
        try:
            runpy.run_path(str(development.ROOT / "breakthrough/settings.py"))
        except ImproperlyConfigured as error:
            # Each refusal begins with the variable's name; see environment.py.
            name = str(error).split()[0].removesuffix("_FILE")
            if name in refusals or not name.isidentifier():
                return refusals | {"settings": str(error)}
            refusals[name] = str(error)
            os.environ.pop(f"{name}_FILE", None)
            os.environ[name] = STAND_INS.get(name, "")
            if name == "SECRET_KEY":
                os.environ[name] = secrets.token_urlsafe(50)
        else:
            return refusals


def _finding(name: str, refusal: str) -> Finding:
    if refusal:
        return Finding(BROKEN, name, f"{refusal} Until then: {BREAKS[name]}.")
    is_set = bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))
    return Finding(OK, name, "set" if is_set else "not set, so as .env.example says")
