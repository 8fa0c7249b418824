"""List people by name."""

import acme.api as api
import acme


def listing(numbers: list[int]) -> list[str]:
    return sorted(api.fetch_user(number).name for number in numbers)


def first(numbers: list[int]) -> "acme.User":
    return min(map(acme.fetch_user, numbers), key=lambda user: user.name)
