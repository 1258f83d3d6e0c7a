from django.apps import AppConfig


class BreakthroughConfig(AppConfig):
    name = "breakthrough"

    def ready(self) -> None:
        from breakthrough import checks, telemetry  # noqa: F401 - checks register themselves

        telemetry.start()
