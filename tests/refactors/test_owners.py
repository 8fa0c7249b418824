"""CODEOWNERS by the rules of GitHub's and GitLab's documentation."""

import pytest

from overhaul.refactors.graph.owners import Owners, owners_file
from overhaul.refactors.memory_tree import MemoryTree

# Facts of gitignore's pattern format and of GitHub's page "About code owners": pattern, what it owns, what not.
GITHUB_PATTERNS = [
    ("*", "a a/b a/b/c", ""),
    ("*.js", "x.js a/x.js a/b/x.js", "x.jsx a/x.py"),
    ("foo", "foo foo/bar bar/foo bar/foo/baz", "foo.txt bar/foo.txt bar/baz"),
    ("/foo", "foo foo/bar foo/bar/baz", "fool.txt bar/foo bar/foo/baz"),
    ("foo/", "foo/bar foo/bar/baz bar/foo/baz", "foo bar/foo bar/baz"),
    ("/foo/", "foo/bar foo/bar/baz", "foo bar/foo/baz"),
    ("foo/bar", "foo/bar foo/bar/baz", "foo/bart baz/foo/bar"),
    ("foo/bar/", "foo/bar/baz", "foo/bar baz/foo/bar/x"),
    ("/build/logs/", "build/logs/a build/logs/b/c", "x/build/logs/a build/logs"),
    ("docs/*", "docs/getting-started.md", "docs/build-app/troubleshooting.md x/docs/a.md"),
    ("foo/*.txt", "foo/a.txt", "foo/b/a.txt x/foo/a.txt"),
    ("foo/*/baz", "foo/bar/baz foo/bar/baz/qux", "foo/baz foo/bar"),
    ("apps/", "apps/a x/apps/a x/y/apps/b/c", "apps x/apps"),
    ("**/logs", "logs/a build/logs/a scripts/logs deeply/nested/logs/b", "blogs/a"),
    ("/*", "foo bar", "foo/bar"),
    ("/f*", "foo foo/bar", "bar/foo xfoo"),
    ("/*/", "foo/bar bar/foo/baz", "foo"),
    ("f*", "foo foo/bar bar/foo bar/foo/baz", "bar/baz xfoo"),
    ("f*/", "foo/bar bar/foo/baz", "foo bar/foo"),
    ("f\\*o", "f*o", "foo"),
    ("f?o", "foo fxo", "fo fooo"),
    ("**/foo/bar", "foo/bar qux/foo/bar qux/foo/bar/baz", "foo/baz/bar"),
    ("**/*bar*", "bar foo/bar foo/rebar foo/barrio", "foo/baz"),
    ("foo/bar/**", "foo/bar/baz foo/bar/baz/qux", "foo/bar qux/foo/bar/baz"),
    ("foo/**/bar", "foo/bar foo/bar/baz foo/qux/quux/bar", "qux/foo/bar"),
    ("foo/**/", "foo/bar foo/bar/baz", "foo"),
    ("foo/**/bar/b*", "foo/bar/baz foo/qux/bar/baz", "foo/bar foo/bar/qux"),
    ("a*b*c.py", "abc.py axbxbxc.py", "acb.py"),
    ("/", "", "a a/b"),
    ("**", "a a/b", ""),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "owned", "others"), GITHUB_PATTERNS)
def test_github_patterns(pattern: str, owned: str, others: str) -> None:
    owners = Owners.parse(f"{pattern} @team")
    assert not owners.problems
    assert [path for path in owned.split() if not owners.of(path)] == []
    assert [path for path in others.split() if owners.of(path)] == []


def test_the_last_matching_rule_wins_and_one_without_owners_frees() -> None:
    owners = Owners.parse("* @all\n/apps/ @octocat\n/apps/github\n*.py @py docs@example.com # both\n")
    assert owners.of("README") == ("@all",)
    assert owners.of("apps/x") == ("@octocat",)
    assert owners.of("apps/github/x") == ()
    assert owners.of("apps/github/x.py") == ("@py", "docs@example.com")


def test_comments_and_escaped_spaces() -> None:
    owners = Owners.parse("# comment @nobody\n\n/a\\ folder/ @org/team-name  #inline @nobody\n")
    assert owners.of("a folder/x.py") == ("@org/team-name",)
    assert owners.problems == []


