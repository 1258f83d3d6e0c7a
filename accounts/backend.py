"""allauth's way in, and the user of a session by a query that is built once."""

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend

from accounts.models import User
from breakthrough.built_once import STAND_IN, BuiltOnce

_USER = BuiltOnce(lambda pk: User.objects.filter(pk=pk), pk=STAND_IN)


class AuthenticationBackend(AllauthBackend):
    def get_user(self, user_id: int) -> User | None:
        for user in _USER.objects(pk=user_id):
            return user if self.user_can_authenticate(user) else None
        return None
