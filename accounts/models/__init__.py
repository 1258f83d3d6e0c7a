from accounts.models.access import AccessEvent
from accounts.models.outbox import Lamp, OutgoingMail, Scan
from accounts.models.users import User, UserManager

__all__ = ["AccessEvent", "Lamp", "OutgoingMail", "Scan", "User", "UserManager"]
