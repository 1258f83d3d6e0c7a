"""`python -m benchmarks.reference.seed USERS`: the tables, the users, and a session of each, whose
keys are printed.
"""

import os
import sys

import django


def main(users: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.reference.settings"
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    from benchmarks.reference.models import DAYS, Day

    call_command("migrate", verbosity=0)
    people = User.objects.bulk_create(User(username=f"user{n}") for n in range(users))
    Day.objects.bulk_create(
        Day(user=user, number=number, text=f"What was put down on day {number}")
        for user in people
        for number in range(1, DAYS + 1)
    )
    for user in people:
        client = Client()
        client.force_login(user)
        print(client.cookies["sessionid"].value)


if __name__ == "__main__":
    main(int(sys.argv[1]))
