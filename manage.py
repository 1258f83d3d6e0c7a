#!/usr/bin/env python
import os
import signal
import sys

if sys.version_info < (3, 12):  # noqa: UP036 - an older Python gets this far, and a clear line
    sys.exit(
        "Two Weeks needs Python 3.12 or newer and this is %d.%d: "  # noqa: UP031
        "run `make run`, then .venv/bin/python manage.py" % sys.version_info[:2]
    )


def main() -> None:
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line

        from breakthrough import development, doctor
        from breakthrough.embedded_postgres import EmbeddedPostgresError
    except ImportError as error:
        sys.exit(f"{error}. Run `make run` once, then use .venv/bin/python manage.py")

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "breakthrough.settings")
    # Ended with SIGTERM we still leave through the door, where an embedded database is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        if sys.argv[1:2] == ["doctor"]:
            # It has something to say about settings with which nothing else starts.
            sys.exit(doctor.main())
        development.fill_environment()
        execute_from_command_line(sys.argv)
    except (EmbeddedPostgresError, ImproperlyConfigured) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
