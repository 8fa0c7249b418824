"""Forms in a notebook: explore a repository, answer a gate, search logs, write a recipe (`overhaul[notebooks]`)."""
