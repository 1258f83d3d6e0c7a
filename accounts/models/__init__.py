from accounts.models.access import AccessEvent
from accounts.models.outbox import Lamp, OutgoingMail, Scan
from accounts.models.unused import UnusedNotice
from accounts.models.users import User, UserManager

__all__ = ["AccessEvent", "Lamp", "OutgoingMail", "Scan", "UnusedNotice", "User", "UserManager"]
