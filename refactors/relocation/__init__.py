"""A module that gets another place: what that means for its names, its files, its imports and its mentions."""
