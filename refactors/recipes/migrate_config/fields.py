"""What keywords of setup() become in pyproject.toml (PEP 621 and [tool.setuptools]); or why they stay."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.recipes.migrate_config.entry_points import entry_point_groups
from overhaul.refactors.recipes.migrate_config.project_files import ProjectFiles
from overhaul.refactors.recipes.migrate_config.values import (
    AttributeOf,
    Derived,
    FilesOf,
    Found,
    Given,
    Whole,
    files_of,
    is_plain,
    mystery_in,
)

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/]+\S*")
_EMAIL = re.compile(r"[^\s@<>,]+@[^\s@<>,]+")
_GLOB = re.compile(r"[*?\[\]{}]")
_TYPES = {".md": "text/markdown", ".rst": "text/x-rst", ".txt": "text/plain"}
OBSOLETE = frozenset(
    {
        "tests_require", "test_suite", "test_loader", "test_runner", "use_2to3", "use_2to3_fixers",
        "use_2to3_exclude_fixers", "convert_2to3_doctests",
    }
)  # fmt: skip
# Keywords that stay with setup.py, and of which it is known that they leave the metadata alone.
_STAYING = frozenset(
    {
        "cmdclass", "ext_modules", "ext_package", "libraries", "headers", "options", "command_options",
        "command_packages", "script_name", "script_args", "namespace_packages", "dependency_links", "eager_resources",
        "cffi_modules", "rust_extensions", "provides", "obsoletes", "requires", "use_scm_version", "zip_safe",
        "include_dirs", "convert_2to3_doctests", "extra_path", "setup_requires", "license_file", "license_files",
    }
)  # fmt: skip
# Which fields of [project] are said to be dynamic where a keyword stays.
FIELDS: dict[str, tuple[str, ...]] = {
    "version": ("version",), "description": ("description",), "long_description": ("readme",),
    "long_description_content_type": ("readme",), "author": ("authors",), "author_email": ("authors",),
    "maintainer": ("maintainers",), "maintainer_email": ("maintainers",), "license": ("license",),
    "classifiers": ("classifiers",), "keywords": ("keywords",), "url": ("urls",), "project_urls": ("urls",),
    "download_url": ("urls",), "python_requires": ("requires-python",), "install_requires": ("dependencies",),
    "extras_require": ("optional-dependencies",), "entry_points": ("scripts", "gui-scripts", "entry-points"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A list with the comments of its elements."""

    items: Sequence[str]
    comments: Mapping[int, tuple[str, ...]]


@dataclass(slots=True)
class Tables:
    """The new tables. `doubts` say why a keyword stays where it is; all others have moved, or said nothing."""

    project: dict[str, Any] = field(default_factory=dict)
    setuptools: dict[str, Any] = field(default_factory=dict)
    dynamic: dict[str, Any] = field(default_factory=dict)
    requires: list[str] = field(default_factory=list)
    comments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)


class _Stays(Exception):
    """Keywords stay as they are; the message says why."""


def tables_of(given: Mapping[str, Given], files: ProjectFiles, drop_obsolete: bool) -> Tables:
    """Work out what becomes of all keywords. Nothing is moved where `name` stays."""
    return _Work(given, files, drop_obsolete).tables()


