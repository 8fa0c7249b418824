"""A run on its way from one machine to another: as one file, checked where it arrives."""
