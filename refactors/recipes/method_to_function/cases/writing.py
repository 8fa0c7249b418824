"""What the cases have in common."""

from __future__ import annotations

from overhaul.refactors.cases import CaseWriter

GREET = {"method": "users.User.greet"}

case = CaseWriter("users.py")
