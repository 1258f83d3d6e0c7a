import os
import subprocess
import sys

import pytest
from django.conf import settings

ASK = """
import {first}
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SHOW statement_timeout")
    print(cursor.fetchone()[0])
"""


@pytest.mark.parametrize(
    ("first", "timeout"), [("breakthrough.wsgi", "3s"), ("breakthrough.settings", "0")]
)
def test_statement_timeout_holds_for_pages_and_not_for_commands(first: str, timeout: str) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "breakthrough.settings"}

    answer = subprocess.run(
        [sys.executable, "-c", ASK.format(first=first)],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert answer.stdout.strip() == timeout
