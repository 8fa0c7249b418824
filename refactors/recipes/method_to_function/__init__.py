"""Makes a method a function of the module, and its calls calls of that function."""

from overhaul.refactors.recipes.method_to_function.recipe import MethodToFunction

__all__ = ["MethodToFunction"]
