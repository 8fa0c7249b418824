"""The warning as it is written where it has no room on one line."""


def warn(symbol: str, indent: str = "    ", unit: str = "    ", called: str = "warnings.warn") -> str:
    """Return its lines."""
    inner = indent + unit
    return (
        f'{indent}{called}(\n{inner}"{symbol} is deprecated since 2.0",\n{inner}DeprecationWarning,\n'
        f"{inner}stacklevel=2,\n{indent})\n"
    )
