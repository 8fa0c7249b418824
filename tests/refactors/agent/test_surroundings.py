"""What a model is told of the code around leftover sites: from real graphs of small trees."""

from __future__ import annotations

from overhaul.refactors.agent.surroundings import MOST_CHARACTERS, MOST_LINES, surroundings
from overhaul.refactors.agent.tasks import leftovers_task
from overhaul.refactors.graph.repository import RepositoryGraph
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Site

SHOP = """\
def price(item):
    return item.cost


class Cart:
    def total(self, items):
        return sum(getattr(x, "price")() for x in items) + price(items[0])


def order(cart: Cart):
    return cart.total([])


def twice(cart: Cart):
    return cart.total([]) + cart.total([])
"""
TESTS = """\
from shop.prices import Cart, order, price


def test_order():
    assert order(Cart()) == 0


def test_price():
    assert price(1)
"""
FILES = {
    "shop/__init__.py": "",
    "shop/prices.py": SHOP,
    "tests/test_prices.py": TESTS,
    "README.md": "`price`\n",
}
PRICE = "shop.prices.price"


def site(path: str, line: int, symbol: str = PRICE) -> Site:
    return Site(path, line, 1, symbol, "unresolved", "a name in a string")


def told(files: dict[str, str], *sites: Site) -> str:
    tree = MemoryTree(files)
    return surroundings(RepositoryGraph(tree), sites, tree.read)


def test_definition_callers_and_tests_of_a_site_are_told() -> None:
    text = told(FILES, site("shop/prices.py", 7), site("README.md", 1))
    assert (
        text
        == """\
What they have to do with, before the recipe's edits:

shop.prices.price (shop/prices.py:1)
    1 def price(item):
    2     return item.cost
  called by shop.prices.Cart.total (shop/prices.py:7)
  tested by tests.test_prices.test_price (tests/test_prices.py), tests.test_prices.test_order (tests/test_prices.py)

shop.prices.Cart.total (shop/prices.py:6, holds 1 of them)
    6     def total(self, items):
    7         return sum(getattr(x, "price")() for x in items) + price(items[0])
  called by shop.prices.twice (shop/prices.py:15), shop.prices.order (shop/prices.py:11)
  tested by tests.test_prices.test_order (tests/test_prices.py)"""
    )
    assert leftovers_task("Go.", "x", [], lambda _: b"", text).endswith(f"\n\n{text}")


def test_nothing_is_told_where_nothing_is_known() -> None:
    assert told(FILES, site("README.md", 1, "elsewhere.price")) == ""
    assert told({"a.py": "def broken(:\n"}, site("a.py", 1, "a.broken")) == ""
    assert told({"a.py": "x = " + "(" * 5000 + ")" * 5000}, site("a.py", 1, "a.x")) == ""


def test_order_of_sites_does_not_matter_and_the_most_used_comes_first() -> None:
    inner = "def outer():\n    def inner():\n        return 'f'\n    return inner\n\n\ndef f():\n    return 'f', 'f'\n"
    sites = [site("a.py", 3, "a.f"), site("a.py", 8, "a.f"), site("a.py", 8, "a.f")]
    text = told({"a.py": inner}, *sites)
    assert text == told({"a.py": inner}, *reversed(sites))
    assert text.index("a.f (a.py:7, holds 2 of them)") < text.index("a.outer.<locals>.inner (a.py:2, holds 1")


def test_what_is_told_is_bounded() -> None:
    body = "".join(f"    x = {number}{' ' * 300}\n" for number in range(60))
    many = "".join(f"def f{number}():\n{body}\n\n" for number in range(300))
    sites = [site("a.py", 3 + number * 63, "a.g") for number in range(300)]
    text = told({"a.py": many}, *sites)
    assert len(text) < MOST_CHARACTERS + 500
    assert text.endswith("more definitions hold such places; ask the symbols tool]")
    long = told({"a.py": f"def f():\n{body}"}, site("a.py", 3, "a.f"))
    assert f"[{61 - MOST_LINES} more lines]" in long
