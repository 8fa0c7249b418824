"""The only folder of ours on the import path of the tests: its modules have names that no project has."""
