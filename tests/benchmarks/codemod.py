"""A codemod as a user writes it with LibCST, which the benchmark runs by LibCST's own tool and by overhaul."""

import libcst as cst
from libcst import matchers as m
from libcst.codemod import VisitorBasedCodemodCommand

_JOIN = m.Attribute(value=m.Attribute(value=m.Name("os"), attr=m.Name("path")), attr=m.Name("join"))


class JoinToNormpath(VisitorBasedCodemodCommand):
    """os.path.join(...) becomes os.path.normpath(...)."""

    @m.leave(m.Call(func=_JOIN))
    def change(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        return updated_node.with_changes(func=cst.parse_expression("os.path.normpath"))
