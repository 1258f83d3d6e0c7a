from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_user_theme"),
    ]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="theme",
            field=models.CharField(
                blank=True,
                choices=[("", "Match my device"), ("light", "Light"), ("dark", "Dark")],
                default="",
                max_length=5,
                verbose_name="colors",
            ),
        ),
    ]
