from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.finish import Finish
from program.models.goals import Goal
from program.models.moments import Breakthrough
from program.models.needs import Need
from program.models.pauses import Pause
from program.models.people import Person
from program.models.reflections import Reflection
from program.models.steps import StepProgress

__all__ = [
    "Breakthrough",
    "DailyEntry",
    "Enrollment",
    "Finish",
    "Goal",
    "Need",
    "Pause",
    "Person",
    "Reflection",
    "StepProgress",
]
