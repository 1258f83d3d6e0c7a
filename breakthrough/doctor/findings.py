from dataclasses import dataclass

OK, WARNING, BROKEN = LEVELS = ("ok", "warning", "broken")


@dataclass(frozen=True)
class Finding:
    """One line of what the doctor says. `words` never hold a secret."""

    level: str
    about: str
    words: str

    def __str__(self) -> str:
        return f"{self.level:<8} {self.about:<22} {' '.join(self.words.split())}"
