"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "the same text: constants in the message, everything else by `%s`, as `print` calls `str`",
    "the file's own logger is used, or one is made below the imports under a name that is free",
    "`file=sys.stderr` has a level of its own; `sep` and `flush` that are constants are taken over",
)
REPORTS = (
    'output of scripts and commands: in `if __name__ == "__main__"`, what that calls, click commands, tests',
    "`end`, other files, unpacked arguments, empty lines, `print` as a value",
    "prints above the place where the logger is made; comments that would be lost",
)
OUT_OF_REACH = (
    "who reads what is printed: a test with capsys, another program on a pipe",
    "whether the application shows the level: without a configuration logging shows warnings and worse",
)
