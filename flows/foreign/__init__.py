"""Everybody else's codemods as recipes: commands, linters with fixes, ast-grep rules, recipes from other packages."""
