"""Findings by rule, and the risk they make."""

import pytest

from overhaul.refactors.review import Change, SuiteCounts, review_change

GOOD_TESTS = SuiteCounts(base=10, head=10, new_failures=0)
MODULE = b"def fetch_user(name, _hidden=1):\n    pass\n\n\nclass Client:\n    def get(self):\n        pass\n"


def titles(*changes: Change, unresolved: int = 0, tests: SuiteCounts | None = GOOD_TESTS) -> list[str]:
    return [finding.title for finding in review_change(changes, unresolved, tests).findings]


def changed(path: str, old: bytes, new: bytes | None, new_path: str | None = None) -> Change:
    return Change(path, old, new, new_path)


@pytest.mark.parametrize(
    "change",
    [
        changed("pkg/a.py", MODULE, MODULE.replace(b"pass", b"return 1")),
        changed("pkg/a.py", MODULE, MODULE.replace(b"_hidden", b"_other")),
        changed(
            "pkg/a.py",
            MODULE,
            MODULE.replace(b"def fetch_user", b"def get_user") + b"fetch_user = get_user\n",
        ),
        changed(
            "pkg/a.py", MODULE, MODULE.replace(b"fetch_user", b"get_user") + b"def __getattr__(name): ...\n"
        ),
        changed("pkg/_private.py", MODULE, b""),
        changed("scripts/tool.py", MODULE, b""),
        changed("docs/index.rst", b"fetch_user", b"get_user"),
        changed("pkg/broken.py", b"def (", b"def [("),
        Change("pkg/new.py", None, MODULE),
    ],
)
def test_nothing_is_found_in_a_harmless_change(change):
    review = review_change([change], 0, GOOD_TESTS)
    assert review.findings == ()
    assert review.risk == "low"


def test_public_name_without_alias_is_found_with_its_line():
    review = review_change(
        [changed("pkg/a.py", MODULE, MODULE.replace(b"Client", b"Session"))], 0, GOOD_TESTS
    )
    (finding,) = review.findings
    assert (finding.title, finding.path, finding.first_line) == ("Public name is gone", "pkg/a.py", 5)
    assert "`Client`" in finding.body
    assert (review.risk, review.reasons) == ("high", ("Public name is gone",))


@pytest.mark.parametrize(
    ("old", "new", "name"), [(b"get(", b"fetch(", "Client.get"), (b"name, ", b"key, ", "fetch_user(name)")]
)
def test_public_method_and_parameter_are_found(old, new, name):
    (finding,) = review_change(
        [changed("pkg/a.py", MODULE, MODULE.replace(old, new))], 0, GOOD_TESTS
    ).findings
    assert f"`{name}`" in finding.body


def test_moved_and_deleted_public_modules_are_found():
    assert titles(changed("pkg/a.py", MODULE, MODULE, "pkg/b.py")) == ["Public module is gone"]
    assert titles(changed("pkg/a.py", MODULE, None)) == ["Public module is gone"]


def test_file_that_no_longer_parses_blocks():
    review = review_change([changed("pkg/a.py", MODULE, b"def (")], 0, GOOD_TESTS)
    assert review.findings[0].title == "File no longer parses"
    assert review.to_json()["overall_correctness"] == "patch is incorrect"


def test_tests_that_change_are_for_information_and_lost_ones_are_urgent():
    old = b"def test_a(): pass\n\nclass TestB:\n    def test_b(self): pass\n"
    assert titles(changed("tests/test_a.py", old, old.replace(b"pass", b"call()"))) == ["Tests change"]
    lost = changed("tests/test_a.py", old, b"def test_a(): pass\n")
    assert titles(lost) == ["Tests are removed", "Tests change"]
    assert review_change([lost], 0, GOOD_TESTS).risk == "high"


@pytest.mark.parametrize(
    "path", [".github/workflows/ci.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml", "Jenkinsfile"]
)
def test_ci_configuration_is_urgent(path):
    assert titles(changed(path, b"a", b"b")) == ["CI configuration changes"]


@pytest.mark.parametrize("path", ["pyproject.toml", "sub/setup.cfg", "requirements-dev.txt"])
def test_packaging_is_medium(path):
    review = review_change([changed(path, b"a", b"b")], 0, GOOD_TESTS)
    assert ([finding.title for finding in review.findings], review.risk) == (["Packaging changes"], "medium")


def test_size_unresolved_sites_and_test_numbers():
    many = [changed(f"docs/{number}.md", b"a", b"b") for number in range(41)]
    assert titles(*many) == ["Large change"]
    assert titles(changed("a.md", b"", b"line %d\n" % 1 + b"\n".join(b"%d" % n for n in range(1_100)))) == [
        "Large change"
    ]
    assert titles(unresolved=3) == ["Unresolved sites are left"]
    assert titles(tests=None) == ["No tests ran"]
    assert titles(tests=SuiteCounts(0, 0, 0)) == ["No tests ran"]
    broken = review_change([], 0, SuiteCounts(0, 0, 0, "2 files could not be collected")).findings[0]
    assert (broken.title, "2 files could not be collected" in broken.body) == ("No tests ran", True)
    assert titles(tests=SuiteCounts(10, 10, 0, "the disk limit was reached")) == [
        "The test run was cut short"
    ]
    assert titles(tests=SuiteCounts(10, 9, 2)) == ["New test failures", "Fewer tests run than before"]


def test_json_has_the_shape_of_codex():
    document = review_change([], 2, None).to_json()
    assert {"findings", "overall_correctness", "overall_explanation", "overall_confidence_score"} <= set(
        document
    )
    for finding in document["findings"]:
        assert {"title", "body", "confidence_score", "priority", "code_location"} <= set(finding)
        assert set(finding["code_location"]) == {"absolute_file_path", "line_range"}
        assert set(finding["code_location"]["line_range"]) == {"start", "end"}
    assert document["risk"] == "high"
