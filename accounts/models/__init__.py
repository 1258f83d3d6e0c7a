from accounts.models.users import User, UserManager

__all__ = ["User", "UserManager"]
