"""Modules that the standard library had: reported with what is there instead, replaced where that is the same."""

from __future__ import annotations

import ast

from overhaul.refactors.annotations import last_name
from overhaul.refactors.modules import Location
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile
from overhaul.refactors.recipes.replace_import.imports import FileImports
from overhaul.refactors.recipes.replace_import.replacement import Replacement

# What has been removed, in which version, and what its documentation or PEP 594 and 632 name instead.
REMOVED: dict[str, tuple[str, str]] = {
    "_dummy_thread": ("3.9", "_thread"),
    "dummy_threading": ("3.9", "threading"),
    "formatter": ("3.10", ""),
    "parser": ("3.10", "ast"),
    "symbol": ("3.10", "ast"),
    "binhex": ("3.11", ""),
    "asynchat": ("3.12", "asyncio, or pyasynchat from the package index"),
    "asyncore": ("3.12", "asyncio, or pyasyncore from the package index"),
    "distutils": ("3.12", "setuptools, packaging, shutil, sysconfig or subprocess"),
    "imp": ("3.12", "importlib"),
    "smtpd": ("3.12", "aiosmtpd from the package index"),
    "aifc": ("3.13", ""),
    "audioop": ("3.13", "audioop-lts from the package index"),
    "cgi": ("3.13", "urllib.parse, email.message, or multipart from the package index"),
    "cgitb": ("3.13", "traceback"),
    "chunk": ("3.13", ""),
    "crypt": ("3.13", "hashlib, or legacycrypt, bcrypt or argon2-cffi from the package index"),
    "imghdr": ("3.13", "filetype, puremagic or python-magic from the package index"),
    "lib2to3": ("3.13", "libcst or parso from the package index"),
    "mailcap": ("3.13", "mimetypes"),
    "msilib": ("3.13", ""),
    "nis": ("3.13", ""),
    "nntplib": ("3.13", "pynntp from the package index"),
    "ossaudiodev": ("3.13", "pygame from the package index"),
    "pipes": ("3.13", "subprocess; shlex.quote for pipes.quote"),
    "sndhdr": ("3.13", "filetype or puremagic from the package index"),
    "spwd": ("3.13", "python-pam from the package index"),
    "sunau": ("3.13", ""),
    "telnetlib": ("3.13", "telnetlib3 or exscript from the package index"),
    "uu": ("3.13", "base64"),
    "xdrlib": ("3.13", ""),
}
# The same functions, as the old modules' own sources import or call them.
_SAME = {
    "imp.reload": "importlib.reload",
    "imp.cache_from_source": "importlib.util.cache_from_source",
    "imp.source_from_cache": "importlib.util.source_from_cache",
    "pipes.quote": "shlex.quote",
}
_GUARDS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def removed_modules(file: ModernFile) -> None:
    """Replace what has the same function elsewhere, and report every other import of a removed module."""
    file.rewrite.symbol = file.rule
    for old, new in _SAME.items():
        top = old.partition(".")[0]
        if top.encode() in file.source.content and not _is_own(file, top):
            FileImports(file.project, file.rewrite, Replacement(old, new), collapse=False).follow()
    for statement, _ in file.module.bindings.imports:
        for alias in statement.names:
            name = _module(statement, alias)
            top = name.partition(".")[0]
            if top not in REMOVED or _is_own(file, top) or _goes(file, statement, alias):
                continue
            version, instead = REMOVED[top]
            hint = f"; instead: {instead}" if instead else ""
            guard = ", inside a try that allows for that" if _is_guarded(file, statement) else ""
            file.leave(alias, f"'{top}' is not in Python since {version}{guard}{hint}")


def _module(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    if isinstance(statement, ast.Import):
        return alias.name
    return "" if statement.level else statement.module or ""


def _is_own(file: ModernFile, top: str) -> bool:
    return isinstance(file.project.absolute(file.module, top), Location)


def _goes(file: ModernFile, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> bool:
    return alias in file.rewrite.taken.get(statement, {})


def _is_guarded(file: ModernFile, statement: ast.stmt) -> bool:
    above = file.parent(statement)
    while above is not None:
        if isinstance(above, ast.Try):
            for handler in above.handlers:
                caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
                if any(each is None or last_name(each) in _GUARDS for each in caught):
                    return True
        above = file.parent(above)
    return False
