"""Hard code in small samples: every line is renamed, kept, reported or noted as it says itself."""

import sys

import pytest

from .marked_samples import check
from .rename_samples import (
    Sample,
    fields,
    imports,
    language,
    made_classes,
    stand_ins,
    strings,
    values,
)

SAMPLES = [
    *fields.SAMPLES,
    *imports.SAMPLES,
    *language.SAMPLES,
    *made_classes.SAMPLES,
    *stand_ins.SAMPLES,
    *strings.SAMPLES,
    *values.SAMPLES,
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_line_of_a_sample_does_what_it_says(sample: Sample) -> None:
    if sys.version_info < sample.python:
        pytest.skip(f"the sample needs the syntax of Python {sample.python}")
    check(sample.files, sample.old, sample.new)


@pytest.mark.parametrize("statement", ["from s{0} import f", "from s{0} import *"])
def test_chains_of_re_exports_may_be_longer_than_the_stack(statement: str) -> None:
    files = {f"s{number}.py": statement.format(number + 1) + "\n" for number in range(1200)}
    files |= {"s1200.py": "def f(): ...\n", "a.py": "from s0 import f\nimport s0\nf()\ns0.f()\n"}
    check(files, "s1200.f")


def test_a_chain_of_base_classes_may_be_longer_than_the_stack() -> None:
    classes = "".join(f"class C{number + 1}(C{number}): ...\n" for number in range(250))
    check({"m.py": f"class C0:\n    def f(self): ...\n{classes}C250().f()\n"}, "m.C0.f")
