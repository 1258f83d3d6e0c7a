from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgramConfig(AppConfig):
    name = "program"
    verbose_name = _("Program")

    def ready(self) -> None:
        from program import emails, prompts, reply_emails  # noqa: F401 - they declare what is sent

        prompts.pack()  # a pack that is not whole is refused before anything is served
