"""The recipe itself: the prints of every file, and the edits of those that become records."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Analysis, Edit, Failure, Recipe, content_hash, parameter
from overhaul.refactors.recipes.print_to_logging.cases import CASES
from overhaul.refactors.recipes.print_to_logging.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.print_to_logging.loggers import Logger, find_logger, reaches, with_logger
from overhaul.refactors.recipes.print_to_logging.messages import message_of
from overhaul.refactors.recipes.print_to_logging.places import called_by_main, output_of_file, output_of_place
from overhaul.refactors.scopes import Scope
from overhaul.refactors.source import Tree
from overhaul.refactors.text import collector_paused, parse_source

_LONGEST_LINE = 100


@dataclass(frozen=True, slots=True)
class Parameters:
    """At which levels, by which logger, and what of the output for people."""

    level: Literal["debug", "info", "warning", "error"] = parameter("of what is printed", default="info")
    stderr_level: Literal["debug", "info", "warning", "error"] = parameter(
        "of what is printed to sys.stderr", default="warning"
    )
    logger: str = parameter("what a new logger is called, where a file has none", default="logger")
    output: Literal["report", "edit"] = parameter(
        "output of scripts, commands and tests: report it, or make records of it as well", default="report"
    )


class PrintToLogging(Recipe):
    id = "print-to-logging"
    summary = "Make records of the module's logger of what a library prints"
    Parameters = Parameters
    independent_edits = True
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Log at level {self.parameters.level} what was printed"

    def analyse(self, tree: Tree) -> Analysis:
        """Look at every call of the builtin, file by file."""
        if not self.parameters.logger.isidentifier():
            raise ParameterError(f"logger {self.parameters.logger!r} is no name. Write one such as 'log'")
        project = Project(tree)
        with collector_paused():
            files = [
                _File(project, module, self.parameters, FileRewrite(project, module, "print"))
                for module in project.containing(["print"])
                if module.path.endswith(".py")
            ]
            outcomes = [file.outcome() for file in files]
        sites = [site for file in files for site in file.rewrite.sites.values()]
        edits = [each for each in outcomes if isinstance(each, Edit)]
        return self.analysis(project, sites, edits, [each for each in outcomes if isinstance(each, Failure)])


@dataclass(slots=True)
class _File:
    """One file under analysis."""

    project: Project
    module: Module
    parameters: Parameters
    rewrite: FileRewrite

    def outcome(self) -> Edit | Failure | None:
        """Note the file's sites and return its edit."""
        uses = [
            (node, scope) for node, scope in self.module.bindings.names.get("print", ()) if _is_builtin(scope)
        ]
        logger = find_logger(self.project, self.module, self.parameters.logger) if uses else None
        called = called_by_main(self.module)
        for node, scope in uses:
            doubt = self._record(node, scope, called, logger)
            if doubt is not None:
                self.rewrite.leave(self.module.source.start(node), doubt.reason)
        if not self.rewrite.is_changed or not isinstance(logger, Logger):
            return None
        try:
            return self._edited(logger)
        except UnicodeEncodeError as error:
            return self._withdrawn(
                f"its encoding has not all characters of the logger's name: {error.reason}"
            )

    def _record(
        self, node: ast.Name, scope: Scope, called: frozenset[str], logger: Logger | Doubt | None
    ) -> Doubt | None:
        """Replace one print; a Doubt says why it stays."""
        bindings, source = self.module.bindings, self.module.source
        call = bindings.parents.get(node)
        if not isinstance(call, ast.Call) or call.func is not node:
            return Doubt("print is used as a value")
        if not isinstance(bindings.parents.get(call), ast.Expr):
            return Doubt("the call is part of an expression")
        output = output_of_file(self.module.path) or output_of_place(self.module, call, called)
        if output and self.parameters.output == "report":
            return Doubt(f"output for a person: {output}; -p output=edit makes records of it as well")
        message = message_of(self.project, self.module, call)
        if isinstance(message, Doubt):
            return message
        if not isinstance(logger, Logger):
            return logger
        if source.start(call) < logger.offset and not _runs_later(scope):
            return Doubt("above the place where the logger is made")
        if not reaches(logger, scope):
            return Doubt(f"'{logger.name}' means something else here")
        level = self.parameters.stderr_level if message.to_stderr else self.parameters.level
        text = self._call_text(call, f"{logger.name}.{level}", message.arguments)
        self.rewrite.replace((source.start(call), source.end(call)), text, f"printed text at level {level}")
        return None

    def _call_text(self, call: ast.Call, callee: str, arguments: tuple[str, ...]) -> str:
        """Return the new call, on one line if it was and fits."""
        text = f"{callee}({', '.join(arguments)})"
        if call.col_offset + len(text) <= _LONGEST_LINE or len(arguments) == 1:
            return text
        starts = self.module.source.line_starts
        before = self.module.source.slice(starts[call.lineno - 1], self.module.source.start(call))
        if before.strip():
            return text
        end = "\r\n" if b"\r\n" in self.module.source.content else "\n"
        inner = f",{end}{before}    ".join(arguments)
        return f"{callee}({end}{before}    {inner},{end}{before})"

    def _edited(self, logger: Logger) -> Edit | Failure:
        """Return the edit: first imports and calls, then the new logger below the imports."""
        source = self.module.source
        if logger.needs_import:
            self.rewrite.import_on_top([ImportStatement("logging")])
        edit = self.rewrite.edit()
        assert edit is not None  # noqa: S101 - something is changed
        content = edit.content
        parsed = parse_source(self.module.path, content)
        if not isinstance(parsed, Failure) and logger.maker:
            module = Module(
                self.module.path, self.module.key, self.module.name, parsed, ModuleBindings(parsed)
            )
            content = with_logger(module, logger)
            parsed = parse_source(self.module.path, content)
        if isinstance(parsed, Failure):
            return self._withdrawn(parsed.error)
        return Edit(self.module.path, content_hash(source.content), content, edit.sites)

    def _withdrawn(self, error: str) -> Failure:
        self.rewrite = self.rewrite.withdrawn(error)
        return Failure(self.module.path, f"is left as it is, because the edited file {error}")


def _is_builtin(scope: Scope) -> bool:
    return scope.lookup("print") is None


def _runs_later(scope: Scope) -> bool:
    current: Scope | None = scope
    while current is not None:
        if current.kind == "function":
            return True
        current = current.parent
    return False
