"""Small changes to text on its way to a reader."""

from __future__ import annotations

import re

_FOLDERS = re.compile(r"(?<![\w:/.<])(?:[A-Za-z]:\\+|~?/)(?:[^\s/\\'\"<>|]+[/\\]+)+")


def without_folders(text: str) -> str:
    """Return the text with the folders of absolute paths cut off, file names kept."""
    return _FOLDERS.sub("", text)


def capitalised(text: str) -> str:
    """Return the text with its first letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]
