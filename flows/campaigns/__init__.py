"""Campaigns: a recipe over many repositories, in waves, for as long as it takes."""
