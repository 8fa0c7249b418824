"""Write invoices for users."""

from acme import fetch_user
from acme.api import fetch_user as look_up


def invoice(number: int, cents: int) -> str:
    user = fetch_user(number)
    return f"{user.name} owes {cents / 100:.2f}"


def reminder(number: int) -> str:
    return f"Dear {look_up(number, default='customer').name}"
