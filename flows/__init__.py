"""When and who: flows, tasks, gates, git, forges, ledger and the command line."""