def test_what_github_does_not_know_is_a_problem_with_its_line() -> None:
    text = "* @all\n!docs/ @x\nfile[ab].py @x\n\\#x @x\na***b @x\nx.py nobody\n"
    owners = Owners.parse(text)
    assert [line for line, _ in owners.problems] == [2, 3, 4, 5, 6]
    assert owners.of("docs/x.py") == ("@all",)


def test_patterns_are_case_sensitive() -> None:
    assert Owners.parse("/Docs/ @x").of("docs/a") == ()


@pytest.mark.parametrize(
    ("pattern", "owned", "others"),
    [
        ("*", "a a/b", ""),
        ("*.rb", "a.rb x/a.rb", "a.rbx"),
        ("/docs/", "docs/a docs/b/c", "x/docs/a docs"),
        ("/docs/*", "docs/a", "docs/b/c"),
        ("/docs/**/*.md", "docs/a.md docs/b/c.md", "docs/a.txt"),
        ("lib/", "lib/a x/lib/a/b", "lib"),
        ("/config", "config", "config/a"),
        ("README.md", "README.md x/README.md", ""),
        ("internal/README.md", "internal/README.md x/internal/README.md", "README.md"),
        ("path\\ with\\ spaces/", "", "path"),
        ("\\#file.rb", "#file.rb", "file.rb"),
        ("/[ab].py", "a.py b.py", "c.py"),
        ("/[!ab].py", "c.py", "a.py"),
        ("/db/**/index.md", "db/index.md db/a/b/index.md", "x/db/index.md"),
    ],
)
def test_gitlab_patterns(pattern: str, owned: str, others: str) -> None:
    owners = Owners.parse(f"{pattern} @team", dialect="gitlab")
    assert [path for path in owned.split() if not owners.of(path)] == []
    assert [path for path in others.split() if owners.of(path)] == []


def test_gitlab_sections_each_have_their_owners_and_defaults() -> None:
    text = """
* @general
[Documentation][2] @docs-team
docs/
README.md
^[Database] @database-team
model/db/
config/db/setup.md @docs-team
[DOCUMENTATION]
*.txt
"""
    owners = Owners.parse(text, dialect="gitlab")
    assert owners.of("docs/a") == ("@general", "@docs-team")
    assert owners.of("model/db/CHANGELOG.txt") == ("@general", "@docs-team", "@database-team")
    assert owners.of("config/db/setup.md") == ("@general", "@docs-team")
    assert owners.of("x") == ("@general",)


def test_gitlab_exclusions_hold_within_their_section_whatever_follows() -> None:
    owners = Owners.parse("* @x\n!*.rb\n*.rb @later\n[Ruby]\n*.rb @ruby\n!/config/**/*\n", dialect="gitlab")
    assert owners.of("a.rb") == ("@ruby",)
    assert owners.of("config/a.rb") == ()


def test_a_pattern_that_is_none_is_a_problem() -> None:
    assert Owners.parse("/[z-a].py @x", dialect="gitlab").problems


@pytest.mark.parametrize("dialect", ["github", "gitlab"])
def test_hostile_patterns_end_soon(dialect: str) -> None:
    text = "*a" * 40 + "b @x\n" + "**/a/" * 40 + "b @x\n"
    owners = Owners.parse(text, dialect=dialect)  # type: ignore[arg-type]
    assert owners.of("a" * 2_000) == owners.of("a/" * 1_000 + "c") == ()


@pytest.mark.parametrize(
    ("places", "expected", "dialect"),
    [
        (["docs/CODEOWNERS", "CODEOWNERS", ".github/CODEOWNERS"], ".github/CODEOWNERS", "github"),
        (["docs/CODEOWNERS", "CODEOWNERS"], "CODEOWNERS", "gitlab"),
        ([".gitlab/CODEOWNERS"], ".gitlab/CODEOWNERS", "gitlab"),
        (["docs/CODEOWNERS"], "docs/CODEOWNERS", "gitlab"),
        (["src/CODEOWNERS"], None, "github"),
    ],
)
def test_the_file_is_found_where_the_forges_look(
    places: list[str], expected: str | None, dialect: str
) -> None:
    tree = MemoryTree(dict.fromkeys(places, "[Section]\n* @x\n"))
    assert owners_file(tree.paths()) == expected
    owners = Owners.of_tree(tree)
    assert (owners.place or None, owners.dialect) == (expected, dialect)
