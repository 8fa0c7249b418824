"""Makes a function a method of the class that one of its parameters takes, and its calls calls of the method."""

from overhaul.refactors.recipes.function_to_method.recipe import FunctionToMethod

__all__ = ["FunctionToMethod"]
