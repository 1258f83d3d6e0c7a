"""The migrations of a release that is yet to come: one of each kind that tests/migration_rules.py
lets through, on tables that every request reads or writes.
"""

from pathlib import Path

from tests.migration_rules import complaints

MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    atomic = {atomic}
    dependencies = [("program", "{before}")]
    operations = [migrations.RunSQL("{sql}")]
"""
CHANGES = [
    "ALTER TABLE program_dailyentry ADD COLUMN drill integer NULL",
    "ALTER TABLE program_dailyentry ADD COLUMN drilled varchar(9) DEFAULT '' NOT NULL",
    "CREATE INDEX CONCURRENTLY drill ON program_dailyentry (drill)",
    "ALTER TABLE program_dailyentry ADD CONSTRAINT drill CHECK (drill > 0) NOT VALID",
    "ALTER TABLE program_dailyentry VALIDATE CONSTRAINT drill",
    "ALTER TABLE program_enrollment ADD COLUMN drill boolean DEFAULT false NOT NULL",
    "ALTER TABLE accounts_user ADD COLUMN drill varchar(9) DEFAULT '' NOT NULL",
    "CREATE TABLE program_drill (id bigint PRIMARY KEY, enrollment_id bigint NOT NULL"
    " REFERENCES program_enrollment (id) DEFERRABLE INITIALLY DEFERRED)",
]


def write_migrations(project: Path) -> None:
    """After the newest of `program` in this copy of the project."""
    assert [complaints([sql]) for sql in CHANGES] == [[]] * len(CHANGES)
    folder = project / "program" / "migrations"
    before = max(path.stem for path in folder.glob("0*.py"))
    for number, sql in enumerate(CHANGES, 9001):
        name = f"{number}_drill"
        text = MIGRATION.format(atomic="CONCURRENTLY" not in sql, before=before, sql=sql)
        (folder / f"{name}.py").write_text(text)
        before = name
