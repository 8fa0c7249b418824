"""Symbols of a tree: what a name means, the classes and functions that belong together, and all uses."""
