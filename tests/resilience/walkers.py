"""`python -m tests.resilience.walkers COUNT` makes so many people and prints them as JSON."""

import json
import sys


def main(count: int) -> None:
    import django

    django.setup()
    from datetime import timedelta

    from allauth.account.models import EmailAddress
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from accounts.models import User
    from program.models import Enrollment

    now, walkers = timezone.now(), []
    starts_on = (now - timedelta(days=13)).date()
    first = User.objects.count()
    for number in range(first, first + count):
        email = f"walker{number}@example.org"
        user = User.objects.create_user(email, None, time_zone="UTC")
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        enrollment = Enrollment.begin(
            participant=user, starts_on=starts_on, statement="Open it", now=now
        )
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        walkers.append(
            {
                "session": session,
                "enrollment": str(enrollment.public_id),
                "email": email,
                "starts_on": str(starts_on),
            }
        )
    print(json.dumps(walkers))


if __name__ == "__main__":
    main(int(sys.argv[1]))
