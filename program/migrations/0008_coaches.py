import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("program", "0007_mail"),
    ]

    operations = [
        # The database gives each link that stands an id of its own; a default of ours would be one
        # for all of them.
        migrations.AddField(
            model_name="invitation",
            name="client_id",
            field=models.UUIDField(default=uuid.uuid4, db_default=RandomUUID()),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="client_id",
            field=models.UUIDField(default=uuid.uuid4),
        ),
        migrations.AddField(
            model_name="invitation",
            name="role",
            field=models.CharField(
                choices=[("member", "Takes part"), ("coach", "Coaches")],
                default="member",
                max_length=6,
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("role", "member"),
                    models.Q(("max_uses", 1), ("role", "coach")),
                    _connector="OR",
                ),
                name="invitation_makes_one_coach",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                fields=("cohort", "created_by", "client_id"), name="invitation_natural_key"
            ),
        ),
    ]
