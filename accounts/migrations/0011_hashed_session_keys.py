from django.db import migrations

# A session goes on: what its browser holds leads to the hash from now on.
HASH = """
    UPDATE {table}
    SET session_key = left(encode(sha256(convert_to(session_key, 'UTF8')), 'hex'), 40)
    WHERE length(session_key) < 40
"""
TABLES = ("django_session", "usersessions_usersession")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_mail_hold"),
        ("sessions", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            [HASH.format(table=table) for table in TABLES],
            # No key comes back out of its hash: everybody logs in once more.
            ["DELETE FROM django_session", "DELETE FROM usersessions_usersession"],
        )
    ]
