"""`python -m overhaul.flows.command_line`: the command where no script is installed."""

from overhaul.flows.command_line.main import run

run()
