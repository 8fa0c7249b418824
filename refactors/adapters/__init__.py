"""Other tools' codemods as recipes."""
