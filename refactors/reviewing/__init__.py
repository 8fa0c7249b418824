"""The review of a change: what the engine can prove of two trees, and what a model may say of them."""
