"""What forges tell us by webhooks, and what is done about it."""
