"""The 28 kinds of uses that rename tools miss or break: each is right, or reported with its place.

A line that has the name and no mark must be renamed; see `marked_samples`.
"""

import pytest

from overhaul.refactors.errors import NameTaken

from .marked_samples import check

API = {"acme/__init__.py": "", "acme/api.py": "def fetch(key):\n    return key\n"}
FETCH = "acme.api.fetch"
CLIENT = {
    "acme/__init__.py": "",
    "acme/client.py": "class Client:\n    def fetch(self, key):\n        return key\n",
}
METHOD = "acme.client.Client.fetch"


def test_a_call_in_the_same_module_follows() -> None:
    check({"m.py": "def fetch(): ...\n\n\nfetch()\nprint(fetch)\n"}, "m.fetch")


def test_an_absolute_import_follows() -> None:
    check(
        API | {"app.py": "from acme.api import fetch\nimport acme.api\nfetch(1)\nacme.api.fetch(1)\n"}, FETCH
    )


def test_a_relative_import_follows() -> None:
    check(API | {"acme/sub/__init__.py": "from ..api import fetch\nfetch(1)\n"}, FETCH)


def test_an_aliased_import_follows_and_its_alias_stays() -> None:
    check(API | {"app.py": "from acme.api import fetch as load\nload(1)\nload(2)\n"}, FETCH)


def test_a_star_import_follows() -> None:
    check(API | {"app.py": "from acme.api import *\nfetch(1)\n"}, FETCH)


def test_a_conditional_import_follows_and_the_other_branch_is_bound_to_the_new_name() -> None:
    code = (
        "try:\n    from acme.api import fetch\nexcept ImportError:\n    from other import fetch\n\nfetch(1)\n"
    )
    analysis = check(API | {"app.py": code}, FETCH)
    assert b"from other import fetch as new\n" in analysis.edits[1].content


def test_an_attribute_of_a_module_through_an_alias_follows() -> None:
    check(
        API
        | {"app.py": "import acme.api as service\nfrom acme import api as a\nservice.fetch(1)\na.fetch(1)\n"},
        FETCH,
    )


def test_a_re_export_in_init_follows() -> None:
    check(
        API
        | {
            "acme/__init__.py": "from acme.api import fetch\n",
            "app.py": "import acme\nfrom acme import fetch\nacme.fetch(1)\n",
        },
        FETCH,
    )


def test_strings_in_all_follow() -> None:
    check({"m.py": '__all__ = ["fetch", "other"]\n__all__ += ("fetch",)\ndef fetch(): ...\n'}, "m.fetch")


def test_an_import_for_type_checking_with_annotations_in_strings_follows() -> None:
    code = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from acme.client import Client\n\n\n"
        'def f(client: "Client") -> "list[Client]":\n    client.fetch(1)  # kept\n'
    )
    check(CLIENT | {"app.py": code}, "acme.client.Client")


def test_a_type_comment_follows() -> None:
    code = "from acme.client import Client\nx = make()  # type: Client\n\n\ndef f(c):\n    # type: (Client) -> None\n    c.fetch(1)  # kept\n"
    check(CLIENT | {"app.py": code}, "acme.client.Client")
    check(CLIENT | {"app.py": code.replace("  # kept", "").replace("make()  #", "make() #")}, METHOD)


def test_an_override_with_super_in_another_file_follows() -> None:
    code = "from acme.client import Client\n\n\nclass Own(Client):\n    def fetch(self, key):\n        return super().fetch(key)\n"
    check(CLIENT | {"own.py": code, "use.py": "from own import Own\nOwn().fetch(1)\n"}, METHOD)


def test_an_unrelated_method_of_the_same_name_stays() -> None:
    code = "class Dog:\n    def fetch(self): ...  # kept\n\n\nDog().fetch()  # kept\n"
    check(CLIENT | {"dog.py": code}, METHOD)


def test_an_annotated_parameter_as_receiver_follows() -> None:
    check(
        CLIENT
        | {"app.py": "from acme.client import Client\n\n\ndef f(client: Client):\n    client.fetch(1)\n"},
        METHOD,
    )


def test_an_untyped_parameter_as_receiver_is_reported() -> None:
    check(CLIENT | {"app.py": "def f(client):\n    client.fetch(1)  # reported\n"}, METHOD)


