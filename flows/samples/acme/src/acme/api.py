"""Look users up."""

from dataclasses import dataclass

_USERS = {7: "Ada", 8: "Grace"}


@dataclass(frozen=True)
class User:
    number: int
    name: str


def fetch_user(number: int, *, default: str | None = None) -> User:
    """Return a user. Raises KeyError for an unknown number without a default."""
    name = _USERS.get(number, default)
    if name is None:
        raise KeyError(number)
    return User(number, name)


class Client:
    """Remembers whom it has looked up."""

    def __init__(self) -> None:
        self._seen: dict[int, User] = {}

    def user(self, number: int) -> User:
        if number not in self._seen:
            self._seen[number] = fetch_user(number)
        return self._seen[number]

    def fetch_user(self) -> str:
        """A method of the same name, which is something else."""
        return f"{len(self._seen)} users fetched"
