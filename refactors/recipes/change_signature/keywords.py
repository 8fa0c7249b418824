"""Keywords that reach a removed parameter in a roundabout way: through `**keywords` that are handed on."""

from __future__ import annotations

import ast
from collections.abc import Collection

from overhaul.refactors.annotations import last_name
from overhaul.refactors.inference import Inference
from overhaul.refactors.recipes.change_signature.definitions import Definitions
from overhaul.refactors.recipes.change_signature.report import Report
from overhaul.refactors.symbols.callees import Callees


def report_handed_on(
    inference: Inference, definitions: Definitions, seen: Collection[ast.Call], report: Report
) -> None:
    """Report the keywords of other calls that functions with `**keywords` hand on to a removed parameter."""
    for removed in definitions.primary.removed:
        if not removed.kind.takes_keyword:
            continue
        functions = [
            each.function
            for each in definitions.by_node.values()
            if any(gone.name == removed.name for gone in each.change.removed)
        ]
        callees = Callees(inference, functions, removed.name)
        for module in inference.project.containing([removed.name]):
            for keyword, _ in module.bindings.keywords.get(removed.name, ()):
                call = module.bindings.parents[keyword]
                if not isinstance(call, ast.Call) or call in seen or last_name(call.func) in callees.names:
                    continue
                accepted, reason = callees.judge(module, call)
                if accepted is not False:
                    report.leave(module, keyword, f"{reason}; it may be handed on to the removed parameter")
        for function in callees.forwarders():
            for constant in callees.keys_in(function):
                report.leave(
                    function.module, constant, "key of keywords that are handed on to the removed parameter"
                )
