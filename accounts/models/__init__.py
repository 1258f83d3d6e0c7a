from accounts.models.access import AccessEvent
from accounts.models.hold import MailHold
from accounts.models.outbox import Lamp, OutgoingMail, Scan
from accounts.models.unused import UnusedNotice
from accounts.models.users import User, UserManager

__all__ = [
    "AccessEvent",
    "Lamp",
    "MailHold",
    "OutgoingMail",
    "Scan",
    "UnusedNotice",
    "User",
    "UserManager",
]
