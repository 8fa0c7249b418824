"""A directory of people."""
