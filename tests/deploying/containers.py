"""The third part of `make image-check`: the commands of docs/hosting.md for containers, in a clean
Debian with Docker's own packages.

No engine runs there. So of each line that asks for one, Compose itself is asked whether it knows
the verb, the options and the services, and whether it can read the file with the settings that the
lines before have made. What the containers do, tests/deploying/image.py does.
"""

import re
import shlex

from tests.deploying import clean_root
from tests.deploying.image import COMPOSE, FOLDER, say
from tests.deploying.terminal import HOSTING, KEYS, Terminal, commands, is_for_docker
from tests.figures import figure

CONTAINERS = FOLDER / "containers"
FILE = "docker compose --file deploy/compose.yaml "
TAKE_SERVICES = {"run", "stop", "cp"}


def main() -> None:
    clean_root.check_machine()
    clean_root.copy_of(clean_root.debian("trixie", FOLDER), CONTAINERS)
    terminal = Terminal(CONTAINERS)
    for command in commands(HOSTING, "In containers"):
        if is_for_docker(command):
            continue
        if command == "git pull":
            terminal.offer_a_newer_version()
        terminal.type(command)
        if command.startswith("apt-get"):
            terminal.offer_the_source()
    figure("compose/commands", "commands for containers, executed as they are written",
           terminal.count)  # fmt: skip
    terminal.type(f"{FILE}config --quiet")
    say("Compose reads the file and the settings")
    asked = [line for page in (HOSTING, KEYS) for line in commands(page) if is_for_docker(line)]
    wrong = [words for line in asked for words in complaints(terminal, line)]
    figure(
        "compose/lines", f"of {len(asked)} lines for Docker that Compose would not take, of those"
        " that need its engine", len(wrong), bar="0", holds=not wrong,
    )  # fmt: skip
    assert not wrong, wrong


def complaints(terminal: Terminal, line: str) -> list[str]:
    """Of a line such as `docker compose --file … run --rm web python …`."""
    verb, *words = shlex.split(line.partition(FILE)[2])
    help_text = terminal.type(f"docker compose {verb} --help")
    options = [word for word in words[: _first_name(words)] if word.startswith("--")]
    found = [f"{verb} {each}" for each in options if not re.search(rf"{each}\b", help_text)]
    names = words[_first_name(words) :]
    if verb in TAKE_SERVICES:
        named = names if verb == "stop" else [names[0].partition(":")[0]]
        found += [f"{verb} {name}" for name in named if name not in COMPOSE]
    return found


def _first_name(words: list[str]) -> int:
    return next((at for at, word in enumerate(words) if not word.startswith("--")), len(words))


if __name__ == "__main__":
    main()
