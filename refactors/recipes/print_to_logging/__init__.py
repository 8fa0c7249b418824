"""`print-to-logging`: what a library prints goes to its module's logger."""

from overhaul.refactors.recipes.print_to_logging.recipe import PrintToLogging

__all__ = ["PrintToLogging"]
