"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "what each of its recipes proves, over the files as the steps before have left them",
    "all parameters, before the first step is taken",
    "a file that several steps change gets one edit, and each site is told at its place in the file as it was",
)
REPORTS = (
    "what each of its recipes reports, unless a later step changes that place",
    "which step has found a site",
)
OUT_OF_REACH = (
    "steps whose preconditions are not true are left out, which is no site",
    "a dependency that is only in a lock file, or computed in a setup.py, is none for a precondition",
)
