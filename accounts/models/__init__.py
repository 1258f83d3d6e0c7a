from accounts.models.outbox import Lamp, OutgoingMail, Scan
from accounts.models.users import User, UserManager

__all__ = ["Lamp", "OutgoingMail", "Scan", "User", "UserManager"]
