"""A LibCST recipe that a model writes from one change, and whether it does what that change did."""
