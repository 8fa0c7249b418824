"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = ("x",)
REPORTS = ("x",)
OUT_OF_REACH = ("x",)
