"""`manage.py doctor` names what is wrong and what it breaks, and says no secret."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Scan
from breakthrough.development import ROOT
from breakthrough.doctor import switches
from breakthrough.doctor.findings import BROKEN, OK, WARNING
from tests.factories import make_user
from tests.resilience.launched import free_port
from tests.sink import running_sink
from tests.test_production import GOOD, KEY

SECRETS = (KEY, "p%40ss", "p@ss", "p%2Fss", "p/ss", "hush")


def doctor(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def said(ended: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """{what a line is about: its level}."""
    lines = re.findall(r"^(ok|warning|broken) +(\S+(?: \S+)*?)  ", ended.stdout, re.MULTILINE)
    return {about: level for level, about in lines}


# --- The settings --------------------------------------------------------------------------------


def test_every_setting_of_the_example_is_covered_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text()
    names = re.findall(r"^#?([A-Z][A-Z_]+)=", example, re.MULTILINE)

    assert set(names) == switches.BREAKS.keys()
    assert len(names) == len(set(names))


def test_doctor_names_every_wrong_setting_at_once_and_what_it_breaks() -> None:
    wrong = {
        "SITE_URL": "http://two-weeks.test",
        "SECRET_KEY": "short",
        "MFA_KEYS": "short",
        "REQUIRE_SECOND_FACTOR": "all",
        "OPENID_CONNECT": "{}",
        "DATABASE_URL": "sqlite:///weeks",
        "EMAIL_URL": "smtp://me:hush@mail.test",
        "TRUSTED_PROXY_COUNT": "one",
        "REGISTRATION": "shut",
        "ADMIN_EMAIL": "nobody",
        "DEBUG": "1",
        "MEDIA_HOSTS": "*",
        "DEFAULT_FROM_EMAIL": "Two Weeks",
    }

    ended = doctor(wrong)

    assert ended.returncode == 1
    assert ended.stderr == ""
    assert {about for about, level in said(ended).items() if level == BROKEN} == wrong.keys()
    for name in wrong:
        assert f"Until then: {switches.BREAKS[name]}." in ended.stdout
    assert not any(secret in ended.stdout for secret in SECRETS)


@pytest.mark.parametrize(
    "missing", ["SITE_URL", "SECRET_KEY", "MFA_KEYS", "DATABASE_URL", "EMAIL_URL"]
)
def test_doctor_names_what_a_server_lacks(missing: str) -> None:
    ended = doctor({name: value for name, value in GOOD.items() if name != missing})

    assert ended.returncode == 1
    assert said(ended)[missing] == BROKEN
    assert f"{missing} is not set" in ended.stdout


def test_doctor_reads_a_secret_from_its_file(tmp_path: Path) -> None:
    for name in ("SECRET_KEY", "MFA_KEYS", "DATABASE_URL"):
        (tmp_path / name).write_text(GOOD[name])
    files = {f"{file.name}_FILE": str(file) for file in tmp_path.iterdir()}

    ended = doctor({"SITE_URL": GOOD["SITE_URL"], "EMAIL_URL": GOOD["EMAIL_URL"], **files})

    assert said(ended)["SECRET_KEY"] == said(ended)["DATABASE_URL"] == OK


def test_doctor_says_a_wrong_prompt_pack_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "prompts.toml").write_text("[[day]]")

    ended = doctor({**GOOD, "PROMPT_PACK": str(tmp_path / "prompts.toml")})

    assert ended.returncode == 1
    assert ended.stderr == ""
    assert re.search(r"^broken +PROMPT_PACK +prompts\.toml", ended.stdout, re.MULTILINE)


def test_doctor_finds_what_does_not_answer() -> None:
    """The settings are in order here, and nobody is behind them."""
    ended = doctor(
        {
            **GOOD,
            "DATABASE_URL": f"postgresql://weeks:hush@127.0.0.1:{free_port()}/weeks",
            "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
        }
    )

    assert ended.returncode == 1
    assert ended.stderr == ""
    assert said(ended)["database"] == said(ended)["mail"] == BROKEN
    assert said(ended)["proxies"] == WARNING
    assert not any(secret in ended.stdout for secret in SECRETS)


def test_doctor_is_content_with_a_database_that_is_up_to_date(
    transactional_db: None,
) -> None:
    make_user(name="Marta")
    Scan.note(Scan.MAIL, timezone.now())
    name = connection.settings_dict["NAME"]  # the tests' own, which is migrated
    address = re.sub(r"@/\w+", f"@/{name}", os.environ["DATABASE_URL"])

    with running_sink() as sink:
        ended = doctor(
            {
                "SITE_URL": "http://localhost:8000",
                "SECRET_KEY": KEY,
                "DATABASE_URL": address,
                "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
                "DEBUG": "1",
            }
        )

    found = said(ended)
    assert found["staff"] == WARNING  # and a warning is no failure
    assert BROKEN not in found.values(), ended.stdout
    assert ended.returncode == 0, ended.stdout
    assert ended.stderr == ""


def test_every_setting_of_the_example_stands_in_the_table_for_hosts() -> None:
    chapter = (ROOT / "docs/hosting.md").read_text().partition("## Switches")[2]
    rows = re.findall(r"^\| `([A-Z_]+)` \|", chapter.partition("\n## ")[0], re.MULTILINE)

    assert sorted(rows) == sorted(switches.BREAKS)
