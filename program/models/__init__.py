from program.models.days import DailyEntry, Reflection
from program.models.enrollments import Enrollment
from program.models.goals import Goal

__all__ = ["DailyEntry", "Enrollment", "Goal", "Reflection"]
