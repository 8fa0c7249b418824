from unittest import mock

from acme import User
from billing import invoices


def test_invoice() -> None:
    assert invoices.invoice(7, 1250) == "Ada owes 12.50"


def test_reminder_for_a_stranger() -> None:
    assert invoices.reminder(99) == "Dear customer"


def test_invoice_looks_the_user_up_once() -> None:
    with mock.patch.object(invoices, "look_up", return_value=User(1, "Eve")) as look_up:
        assert invoices.reminder(1) == "Dear Eve"
    look_up.assert_called_once()
