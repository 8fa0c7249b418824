"""What the files of a tree are to each other: imports, calls, inheritance, what is public, who owns it."""
