"""Cycles and layers, against definitions worked out the slow way."""

from hypothesis import given
from hypothesis import strategies as st

from overhaul.refactors.graph.components import components, layers

NODES = st.integers(min_value=0, max_value=9)
EDGES = st.dictionaries(NODES, st.lists(NODES, max_size=5), max_size=10)


def reachable(edges: dict[int, list[int]]) -> dict[int, set[int]]:
    found = {node: {node} for node in range(10)}
    for _ in range(10):
        for node in found:
            found[node] |= {far for near in edges.get(node, ()) for far in found[near]}
    return found


@given(EDGES)
def test_components_are_the_nodes_that_reach_each_other(edges: dict[int, list[int]]) -> None:
    reach = reachable(edges)
    found = components(range(10), edges)
    assert sorted(node for component in found for node in component) == list(range(10))
    for component in found:
        for node in component:
            assert set(component) == {
                other for other in range(10) if other in reach[node] and node in reach[other]
            }


@given(EDGES)
def test_what_an_edge_leads_to_comes_first(edges: dict[int, list[int]]) -> None:
    place = {node: at for at, component in enumerate(components(range(10), edges)) for node in component}
    for source, targets in edges.items():
        assert all(place[target] <= place[source] for target in targets)


@given(EDGES)
def test_a_layer_is_one_above_the_highest_below(edges: dict[int, list[int]]) -> None:
    ordered = components(range(10), edges)
    layer = layers(ordered, edges)
    for component in ordered:
        below = [
            layer[target] for node in component for target in edges.get(node, ()) if target not in component
        ]
        assert {layer[node] for node in component} == {max(below, default=-1) + 1}


@given(EDGES, st.permutations(range(10)))
def test_the_order_of_nodes_decides_nothing_but_order(edges: dict[int, list[int]], nodes: list[int]) -> None:
    assert {frozenset(each) for each in components(nodes, edges)} == {
        frozenset(each) for each in components(range(10), edges)
    }


def test_long_chain_and_long_cycle_need_no_recursion() -> None:
    chain = {number: [number + 1] for number in range(50_000)}
    assert len(components([0], chain)) == 50_001
    assert layers(components([0], chain), chain)[0] == 50_000
    assert len(components([0], chain | {50_000: [0]})) == 1
