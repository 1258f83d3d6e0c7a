from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgramConfig(AppConfig):
    name = "program"
    verbose_name = _("Program")

    def ready(self) -> None:
        from program import emails, prompts  # noqa: F401 - emails declares what is sent

        prompts.pack()  # a pack that is not whole is refused before anything is served
