"""What a migration may do to tables that a site in use has rows in, as its SQL says it.

A statement that rewrites a table, reads all of it or builds an index under a lock keeps everybody
waiting for as long as that takes; one that takes something away breaks the code of the release
before, which still runs while the new one is started.
"""

import re
from collections.abc import Iterable, Iterator

# Nobody has a site with rows in it yet: up to here a migration may do anything. From the first
# release on this stands still, and `make release-drill` begins at the last release instead.
BEFORE_THE_FIRST_RELEASE = {"accounts": "0013", "program": "0016"}
TABLE = r'(?:ONLY )?"?(?P<table>\w+)"?'
RULES = {
    "takes something away that the code before it uses: a release later": (
        rf"ALTER TABLE {TABLE} (DROP COLUMN|RENAME)",
        rf"DROP TABLE (?:IF EXISTS )?{TABLE}",
        rf"ALTER TABLE {TABLE} ADD COLUMN (?!.*DEFAULT).*NOT NULL",
        rf'ALTER TABLE {TABLE} ALTER COLUMN "?(?P<column>\w+)"? DROP DEFAULT',
    ),
    "rewrites the table": (
        rf"ALTER TABLE {TABLE} ALTER COLUMN \S+ TYPE",
        rf"ALTER TABLE {TABLE} ADD COLUMN .*DEFAULT [^,;]*\(",
        rf"ALTER TABLE {TABLE} ADD COLUMN .*(GENERATED|SERIAL|IDENTITY)",
    ),
    "reads the whole table under a lock: NOT VALID first, then VALIDATE": (
        rf"ALTER TABLE {TABLE} ALTER COLUMN \S+ SET NOT NULL",
        rf"ALTER TABLE {TABLE} ADD CONSTRAINT \S+ (CHECK|FOREIGN KEY)(?!.*NOT VALID)",
    ),
    "builds an index under a lock: AddIndexConcurrently": (
        rf"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)\S+ ON {TABLE}",
        rf"ALTER TABLE {TABLE} ADD CONSTRAINT \S+ (UNIQUE|PRIMARY KEY|EXCLUDE)(?! USING INDEX)",
    ),
    "changes every row in one transaction: in batches, by a command": (
        rf"UPDATE {TABLE}",
        rf"DELETE FROM {TABLE}",  # noqa: S608 - a pattern
    ),
}
# A column that may be empty needs no default from the code before, which does not know of it.
MAY_BE_EMPTY = re.compile(rf'ALTER TABLE {TABLE} ADD COLUMN "?(?P<column>\w+)"?(?!.*NOT NULL)')
CREATED = re.compile(r'CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"?', re.IGNORECASE)
LOCKED = re.compile(rf"ALTER TABLE {TABLE}", re.IGNORECASE)


def complaints(statements: Iterable[str]) -> list[str]:
    """Of the SQL of one migration: "table: what is wrong"; tables that it makes itself are free."""
    lines = [re.sub(r"\s+", " ", line) for line in statements if not line.startswith("--")]
    made = {found for line in lines for found in CREATED.findall(line)}
    empty = {(at["table"], at["column"]) for line in lines for at in MAY_BE_EMPTY.finditer(line)}
    found = list(dict.fromkeys(_broken(lines, made, empty)))
    locked = {each["table"] for line in lines for each in LOCKED.finditer(line)} - made
    if len(locked) > 1:
        found.append(f"{', '.join(sorted(locked))}: waits for both at once: one migration each")
    return found


def _broken(lines: list[str], made: set[str], empty: set[tuple[str, str]]) -> Iterator[str]:
    for line in lines:
        for words, patterns in RULES.items():
            for pattern in patterns:
                match = re.search(pattern, line, re.IGNORECASE)
                if not match or match["table"] in made:
                    continue
                if (match["table"], match.groupdict().get("column")) not in empty:
                    yield f"{match['table']}: {words}"
