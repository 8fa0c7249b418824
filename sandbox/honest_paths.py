"""Paths that a repository may have by which nobody is deceived: others are not handed to commands, nor taken back."""


def why_unusable(path: str) -> str:
    """Why a path is none of those; nothing if it is."""
    if any(part in {"", ".", "..", ".git"} for part in path.split("/")):
        return "its path is none of an honest repository"
    try:
        path.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    return ""
