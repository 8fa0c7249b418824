"""Refactors of real projects from the package index, and what is expected of each: data for test_real_projects.py.

Versions are pinned, so that places and counts are exact.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Project:
    """A source distribution with at least so many passing tests.

    `packages` are what its tests need and its metadata does not name.
    """

    name: str
    version: str
    tests: int
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refactor:
    """A run of a recipe, and what must be true of its head.

    `sites` are the proved sites. Texts are written `path: text`: the head has those that are `there` and the base
    does not, the base has those that are `gone` and the head does not, and `untouched` ones stand in both equally
    often: they have the same name and are something else. `same_named` is the number of lines of Python that keep
    a renamed symbol's old name and are not reported.
    """

    project: Project
    recipe: str
    parameters: tuple[str, ...]
    sites: int
    there: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    same_named: int = 0

    @property
    def id(self) -> str:
        return f"{self.project.name}:{self.recipe}:{self.parameters[0].partition('=')[2]}"

    @property
    def values(self) -> dict[str, str]:
        """The parameters by name; of one that is given twice the last."""
        return dict(each.split("=", 1) for each in self.parameters)

    @property
    def is_rename(self) -> bool:
        return self.recipe in ("rename-symbol", "rename-module")


CLICK = Project("click", "8.5.1", 2400)
MARSHMALLOW = Project("marshmallow", "4.4.0", 1100)
ITSDANGEROUS = Project("itsdangerous", "2.2.0", 250)
TINYDB = Project("tinydb", "4.9.0", 180)
TOOLZ = Project("toolz", "1.2.0", 150)
CACHETOOLS = Project("cachetools", "8.0.2", 450)
H11 = Project("h11", "0.16.0", 70)
SQLPARSE = Project("sqlparse", "0.6.1", 500)
TOMLKIT = Project("tomlkit", "0.15.2", 1200, ("pyyaml",))
VOLUPTUOUS = Project("voluptuous", "0.16.0", 160)
WSPROTO = Project("wsproto", "1.3.2", 200)
BOLTONS = Project("boltons", "26.2.0", 500)
SEMVER = Project("semver", "3.1.2", 500)


TWO_STEPS = (
    "definition={name: two-steps, steps: ["
    "{recipe: rename-symbol, with: {old: tinydb.utils.freeze, new: frozen_copy}},"
    ' {recipe: replace-pattern, with: {pattern: "isinstance(obj, $T)", replacement: "issubclass(type(obj), $T)"}}]}'
)
# Each of these is run on several projects here, of the others one: the rest is in the table of docs/shelf.md.
CORE = frozenset(
    {
        "change-signature", "extract-function", "function-to-method", "inline-symbol", "method-to-function",
        "move-module", "move-symbol", "rename-module", "rename-symbol", "replace-call", "replace-import",
    }
)  # fmt: skip


def _rename(project: Project, old: str, new: str, *more: str, sites: int, same_named: int = 0) -> Refactor:
    parameters = (f"old={old}", f"new={new}", *more)
    return Refactor(project, "rename-symbol", parameters, sites, same_named=same_named)


def _rename_module(
    project: Project, old: str, new: str, *more: str, sites: int, same_named: int = 0
) -> Refactor:
    parameters = (f"old={old}", f"new={new}", *more)
    return Refactor(project, "rename-module", parameters, sites, same_named=same_named)


REFACTORS: tuple[Refactor, ...] = (
    _rename(CLICK, "click.testing.Result.output", "printed", sites=467, same_named=100),
    _rename(
        CLICK, "click.testing.CliRunner.isolated_filesystem", "private_filesystem", sites=4, same_named=7
    ),
    _rename(CLICK, "click.utils.echo(err)", "to_stderr", sites=27, same_named=89),
    _rename_module(CLICK, "click._compat", "_platform", "docs=yes", "strings=yes", sites=50),
    Refactor(
        CLICK,
        "function-to-method",
        (
            "function=click.core._check_nested_chain",
            "owner=click.core.Group",
            "name=check_nested_chain",
        ),
        3,
        there=("src/click/core.py: self.check_nested_chain(",),
        gone=("src/click/core.py: _check_nested_chain(self",),
    ),
    _rename(MARSHMALLOW, "marshmallow.exceptions.ValidationError", "InvalidData", sites=436, same_named=13),
    _rename(MARSHMALLOW, "marshmallow.schema.Schema.validate", "find_errors", sites=57, same_named=390),
    _rename(MARSHMALLOW, "marshmallow.schema.Schema.load(partial)", "incomplete", sites=20, same_named=110),
    Refactor(
        MARSHMALLOW,
        "move-module",
        ("module=marshmallow.utils", "to=marshmallow.experimental"),
        4,
        there=("src/marshmallow/fields.py: from marshmallow.experimental import utils",),
    ),
    Refactor(
        MARSHMALLOW,
        "extract-function",
        ("name=_run_schema_validators", "lines=src/marshmallow/schema.py:902-924"),
        1,
        there=(
            "src/marshmallow/schema.py: def _run_schema_validators(\n        self,\n        error_store,",
        ),
    ),
    Refactor(
        MARSHMALLOW,
        "change-signature",
        ("function=marshmallow.utils.set_value", "change=reorder dct, value, key"),
        7,
        there=("src/marshmallow/utils.py: def set_value(dct: dict[str, typing.Any], value",),
    ),
    _rename(ITSDANGEROUS, "itsdangerous.exc.BadSignature", "WrongSignature", sites=27),
    _rename(
        ITSDANGEROUS, "itsdangerous.signer.Signer.get_signature", "make_signature", sites=3, same_named=7
    ),
    _rename(ITSDANGEROUS, "itsdangerous.encoding.want_bytes(encoding)", "charset", sites=3, same_named=20),
    Refactor(
        ITSDANGEROUS,
        "method-to-function",
        ("method=itsdangerous.serializer.Serializer.make_signer",),
        5,
        there=("src/itsdangerous/serializer.py: make_signer(self, salt).sign(payload)",),
        gone=("src/itsdangerous/serializer.py: self.make_signer",),
    ),
    Refactor(
        ITSDANGEROUS,
        "inline-symbol",
        ("symbol=itsdangerous.timed.TimestampSigner.timestamp_to_datetime",),
        5,
        there=("src/itsdangerous/timed.py: return value, datetime.fromtimestamp(ts_int, tz=timezone.utc)",),
        gone=("src/itsdangerous/timed.py: timestamp_to_datetime",),
    ),
    _rename(TINYDB, "tinydb.queries.where", "field", sites=126, same_named=10),
    _rename(TINYDB, "tinydb.database.TinyDB.drop_tables", "remove_tables", sites=22),
    _rename(TINYDB, "tinydb.table.Table.update(doc_ids)", "identifiers", sites=9, same_named=39),
    _rename_module(
        TINYDB, "tinydb.queries", "query_language", "docs=yes", "strings=yes", sites=8, same_named=9
    ),
    Refactor(
        TINYDB,
        "replace-call",
        ("pattern=tinydb.queries.where($K)", "template=tinydb.queries.Query()[$K]"),
        117,
        there=("tests/test_tinydb.py: Query()['int'] == 1",),
        gone=("tests/test_tinydb.py: where(",),
    ),
    Refactor(
        TINYDB,
        "extract-function",
        ("name=_raw_table", "lines=tinydb/table.py:801-805"),
        1,
        there=("tinydb/table.py: raw_table = self._raw_table(tables)",),
    ),
    Refactor(
        TINYDB,
        "replace-pattern",
        ("pattern=isinstance($X, $Y)", "replacement=issubclass(type($X), $Y)"),
        24,
        there=("tinydb/utils.py: if issubclass(type(obj), dict):",),
        gone=("tinydb/utils.py: isinstance(",),
    ),
    Refactor(
        TINYDB,
        "composite",
        (TWO_STEPS,),
        19,
        there=(
            "tinydb/utils.py: return tuple(frozen_copy(el) for el in obj)",
            "tinydb/utils.py: if issubclass(",
        ),
        gone=("tinydb/utils.py: freeze(", "tinydb/utils.py: isinstance("),
    ),
    Refactor(
        TOOLZ,
        "remove-flag",
        ("flag=toolz.functoolz.PYPY", "value=off"),
        2,
        gone=("toolz/functoolz.py: PYPY",),
    ),
    _rename(TOOLZ, "toolz.utils.raises", "does_raise", sites=64, same_named=3),
    _rename(TOOLZ, "toolz.functoolz.curry.bind", "bound_to", sites=8),
    _rename(TOOLZ, "toolz.itertoolz.groupby(seq)", "sequence", sites=2, same_named=130),
    _rename_module(TOOLZ, "toolz.itertoolz", "iteration", "docs=yes", "strings=yes", sites=8, same_named=2),
    Refactor(
        TOOLZ,
        "move-symbol",
        ("symbol=toolz.recipes.countby", "to=toolz.itertoolz", "docs=yes"),
        5,
        there=("toolz/recipes.py: __all__ = ('partitionby',)", "toolz/itertoolz.py: def countby(key, seq):"),
        gone=("toolz/recipes.py: countby",),
    ),
    Refactor(
        TOOLZ,
        "move-module",
        ("module=toolz.recipes", "to=toolz.sandbox", "docs=yes", "strings=yes"),
        4,
        there=("toolz/__init__.py: from .sandbox.recipes import *",),
        gone=("toolz/__init__.py: from .recipes import *",),
    ),
    _rename(
        CACHETOOLS,
        "cachetools.Cache.getsizeof",
        "size_of",
        "docs=yes",
        "unknown_receivers=unique",
        sites=18,
        same_named=33,
    ),
    Refactor(
        CACHETOOLS,
        "change-signature",
        ("function=cachetools.cached", "change=keyword-only info"),
        3,
        there=("src/cachetools/__init__.py: condition=None, *, info=",),
    ),
    Refactor(
        CACHETOOLS,
        "replace-import",
        ("old=collections.abc", "new=typing"),
        13,
        there=("src/cachetools/__init__.py: import typing",),
        gone=("src/cachetools/__init__.py: collections.abc",),
    ),
    Refactor(
        CACHETOOLS,
        "move-symbol",
        ("symbol=cachetools.keys.methodkey", "to=cachetools.methods"),
        15,
        there=("src/cachetools/__init__.py: key=methods.methodkey",),
        gone=("src/cachetools/keys.py: def methodkey",),
        untouched=("src/cachetools/keys.py: def typedmethodkey",),
    ),
    Refactor(
        CACHETOOLS,
        "extract-function",
        ("name=_relink", "lines=src/cachetools/__init__.py:589-597"),
        1,
        there=("src/cachetools/__init__.py: self._relink(key, expires)",),
    ),
    Refactor(
        H11,
        "deprecate-symbol",
        ("symbol=h11._headers.set_comma_header", "since=0.17", "alias=with_comma_header"),
        11,
        there=(
            "h11/_headers.py: def with_comma_header(headers: Headers, name: bytes",
            "h11/_headers.py: return with_comma_header(headers, name, new_values)",
        ),
        gone=("h11/_connection.py: set_comma_header",),
        untouched=("h11/_headers.py: def get_comma_header",),
    ),
    Refactor(H11, "remove-unused", ("kinds=imports",), 14, gone=("h11/_receivebuffer.py: import sys",)),
    Refactor(
        H11,
        "migrate-config",
        ("setup_py=remove",),
        14,
        there=('pyproject.toml: version = {attr = "h11._version.__version__"}',),
        gone=("setup.py: setup(",),
    ),
    Refactor(
        H11,
        "move-symbol",
        ("symbol=h11._util.ProtocolError", "to=h11._errors"),
        5,
        there=("h11/_util.py: from h11._errors import ProtocolError",),
        gone=("h11/_util.py: class ProtocolError",),
        untouched=("h11/_util.py: class LocalProtocolError(ProtocolError)",),
    ),
    Refactor(
        H11,
        "method-to-function",
        ("method=h11._receivebuffer.ReceiveBuffer.is_next_line_obviously_invalid_request_line",),
        3,
        there=("h11/_readers.py: is_next_line_obviously_invalid_request_line(buf)",),
        gone=("h11/_readers.py: buf.is_next_line",),
    ),
    Refactor(
        H11,
        "function-to-method",
        (
            "function=h11._headers.get_comma_header",
            "owner=h11._headers.Headers",
            "name=comma_separated",
        ),
        10,
        there=('h11/_connection.py: event.headers.comma_separated(b"transfer-encoding")',),
        gone=("h11/_connection.py: get_comma_header", "h11/_headers.py: get_comma_header"),
        untouched=("h11/_headers.py: def set_comma_header",),
    ),
    Refactor(
        H11,
        "function-to-method",
        (
            "function=h11._headers.set_comma_header",
            "owner=h11._headers.Headers",
            "name=with_comma_separated",
        ),
        10,
        there=('h11/_connection.py: headers.with_comma_separated(b"connection", sorted(connection))',),
        gone=("h11/_connection.py: set_comma_header",),
        untouched=("h11/_headers.py: def get_comma_header",),
    ),
    Refactor(
        H11,
        "inline-symbol",
        ("symbol=h11._state.ConnectionState.process_client_switch_proposal",),
        11,
        gone=(
            "h11/_connection.py: process_client_switch_proposal",
            "h11/_state.py: def process_client_switch_proposal",
        ),
    ),
    Refactor(
        H11,
        "change-signature",
        ("function=h11._headers.get_comma_header", "change=reorder name, headers"),
        8,
        there=('h11/_connection.py: get_comma_header(b"transfer-encoding", event.headers)',),
        untouched=("h11/_connection.py: set_comma_header(headers, b",),
    ),
    _rename(
        SQLPARSE, "sqlparse.exceptions.SQLParseError", "SqlSyntaxError", "docs=yes", sites=57, same_named=9
    ),
    _rename_module(SQLPARSE, "sqlparse.tokens", "kinds", "docs=yes", sites=919, same_named=637),
    Refactor(
        SQLPARSE,
        "move-module",
        ("module=sqlparse.lexer", "to=sqlparse.engine", "docs=yes"),
        7,
        there=("sqlparse/engine/filter_stack.py: from sqlparse.engine import lexer",),
        untouched=("sqlparse/engine/filter_stack.py: lexer.tokenize(",),
    ),
    Refactor(
        SQLPARSE,
        "move-module",
        ("module=sqlparse.formatter", "to=sqlparse.filters", "docs=yes"),
        2,
        there=("sqlparse/__init__.py: from sqlparse.filters import formatter",),
    ),
    Refactor(
        SQLPARSE,
        "change-signature",
        ("function=sqlparse.utils.imt", "change=rename i instance", "change=rename t kind"),
        23,
        there=("sqlparse/utils.py: def imt(token, instance=None, m=None, kind=None):",),
        gone=("sqlparse/utils.py: isinstance(token, i)",),
        untouched=("sqlparse/sql.py: def token_next_by(self, i=None, m=None, t=None",),
    ),
    Refactor(
        SQLPARSE,
        "method-to-function",
        ("method=sqlparse.sql.Statement.get_type",),
        13,
        there=("tests/test_grouping.py: assert sql.get_type(f('update foo')) == 'UPDATE'",),
    ),
    _rename(TOMLKIT, "tomlkit.api.table", "new_table", "docs=yes", sites=36, same_named=352),
    Refactor(
        TOMLKIT,
        "replace-call",
        ("pattern=tomlkit.api.parse($X)", "template=tomlkit.api.loads($X)"),
        202,
        there=("tests/test_api.py: parsed = tomlkit.api.loads(content)",),
        untouched=("tomlkit/api.py: return parse(string)", "tomlkit/api.py: Parser(string).parse()"),
    ),
    Refactor(
        TOMLKIT,
        "inline-symbol",
        ("symbol=tomlkit.container._is_empty_aot",),
        5,
        gone=("tomlkit/container.py: _is_empty_aot",),
        untouched=("tomlkit/container.py: _render_empty_aot",),
    ),
    Refactor(
        TOMLKIT,
        "function-to-method",
        (
            "function=tomlkit.container._emits_header",
            "owner=tomlkit.items.Table",
            "parameter=table",
        ),
        3,
        there=("tomlkit/items.py: def _emits_header(self, key",),
        gone=("tomlkit/container.py: def _emits_header",),
    ),
    Refactor(
        TOMLKIT,
        "replace-import",
        ("old=typing.Callable", "new=collections.abc.Callable"),
        3,
        there=("tomlkit/parser.py: from collections.abc import Callable",),
        gone=("tomlkit/parser.py: from typing import Callable",),
        untouched=("tomlkit/parser.py: from typing import Any",),
    ),
    _rename(VOLUPTUOUS, "voluptuous.error.Invalid", "NotValid", "docs=yes", sites=136, same_named=27),
    Refactor(
        VOLUPTUOUS,
        "move-symbol",
        ("symbol=voluptuous.validators.Unordered", "to=voluptuous.unordered"),
        3,
        there=("voluptuous/unordered.py: class Unordered(object):",),
        gone=("voluptuous/validators.py: class Unordered",),
    ),
    Refactor(
        VOLUPTUOUS,
        "inline-symbol",
        ("symbol=voluptuous.schema_builder._isnamedtuple",),
        2,
        there=("voluptuous/schema_builder.py: isinstance(data, tuple) and hasattr(data, '_fields')",),
        gone=("voluptuous/schema_builder.py: _isnamedtuple",),
    ),
    Refactor(
        VOLUPTUOUS,
        "method-to-function",
        ("method=voluptuous.validators.Number._get_precision_scale",),
        2,
        there=("voluptuous/validators.py: \ndef _get_precision_scale(",),
        gone=("voluptuous/validators.py: self._get_precision_scale(",),
    ),
    Refactor(
        VOLUPTUOUS,
        "extract-function",
        ("name=_merge_schema", "lines=voluptuous/schema_builder.py:738-761"),
        1,
        there=(
            "voluptuous/schema_builder.py: self._merge_schema(schema, key_literal, result_key_map, result)",
        ),
    ),
    Refactor(
        VOLUPTUOUS,
        "modernize-syntax",
        ("target=3.10",),
        190,
        there=(
            "voluptuous/util.py: class Set:",
            "voluptuous/error.py: path: list[collections.abc.Hashable] | None",
        ),
        gone=("voluptuous/util.py: class Set(object):",),
        untouched=("voluptuous/schema_builder.py: 'Schema',",),
    ),
    _rename(WSPROTO, "wsproto.frame_protocol.CloseReason", "CloseCode", "docs=yes", sites=93),
    Refactor(
        WSPROTO,
        "bump-dependency",
        ("name=pytest", "to=8.4"),
        1,
        there=('pyproject.toml: "pytest>=8.4,<9"',),
        gone=('pyproject.toml: "pytest>=8.3.3,<9"',),
    ),
    Refactor(
        WSPROTO,
        "move-symbol",
        ("symbol=wsproto.frame_protocol.CloseReason", "to=wsproto.codes"),
        59,
        there=("src/wsproto/codes.py: class CloseReason(IntEnum):",),
        gone=("src/wsproto/frame_protocol.py: class CloseReason",),
    ),
    Refactor(
        WSPROTO,
        "change-signature",
        ("function=wsproto.frame_protocol.FrameProtocol.close", "change=keyword-only reason"),
        2,
        there=("src/wsproto/frame_protocol.py: *, reason: str | None",),
    ),
    Refactor(
        WSPROTO,
        "method-to-function",
        ("method=wsproto.frame_protocol.FrameProtocol._serialize_frame",),
        5,
        there=("src/wsproto/frame_protocol.py: return _serialize_frame(",),
        gone=("src/wsproto/frame_protocol.py: self._serialize_frame(",),
    ),
    Refactor(
        WSPROTO,
        "inline-symbol",
        ("symbol=wsproto.utilities.split_comma_header",),
        6,
        gone=("src/wsproto/utilities.py: split_comma_header", "src/wsproto/handshake.py: split_comma_header"),
    ),
    Refactor(
        BOLTONS,
        "print-to-logging",
        ("level=info",),
        15,
        there=(
            "boltons/cacheutils.py: logger = logging.getLogger(__name__)",
            "boltons/iterutils.py: logger.info(' .. remap exit result: %s', value)",
        ),
        gone=("boltons/debugutils.py: print(tmpl % fargs)",),
        untouched=("boltons/jsonutils.py: print(",),
    ),
    Refactor(
        BOLTONS,
        "unittest-to-pytest",
        ("classes=convert",),
        79,
        there=(
            "tests/test_strutils.py: class TestMultiReplace:",
            "tests/test_ioutils.py: with pytest.raises(TypeError):",
        ),
        gone=("tests/test_strutils.py: TestCase",),
        untouched=("tests/test_ioutils.py: (TestCase, ",),
    ),
    _rename(BOLTONS, "boltons.iterutils.one", "only", "docs=yes", sites=11, same_named=96),
    Refactor(
        BOLTONS,
        "replace-call",
        ("pattern=os.path.join($A, $B)", "template=str(pathlib.Path($A) / $B)"),
        9,
        there=("boltons/fileutils.py: import pathlib",),
    ),
    Refactor(
        BOLTONS,
        "method-to-function",
        ("method=boltons.mathutils.Bits.as_hex",),
        6,
        there=("boltons/mathutils.py: \ndef as_hex(",),
        gone=("boltons/mathutils.py: self.as_hex",),
        untouched=("boltons/mathutils.py:     def as_bin(self)",),
    ),
    Refactor(
        BOLTONS,
        "replace-import",
        ("old=collections.abc.Mapping", "new=typing.Mapping"),
        3,
        there=("boltons/iterutils.py: from typing import Mapping",),
    ),
    Refactor(
        BOLTONS,
        "move-symbol",
        ("symbol=boltons.strutils.bytes2human", "to=boltons.sizes", "with_helpers=yes"),
        5,
        there=("boltons/sizes.py: def bytes2human(",),
        gone=("boltons/strutils.py: def bytes2human(",),
    ),
    Refactor(
        SEMVER,
        "replace-call",
        (
            "pattern=semver._deprecated.compare($A, $B)",
            "template=semver.version.Version.parse($A).compare($B)",
        ),
        18,
        there=("tests/test_bump.py: semver.version.Version.parse(version).compare(expected) == 0",),
        untouched=("src/semver/version.py: def compare(self",),
    ),
    _rename_module(SEMVER, "semver._deprecated", "legacy", "docs=yes", sites=19),
    Refactor(
        SEMVER,
        "replace-import",
        ("old=typing.Dict", "new=builtins.dict"),
        2,
        gone=("src/semver/version.py:     Dict,",),
    ),
    Refactor(
        SEMVER,
        "method-to-function",
        ("method=semver.version.Version._increment_string", "name=increment_string"),
        3,
        there=("src/semver/version.py: \ndef increment_string(string: str) -> str:",),
        gone=("src/semver/version.py: cls._increment_string(",),
        untouched=("src/semver/version.py:     def _increment_prerelease(string: str)",),
    ),
    Refactor(
        SEMVER,
        "move-symbol",
        ("symbol=semver._deprecated.deprecated", "to=semver.deprecation"),
        3,
        there=(
            "src/semver/deprecation.py: def deprecated(",
            "src/semver/_deprecated.py: from .deprecation import deprecated",
        ),
        gone=("src/semver/_deprecated.py: def deprecated(",),
    ),
)
