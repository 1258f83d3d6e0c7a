from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.goals import Goal
from program.models.reflections import Reflection

__all__ = ["DailyEntry", "Enrollment", "Goal", "Reflection"]
