"""`python -m overhaul.flows.command_line`: the command for those who know an interpreter and not where scripts are."""

from overhaul.flows.command_line.main import run

run()
