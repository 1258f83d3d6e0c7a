from django.db import models


class MailHold(models.Model):
    """That no mail leaves: this is a copy, and the site it was taken from may be alive.

    While there is one, what is due waits. `manage.py restore` writes it before any other row.
    """

    since = models.DateTimeField()
    # The name of the file that the database was restored from.
    reason = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"Mail held since {self.since:%Y-%m-%d %H:%M} UTC: {self.reason}"

    @classmethod
    def standing(cls) -> "MailHold | None":
        return cls.objects.order_by("since", "pk").first()
