"""The graphs of a repository as a person or another program reads them: text, DOT, JSON, a page."""