def test_a_keyword_at_call_sites_follows() -> None:
    code = "from acme.api import fetch\nfetch(key=1)\nother(key=1)  # kept\n"
    check(API | {"app.py": code.replace("other", "dict")}, f"{FETCH}(key)")


def test_a_key_of_unpacked_keywords_follows() -> None:
    code = 'from acme.api import fetch\nfetch(**{"key": 1})\nfetch(**dict(key=1))\noptions = load()\nfetch(**options)  # reported\n'
    check(API | {"app.py": code}, f"{FETCH}(key)")


def test_a_name_given_to_getattr_is_reported_or_edited_on_request() -> None:
    code = 'import acme.api\ngetattr(acme.api, "fetch")(1)  # reported\n'
    check(API | {"app.py": code}, FETCH)
    check(API | {"app.py": code.replace("  # reported", "")}, FETCH, strings="yes")


def test_a_dotted_path_given_to_mock_patch_is_reported_or_edited_on_request() -> None:
    code = 'from unittest import mock\nmock.patch("acme.api.fetch")  # reported\n'
    check(API | {"test_app.py": code}, FETCH)
    check(API | {"test_app.py": code.replace("  # reported", "")}, FETCH, strings="yes")


def test_a_doctest_is_reported_or_edited_on_request() -> None:
    code = 'def fetch(key):\n    """Give it.\n\n    >>> fetch(1)  # reported\n    1\n    """\n'
    check({"m.py": code}, "m.fetch")
    check({"m.py": code.replace("  # reported", "")}, "m.fetch", docs="yes")


def test_rst_documentation_is_reported_or_edited_on_request() -> None:
    text = "Title\n\nCall :func:`acme.api.fetch` here.  .. reported\nDogs fetch sticks.  .. kept\n"
    check(API | {"docs/index.rst": text}, FETCH)
    check(API | {"docs/index.rst": text.replace("  .. reported", "")}, FETCH, docs="yes")


def test_an_entry_point_is_reported_or_edited_on_request() -> None:
    text = '[project.scripts]\nfetch-now = "acme.api:fetch"  # reported\n'
    check(API | {"pyproject.toml": text}, FETCH)
    check(API | {"pyproject.toml": text.replace("  # reported", "")}, FETCH, strings="yes")


def test_an_f_string_that_shows_the_name_is_renamed_and_reported_because_its_output_changes() -> None:
    check({"m.py": 'fetch = 1\nprint(f"{fetch=}")  # noted\nprint(f"{fetch}")\n'}, "m.fetch")


def test_a_local_variable_that_hides_the_name_stays() -> None:
    code = "from acme.api import fetch\n\n\ndef f(fetch):  # kept\n    return fetch  # kept\n\n\n[fetch for fetch in []]  # kept\nfetch(1)\n"
    check(API | {"app.py": code}, FETCH)


@pytest.mark.parametrize(
    "other",
    [
        {"acme/api.py": "def fetch(key): ...\ndef new(): ...\n"},
        {"app.py": "from acme.api import fetch\nnew = 1\n"},
        {"app.py": "from acme.api import fetch\n\n\ndef f(new):\n    fetch(new)\n"},
        {"app.py": "from acme.api import *\nfrom other import new\nfetch(new)\n"},
    ],
)
def test_a_new_name_that_is_taken_is_refused(other: dict[str, str]) -> None:
    with pytest.raises(NameTaken, match=r"'new' is taken at \w+(/\w+)?\.py:\d"):
        check(API | other, FETCH)


def test_a_class_pattern_follows() -> None:
    files = {
        "m.py": "class Point:\n    x: int = 0\n\n\ndef f(p):\n    match p:\n        case Point(x=0): ...\n"
    }
    check(files, "m.Point")
    check(files, "m.Point.x")


def test_an_ordinary_string_stays() -> None:
    code = 'from acme.api import fetch\nfetch("fetch")\nprint("fetch")  # kept\nx = {"fetch": 1}  # kept\n'
    analysis = check(API | {"app.py": code}, FETCH)
    assert b'new("fetch")' in analysis.edits[1].content


def test_a_file_that_does_not_parse_is_named_and_the_rest_follows() -> None:
    analysis = check(
        API
        | {"bad.py": "from acme.api import fetch  # reported\n(\n", "app.py": "from acme.api import fetch\n"},
        FETCH,
    )
    assert [failure.path for failure in analysis.failures] == ["bad.py"]