@dataclass(slots=True)
class _Work:
    given: Mapping[str, Given]
    files: ProjectFiles
    drop_obsolete: bool
    made: Tables = field(default_factory=Tables)
    done: set[str] = field(default_factory=set)

    def tables(self) -> Tables:
        steps: list[tuple[tuple[str, ...], Callable[[], None]]] = [
            (("name",), self._name),
            (("version",), self._version),
            (("description",), self._description),
            (("long_description", "long_description_content_type"), self._readme),
            (("python_requires",), self._requires_python),
            (("license",), self._license),
            (("license_files", "license_file"), self._license_files),
            (("author", "author_email"), lambda: self._people("author")),
            (("maintainer", "maintainer_email"), lambda: self._people("maintainer")),
            (("keywords",), lambda: self._commas("keywords", self.made.project)),
            (("classifiers",), self._classifiers),
            (("url", "download_url", "project_urls"), self._urls),
            (("install_requires",), self._dependencies),
            (("extras_require",), self._extras),
            (("entry_points",), self._entry_points),
            (("setup_requires",), self._setup_requires),
            (("platforms",), lambda: self._commas("platforms", self.made.setuptools)),
            (("zip_safe",), lambda: self._flag("zip_safe")),
            (("include_package_data",), lambda: self._flag("include_package_data")),
            (("packages",), self._packages),
            (("package_dir",), self._package_dir),
            (("py_modules",), lambda: self._names("py_modules", "py-modules")),
            (("scripts",), lambda: self._names("scripts", "script-files")),
            (("package_data",), lambda: self._patterns("package_data")),
            (("exclude_package_data",), lambda: self._patterns("exclude_package_data")),
            (("data_files",), self._data_files),
        ]
        known = {*(name for names, _ in steps for name in names), *OBSOLETE, *_STAYING}
        if strange := sorted(set(self.given) - known):
            self.made.doubts["name"] = f"what {strange[0]} adds to the metadata is not told"
            return self.made
        for names, step in steps:
            self._step(names, step)
            if names == ("name",) and "name" in self.made.doubts:
                return self.made
        if "include_package_data" not in self.made.doubts:
            self.made.setuptools.setdefault("include-package-data", False)
        for name, each in self.given.items():
            if name not in self.done:
                self._rest(name, each)
        return self.made

    def _step(self, names: tuple[str, ...], step: Callable[[], None]) -> None:
        self.done.update(names)
        said = [name for name in names if name in self.given]
        if not said and names != ("name",):
            return
        try:
            for name in said:
                if (mystery := mystery_in(self.given[name].value)) is not None:
                    raise _Stays(mystery.why)
            step()
        except _Stays as error:
            for name in said or names:
                self.made.doubts[name] = str(error)

    def _rest(self, name: str, each: Given) -> None:
        if name in OBSOLETE:
            if not self.drop_obsolete:
                self.made.doubts[name] = "setuptools has not read it since 72; -p obsolete=remove drops it"
        elif not (is_plain(each.value) and each.value in (None, [], (), {}, "", False)):
            self.made.doubts[name] = "pyproject.toml has no equal of it"

    def _value(self, name: str) -> Any:
        return self.given[name].value if name in self.given else None

    def _text(self, name: str) -> str | None:
        """Return a literal text of one line; None if there is none."""
        value = self._value(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or not is_plain(value):
            raise _Stays("it is put together or read from elsewhere when it is built")
        if value != value.strip() or "\n" in value:
            raise _Stays("it is a text of several lines, or begins or ends with blanks")
        return value

    def _texts(self, name: str) -> list[str]:
        value = self._value(name)
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            raise _Stays("it is no list of texts")
        if not is_plain(value):
            raise _Stays("it is put together or read from elsewhere when it is built")
        return list(value)

    def _put(self, table: dict[str, Any], key: str, value: Any, name: str) -> None:
        comments = self.given[name].comments
        said = self._value(name)
        if isinstance(value, list) and isinstance(said, list | tuple) and len(value) == len(said):
            table[key] = Listed(value, {index: texts for index, texts in comments.items() if index >= 0})
            above = comments.get(-1, ())
        else:
            table[key] = value
            above = tuple(text for _, texts in sorted(comments.items()) for text in texts)
        if above:
            self.made.comments[key] = above

    def _name(self) -> None:
        value = self._value("name")
        # [project] is to say a name itself, wherever it was from.
        name = str(value) if isinstance(value, Derived) else self._text("name")
        if name is None or not NAME.fullmatch(name):
            raise _Stays("no literal name is said that pyproject.toml could have")
        self._put(self.made.project, "name", name, "name")

    def _version(self) -> None:
        value = self._value("version")
        if isinstance(value, AttributeOf):
            self.made.dynamic["version"] = {"attr": value.name}
        elif isinstance(value, FilesOf):
            self.made.dynamic["version"] = {"file": list(value.paths)}
        elif isinstance(value, Derived):
            self.made.dynamic["version"] = self._origin(value)
        else:
            version = self._text("version")
            try:
                Version(version or "")
            except InvalidVersion:
                raise _Stays("it is no version by PEP 440") from None
            self._put(self.made.project, "version", version, "version")

    def _origin(self, version: Derived) -> dict[str, Any]:
        """Return where setuptools finds a version that setup.py reads from one file. Raises _Stays."""
        if len(version.files) != 1:
            raise _Stays("it is put together from several places")
        (file,) = version.files
        if not file.endswith(".py"):
            if str(self.files.text(file)).strip() == str(version):
                return {"file": [file]}
            raise _Stays(f"it is a part of {file}")
        if file == "setup.py":
            raise _Stays("it is put together in setup.py")
        names = [name for name, value in self.files.constants(file).items() if value == str(version)]
        attribute = version.attribute.rpartition(".")[2] or next(
            (each for each in ("__version__", "VERSION", "version") if each in names), ""
        )
        if attribute not in names:
            raise _Stays(f"{file} does not say it by one name")
        return {"attr": f"{self._module(file)}.{attribute}"}

    def _module(self, file: str) -> str:
        """Return the dotted name by which setuptools finds a file. Raises _Stays."""
        path = file.removesuffix(".py").removesuffix("/__init__")
        folders = self._value("package_dir") or {}
        if "package_dir" in self.given and not (isinstance(folders, dict) and is_plain(folders)):
            raise _Stays("where packages are is computed")
        packages = self._value("packages")
        root = str(folders.get("", "") or (packages.where if isinstance(packages, Found) else ""))
        root = posixpath.normpath(root or ".")
        for package, folder in folders.items():
            if package and f"{path}/".startswith(f"{folder}/"):
                return f"{package}{path[len(folder) :]}".replace("/", ".")
        if root != ".":
            if not path.startswith(f"{root}/"):
                raise _Stays(f"{file} is in no package of {root}")
            path = path[len(root) + 1 :]
        return path.replace("/", ".")

    def _description(self) -> None:
        if (text := self._text("description")) is not None:
            self._put(self.made.project, "description", text, "description")

    def _readme(self) -> None:
        value, kind = self._value("long_description"), self._text("long_description_content_type")
        if value is None or value == "":
            if kind is None:
                return
            raise _Stays("there is no description that it is the type of")
        parts = value.parts if isinstance(value, Derived) else ()
        paths = [each.path for each in parts if isinstance(each, Whole)]
        between = [each for each in parts if not isinstance(each, Whole)]
        if not isinstance(value, str) or not paths or any(each != "\n" for each in between):
            raise _Stays("it is more than the text of files one after the other")
        if len(paths) != len(between) + 1 or any(isinstance(each, Whole) for each in parts[1::2]):
            raise _Stays("it is more than the text of files one after the other")
        suffix = posixpath.splitext(paths[0].lower())[1]
        if kind is None and {posixpath.splitext(each.lower())[1] for each in paths} != {".rst"}:
            raise _Stays("long_description_content_type is not said, and pyproject.toml asks for it")
        kind = kind or "text/x-rst"
        if len(paths) > 1:
            self.made.dynamic["readme"] = {"file": paths, "content-type": kind}
        elif _TYPES.get(suffix) == kind:
            self._put(self.made.project, "readme", paths[0], "long_description")
        else:
            self._put(
                self.made.project, "readme", {"file": paths[0], "content-type": kind}, "long_description"
            )

    def _requires_python(self) -> None:
        text = self._text("python_requires")
        if text is None:
            return
        try:
            SpecifierSet(text)
        except InvalidSpecifier:
            raise _Stays("it is no range of versions") from None
        self._put(self.made.project, "requires-python", text, "python_requires")

    def _license(self) -> None:
        value = self._value("license")
        if isinstance(value, FilesOf) and len(value.paths) == 1:
            self._put(self.made.project, "license", {"file": value.paths[0]}, "license")
        elif isinstance(value, Derived) and len(value.parts) == 1 and isinstance(value.parts[0], Whole):
            self._put(self.made.project, "license", {"file": value.parts[0].path}, "license")
        elif (text := self._text("license")) is not None:
            self._put(self.made.project, "license", {"text": text}, "license")

    def _license_files(self) -> None:
        if "license_files" in self.given and "license_file" in self.given:
            raise _Stays("license_file and license_files are both said")
        one = self._text("license_file") if "license_file" in self.given else None
        names = [one] if one else self._texts("license_files")
        name = "license_file" if one else "license_files"
        # [project] has a key for it only where the license is an expression by SPDX, which is other metadata.
        self._put(self.made.setuptools, "license-files", names, name)

    def _people(self, kind: str) -> None:
        """Put names and addresses apart, as they are in the metadata now."""
        people: list[dict[str, str]] = []
        for key, name in (("name", kind), ("email", f"{kind}_email")):
            for each in (self._text(name) or "").split(", "):
                if (key == "email" and each and not _EMAIL.fullmatch(each)) or "," in each:
                    raise _Stays(f"{name} is no list of {'addresses' if key == 'email' else 'names'}")
                if each:
                    people.append({key: each})
        if people:
            name = kind if kind in self.given else f"{kind}_email"
            self._put(self.made.project, f"{kind}s", people, name)

    def _commas(self, name: str, table: dict[str, Any]) -> None:
        value = self._value(name)
        if isinstance(value, str):
            if not is_plain(value):
                raise _Stays("it is put together or read from elsewhere when it is built")
            words = [each.strip() for each in value.split(",")]
        else:
            words = self._texts(name) if value is not None else []
        if any(words):
            self._put(table, name, words, name)

    def _classifiers(self) -> None:
        lines = self._texts("classifiers")
        if any(each != each.strip() or not each for each in lines):
            raise _Stays("one is empty, or begins or ends with blanks")
        if lines:
            self._put(self.made.project, "classifiers", lines, "classifiers")

    def _urls(self) -> None:
        urls: dict[str, str] = {}
        for name, label in (("url", "Homepage"), ("download_url", "Download")):
            if (text := self._text(name)) is not None:
                urls[label] = text
        more = self._value("project_urls") or {}
        if not isinstance(more, dict) or not is_plain(more):
            raise _Stays("project_urls is no table of texts")
        for label, address in more.items():
            same = next((each for each in urls if each.lower() == label.lower()), label)
            if urls.setdefault(same, address) != address:
                raise _Stays(f"project_urls has another {label}")
        if any(
            not isinstance(each, str) or not _URL.fullmatch(each, re.IGNORECASE) for each in urls.values()
        ):
            raise _Stays("one is no address")
        if any(len(each) > 32 for each in urls):
            raise _Stays("a label is longer than 32 characters")
        if urls:
            self.made.project["urls"] = urls
            self._comments_above(
                "urls", *(each for each in ("url", "download_url", "project_urls") if each in self.given)
            )

    def _requirements(self, value: Any) -> list[str]:
        texts = value.splitlines() if isinstance(value, str) else value
        if not isinstance(texts, list | tuple) or not all(isinstance(each, str) for each in texts):
            raise _Stays("it is no list of requirements")
        if not is_plain(value):
            raise _Stays("it is put together or read from elsewhere when it is built")
        texts = [each for each in texts if each.strip()] if isinstance(value, str) else list(texts)
        for each in texts:
            try:
                Requirement(each)
            except InvalidRequirement:
                raise _Stays(f"{each!r} is no requirement by PEP 508") from None
        return [each.strip() for each in texts]

    def _dependencies(self) -> None:
        value = self._value("install_requires") or []
        if isinstance(value, FilesOf) or (files_of(value) and not isinstance(value, str)):
            self._dependency_file(value)
        elif wanted := self._requirements(value):
            self._put(self.made.project, "dependencies", wanted, "install_requires")

    def _dependency_file(self, value: Any) -> None:
        paths = value.paths if isinstance(value, FilesOf) else tuple(files_of(value))
        if len(paths) != 1 or not self.files.has(paths[0]) or paths[0].endswith(".py"):
            raise _Stays("it is put together from elsewhere when it is built")
        lines = [each.strip() for each in str(self.files.text(paths[0])).splitlines()]
        wanted = [each for each in lines if each and not each.startswith("#")]
        if not isinstance(value, FilesOf) and [str(each).strip() for each in value] != wanted:
            raise _Stays(f"it is not just the lines of {paths[0]}")
        self._requirements([each.partition(" #")[0] for each in wanted])
        self.made.dynamic["dependencies"] = {"file": list(paths)}

    def _extras(self) -> None:
        value = self._value("extras_require") or {}
        if not isinstance(value, dict):
            raise _Stays("it is no table of requirements")
        extras = {}
        for name, wanted in value.items():
            if not NAME.fullmatch(str(name)):
                raise _Stays(f"{str(name)!r} is no name that an extra can have in pyproject.toml")
            extras[name] = self._requirements(wanted)
        if extras:
            self.made.project["optional-dependencies"] = extras
            self._comments_above("optional-dependencies", "extras_require")

    def _entry_points(self) -> None:
        groups = entry_point_groups(self._value("entry_points"))
        if isinstance(groups, Doubt):
            raise _Stays(groups.reason)
        scripts, gui = groups.pop("console_scripts", {}), groups.pop("gui_scripts", {})
        groups = {name: entries for name, entries in groups.items() if entries}
        for key, table in (("scripts", scripts), ("gui-scripts", gui), ("entry-points", groups)):
            if table:
                self.made.project[key] = table
        self._comments_above(next((each for each in ("scripts", "gui-scripts", "entry-points")
                                   if each in self.made.project), ""), "entry_points")  # fmt: skip

    def _comments_above(self, key: str, *names: str) -> None:
        above = tuple(
            text for name in names for _, texts in sorted(self.given[name].comments.items()) for text in texts
        )
        if above and key:
            self.made.comments[key] = above

    def _setup_requires(self) -> None:
        self.made.requires += self._requirements(self._value("setup_requires") or [])

    def _flag(self, name: str) -> None:
        value = self._value(name)
        if value is not None and not isinstance(value, bool):
            raise _Stays("it is neither True nor False")
        if value is not None:
            self._put(self.made.setuptools, name.replace("_", "-"), value, name)

    def _packages(self) -> None:
        value = self._value("packages")
        if isinstance(value, Found):
            found: dict[str, Any] = {"where": [value.where]} if value.where else {}
            for key in ("include", "exclude"):
                if getattr(value, key):
                    found[key] = list(getattr(value, key))
            if not value.namespaces:
                found["namespaces"] = False
            self.made.setuptools["packages"] = {"find": found}
            self._comments_above("packages.find", "packages")
        elif value is not None:
            self._names("packages", "packages")

    def _names(self, name: str, key: str) -> None:
        if self._value(name) is not None:
            self._put(self.made.setuptools, key, self._texts(name), name)

    def _package_dir(self) -> None:
        value = self._value("package_dir") or {}
        if not is_plain(value) or not isinstance(value, dict):
            raise _Stays("it is no table of texts")
        if value:
            self._put(self.made.setuptools, "package-dir", dict(value), "package_dir")

    def _patterns(self, name: str) -> None:
        value = self._value(name) or {}
        if not isinstance(value, dict) or not is_plain(value):
            raise _Stays("it is no table of lists")
        if not all(isinstance(each, list | tuple) and all(isinstance(one, str) for one in each)
                   for each in value.values()):  # fmt: skip
            raise _Stays("it is no table of lists")
        if value:
            table = {key or "*": list(patterns) for key, patterns in value.items()}
            self.made.setuptools[name.replace("_", "-")] = table
            self._comments_above(name.replace("_", "-"), name)

    def _data_files(self) -> None:
        value = self._value("data_files") or []
        pairs = list(value.items()) if isinstance(value, dict) else value
        if not is_plain(value) or not all(isinstance(each, tuple) and len(each) == 2 for each in pairs):
            raise _Stays("it is no list of folders with their files")
        table: dict[str, list[str]] = {}
        for folder, names in pairs:
            if folder in table or not isinstance(names, list | tuple) or not folder:
                raise _Stays("it is no list of folders with their files")
            if any(_GLOB.search(each) or not self.files.has(each) for each in names):
                raise _Stays("a file in it is not there, or has a name that is a pattern in pyproject.toml")
            table[folder] = list(names)
        if table:
            self.made.setuptools["data-files"] = table
            self._comments_above("data-files", "data_files")
