"""The agent: a model as one kind of recipe, bounded, durable and never trusted."""
