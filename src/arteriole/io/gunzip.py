"""Read a stated number of bytes of a plain or gzipped file, and never more memory than that."""

from __future__ import annotations

import os
import zlib
from typing import BinaryIO

from arteriole.errors import ImageError

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
_BEST_DEFLATE = 1040
"""No deflate stream grows by more than 1032 times (zlib's technical notes); a little spare."""


def read_start(path: str | os.PathLike[str], count: int) -> bytes:
    """Return the first ``count`` bytes of what a file holds, or fewer if it ends before.

    Raises
    ------
    ImageError
        If the file cannot be opened, or is damaged before that point.
    """
    buffer = bytearray(count)
    got = _fill(path, memoryview(buffer))
    return bytes(buffer[:got])


def read_exactly(path: str | os.PathLike[str], count: int) -> bytearray:
    """Return the first ``count`` bytes of what a file holds.

    A small file that claims a huge content is refused before any memory is taken.

    Raises
    ------
    ImageError
        If the file is shorter than it says, truncated or damaged.
    """
    growth = _BEST_DEFLATE if is_gzip(path) else 1
    size = os.path.getsize(path)
    if size * growth < count:
        raise _short(path, f"its header promises {count} bytes, the file has {size}")
    buffer = bytearray(count)
    got = _fill(path, memoryview(buffer))
    if got < count:
        raise _short(path, f"its header promises {count} bytes, it holds {got}")
    return buffer


def is_gzip(path: str | os.PathLike[str]) -> bool:
    """Tell by its first bytes, not by its name, whether a file is gzipped."""
    try:
        with open(path, "rb") as file:
            return file.read(2) == _GZIP
    except OSError as error:
        raise ImageError(f"cannot be opened ({error.strerror})", file=path) from error


def _fill(path: str | os.PathLike[str], buffer: memoryview) -> int:
    """Fill the buffer from the start of the file; return how many bytes there were."""
    gzipped = is_gzip(path)
    try:
        with open(path, "rb") as file:
            return _inflate(file, buffer) if gzipped else _copy(file, buffer)
    except zlib.error as error:
        raise _short(path, f"its gzip stream is damaged ({error})") from error
    except OSError as error:
        raise ImageError(f"cannot be read ({error.strerror})", file=path) from error


def _copy(file: BinaryIO, buffer: memoryview) -> int:
    """Read a plain file."""
    got = 0
    while got < len(buffer) and (block := file.read(min(_CHUNK, len(buffer) - got))):
        buffer[got : got + len(block)] = block
        got += len(block)
    return got


def _inflate(file: BinaryIO, buffer: memoryview) -> int:
    """Inflate the members of a gzip file until the buffer is full; checksums are verified."""
    got = 0
    stream = zlib.decompressobj(31)
    waiting = file.read(_CHUNK)
    while waiting:
        room = len(buffer) - got
        # One byte more than asked for: a stream that ends here gets its checksum looked at.
        block = stream.decompress(waiting, min(_CHUNK * 4, room + 1))
        used = min(len(block), room)
        buffer[got : got + used] = block[:used]
        got += used
        if got == len(buffer) and len(block) > room:
            return got
        waiting = stream.unconsumed_tail
        if stream.eof:
            waiting = stream.unused_data or file.read(_CHUNK)
            if not waiting.startswith(_GZIP):
                return got
            stream = zlib.decompressobj(31)
        elif not waiting:
            waiting = file.read(_CHUNK)
    if got == len(buffer):
        raise zlib.error("it ends before its checksum")
    return got


def _short(path: str | os.PathLike[str], what: str) -> ImageError:
    """Say that a file is not whole."""
    return ImageError(
        f"the file is truncated or damaged: {what}",
        file=path,
        remedy="Copy or convert it again; compare its size with the original.",
    )
