"""Every error that arteriole raises on purpose.

::

    ArterioleError
    ├── CommandError            wrong command line (exit code 2)
    │   └── SettingsError       wrong key or value in the settings
    ├── DatasetError            the data set as a whole cannot be used (exit code 3)
    ├── InputError              one file or session cannot be used: what, which file, what to do
    │   ├── MetadataError       a header or sidecar lacks a value, or holds an impossible one
    │   ├── GeometryError       shapes or affines that do not fit together
    │   ├── AbsentError         an image that was looked for is not there
    │   ├── ImageError          voxels that cannot be read, or are not what they are said to be
    │   └── PhaseError          phase without a known scale, or filtered by the vendor
    └── OutputError             a result cannot be written
        ├── LockedError         another run holds the session
        └── EditedError         an output was changed by hand since it was written

The science packages raise ``ValueError`` with the shape or value they received; the packages that
touch files turn what they know of the file into one of these.
"""

from __future__ import annotations

import os


class ArterioleError(Exception):
    """Base of all errors of this package."""

    exit_code = 1


class CommandError(ArterioleError):
    """The command line asks for something that cannot be done."""

    exit_code = 2


class SettingsError(CommandError):
    """A settings file or ``--set`` holds an unknown key or an impossible value."""


class DatasetError(ArterioleError):
    """The data set as a whole cannot be used."""

    exit_code = 3


class _FileError(ArterioleError):
    """What is wrong, in which file, and what to do about it."""

    def __init__(
        self, what: str, *, file: str | os.PathLike[str] | None = None, remedy: str = ""
    ) -> None:
        self.what = what
        self.file = os.fspath(file) if file is not None else None
        self.remedy = remedy
        super().__init__(what, self.file, remedy)

    def __str__(self) -> str:
        where = f"{self.file}: " if self.file else ""
        stop = ". " if self.remedy and not self.what.endswith(".") else " "
        return f"{where}{self.what}{stop}{self.remedy}".rstrip()

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.file, self.remedy))


def _rebuild(kind: type[_FileError], what: str, file: str | None, remedy: str) -> _FileError:
    """Make an error again on the other side of a process boundary."""
    return kind(what, file=file, remedy=remedy)


class InputError(_FileError):
    """One file or session cannot be used."""


class MetadataError(InputError):
    """A header or sidecar lacks a value, or holds an impossible one."""


class GeometryError(InputError):
    """Shapes or affines do not fit together."""


class AbsentError(InputError):
    """An image that was looked for is not there."""


class ImageError(InputError):
    """Voxels cannot be read, or are not what they are said to be."""


class PhaseError(InputError):
    """Phase has no known scale, or was filtered by the vendor."""


class OutputError(_FileError):
    """A result cannot be written."""


class LockedError(OutputError):
    """Another run holds the session."""


class EditedError(OutputError):
    """An output was changed by hand since it was written."""
