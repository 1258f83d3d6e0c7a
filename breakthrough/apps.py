from django.apps import AppConfig


class BreakthroughConfig(AppConfig):
    name = "breakthrough"

    def ready(self) -> None:
        from breakthrough import checks  # noqa: F401 - registers itself
