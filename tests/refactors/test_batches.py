"""Batches are deterministic, and a breaking file is found among many."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overhaul.refactors.batches import breaking_files, make_batches
from overhaul.refactors.graph.components import components


def test_edits_that_belong_together_are_one_batch():
    assert make_batches({"b.py", "a.py"}, independent=False, max_files=1) == (("a.py", "b.py"),)


def test_independent_edits_are_packed_in_path_order():
    assert make_batches(["c", "a", "b", "a"], independent=True, max_files=2) == (("a", "b"), ("c",))


def test_nothing_to_edit_gives_no_batch():
    assert make_batches([], independent=False, max_files=2) == ()
    assert make_batches([], independent=True, max_files=2) == ()


def test_batch_of_no_files_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        make_batches(["a"], independent=True, max_files=0)


def test_imported_files_come_first_also_through_files_without_edits():
    dependencies = {"a": ["m"], "m": ["z"], "z": ["q"]}
    assert make_batches(["a", "b", "z"], True, 1, dependencies) == (("z",), ("a",), ("b",))


def test_cycle_is_broken_the_same_way_each_time():
    dependencies = {"a": {"b", "c"}, "b": {"a"}, "c": {"b"}}
    assert make_batches("cba", True, 1, dependencies) == make_batches("abc", True, 1, dependencies)
    assert sorted(itertools.chain(*make_batches("abc", True, 2, dependencies))) == ["a", "b", "c"]


def test_long_chain_of_imports_is_no_problem():
    dependencies = {str(number): [str(number + 1)] for number in range(5_000)}
    assert make_batches(["0", "5000"], True, 1, dependencies) == (("5000",), ("0",))


def asked(batch, culprits):
    questions = []

    def passes(paths):
        questions.append(paths)
        return not culprits.intersection(paths)

    return breaking_files(batch, passes), questions


@pytest.mark.parametrize("size", [1, 2, 3, 8, 13])
def test_every_set_of_culprits_is_found_and_nothing_is_asked_twice(size):
    batch = tuple(f"{number:02}" for number in range(size))
    sets = [set(each) for count in range(1, 4) for each in itertools.combinations(batch, count)]
    for culprits in sets:
        found, questions = asked(batch, culprits)
        assert set(found) == culprits
        assert len(questions) == len(set(questions))
        assert batch not in questions
        assert len(questions) <= 2 * len(culprits) * math.ceil(math.log2(size) + 1)


def test_files_that_break_only_together_lose_one():
    def passes(paths):
        return not {"a", "d"} <= set(paths)

    assert breaking_files(("a", "b", "c", "d"), passes) == ("d",)


def test_empty_batch_has_no_culprit():
    assert asked((), set())[0] == ()


def test_files_of_a_cycle_are_one_batch_if_it_can_hold_them():
    dependencies = {"a": ["b"], "b": ["c", "x"], "c": ["a"], "d": ["a"]}
    assert make_batches("abcdx", True, 3, dependencies) == (("x",), ("a", "b", "c"), ("d",))
    assert make_batches("abcdx", True, 4, dependencies) == (("x", "a", "b", "c"), ("d",))


def test_a_cycle_through_files_without_edits_keeps_its_files_together():
    dependencies = {"a": ["m"], "m": ["b"], "b": ["a", "z"]}
    assert make_batches(["a", "b", "z"], True, 2, dependencies) == (("z",), ("a", "b"))


def test_a_cycle_larger_than_a_batch_is_divided():
    dependencies = {"a": ["b"], "b": ["c"], "c": ["a"]}
    assert make_batches("abc", True, 2, dependencies) == (("a", "b"), ("c",))


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4)),
    st.sets(st.sampled_from("abcdefgh")),
    st.integers(1, 5),
)
def test_batches_hold_every_file_once_and_no_more_than_they_may(dependencies, paths, size):
    batches = make_batches(paths, True, size, dependencies)
    assert sorted(itertools.chain(*batches)) == sorted(paths)
    assert all(0 < len(batch) <= size for batch in batches)
    order = {path: at for at, path in enumerate(itertools.chain(*batches))}
    components_of = {path: group for group in components("abcdefgh", dependencies) for path in group}
    for source, targets in dependencies.items():
        for target in targets:
            if source in paths and target in paths and target not in components_of[source]:
                assert order[target] < order[source]
