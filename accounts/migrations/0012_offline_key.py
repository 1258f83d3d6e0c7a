import uuid

import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_hashed_session_keys"),
    ]

    operations = [
        # Made by the database for those who are there already, and for code from before this.
        migrations.AddField(
            model_name="user",
            name="offline_key",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(),
                default=uuid.uuid4,
                editable=False,
                unique=True,
            ),
        ),
    ]
