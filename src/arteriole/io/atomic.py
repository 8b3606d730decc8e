"""Write files whole or not at all: a part beside the target, synced, then put in its place."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from arteriole.errors import OutputError

_REASONS = {
    errno.ENOSPC: ("the disk is full", "Free some space, then run again: what is done is kept."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space, then run again."),
    errno.EACCES: ("no permission to write here", "Choose another output folder."),
    errno.EPERM: ("no permission to write here", "Choose another output folder."),
    errno.EROFS: ("the file system is read-only", "Choose an output folder that can be written."),
}


@contextmanager
def atomic_open(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file for writing bytes; it takes its name when the block ends well.

    Missing folders are made. When the block fails, the target keeps its old content (or stays
    absent) and the ``.part`` file is removed.

    Parameters
    ----------
    path : path
        The file to write.

    Raises
    ------
    OutputError
        If the disk is full, read-only or not ours to write.
    """
    target = Path(path)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn an operating system's refusal to write ``path`` into an `OutputError`."""
    try:
        yield
    except OSError as error:
        known = _REASONS.get(error.errno or 0)
        if known is None and isinstance(error, NotADirectoryError | FileExistsError):
            known = ("a file stands where a folder is needed", "Move it, or write elsewhere.")
        if known is None:
            known = (f"cannot be written ({error.strerror or error})", "")
        raise OutputError(known[0], file=path, remedy=known[1]) from error


def sweep_parts(folder: Path, name: str = "*") -> None:
    """Remove what killed runs left of files called ``name`` in a folder that nobody writes to."""
    for part in folder.glob(f"{name}.*.part"):
        part.unlink(missing_ok=True)


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write bytes, whole or not at all."""
    with atomic_open(path) as file:
        file.write(data)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write text in UTF-8, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write JSON, the same bytes for the same value: keys in their order, two spaces, UTF-8.

    Raises
    ------
    ValueError
        If the value holds NaN or infinity, which JSON has no word for.
    OutputError
        If the file cannot be written.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def _sync_folder(folder: Path) -> None:
    """Make the new name itself safe against a power cut, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)
