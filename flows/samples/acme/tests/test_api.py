import acme
import pytest
from acme.api import Client, fetch_user


def test_known_user() -> None:
    assert fetch_user(7).name == "Ada"


def test_the_public_name_is_the_same_function() -> None:
    assert acme.fetch_user is fetch_user
    assert "fetch_user" not in dir(acme.User)


@pytest.mark.parametrize("look_up", [fetch_user, acme.fetch_user])
def test_default(look_up) -> None:
    assert look_up(99, default="nobody").name == "nobody"


def test_unknown_user() -> None:
    with pytest.raises(KeyError):
        fetch_user(99)


def test_client_remembers() -> None:
    client = Client()
    assert client.user(8) is client.user(8)
    assert client.fetch_user() == "1 users fetched"
