"""What the cases have in common."""

from __future__ import annotations

from overhaul.refactors.cases import CaseWriter

GREET = {"function": "users.greet", "owner": "users.User"}

case = CaseWriter("users.py")
