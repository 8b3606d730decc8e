"""Frames to volumes: slices of one contrast on one stack, sorted along the stack's normal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from arteriole.io.dicom_headers import CT_CLASSES, Frame
from arteriole.io.dicom_part import Part, part_of
from arteriole.io.dicom_privacy import person_of


@dataclass(frozen=True, eq=False)
class Volume:
    """Slices of one series, part and echo, sorted along the normal of the stack."""

    frames: tuple[Frame, ...]
    part: Part

    @property
    def first(self) -> Frame:
        """The first frame: it speaks for what all share."""
        return self.frames[0]

    @property
    def is_ct(self) -> bool:
        """Whether this is a CT volume."""
        return self.first.text("SOPClassUID") in CT_CLASSES

    @property
    def te_ms(self) -> float | None:
        """Echo time, ms."""
        return self.first.number("EchoTime")

    @cached_property
    def positions_mm(self) -> NDArray[np.float64]:
        """Centre of each slice's first voxel (n, 3), DICOM patient axes (LPS+), mm."""
        return np.array([frame.vector("ImagePositionPatient") for frame in self.frames])

    @cached_property
    def depths_mm(self) -> NDArray[np.float64]:
        """Place of each slice along the normal, mm."""
        return np.asarray(self.positions_mm @ normal_of(self.first))

    @property
    def time_s(self) -> float | None:
        """Earliest acquisition time of day among the frames, s."""
        times = [t for t in map(_seconds, self.frames) if t is not None]
        return min(times) if times else None


def has_geometry(frame: Frame) -> bool:
    """Tell whether a frame says where it lies, how large it is and how its voxels are spaced."""
    sizes = [frame.number("Rows"), frame.number("Columns")]
    lengths = [len(frame.vector(name)) for name in _WHERE]
    spacing = frame.vector("PixelSpacing")
    return None not in sizes and lengths == [3, 6, 2] and min(spacing) > 0 and _is_turn(frame)


_WHERE = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing")


def _is_turn(frame: Frame) -> bool:
    """Tell whether rows and columns are unit vectors at a right angle."""
    row, column = np.array(frame.vector("ImageOrientationPatient")).reshape(2, 3)
    off = [row @ row - 1, column @ column - 1, row @ column]
    return bool(np.abs(off).max() < 1e-2)


def normal_of(frame: Frame) -> NDArray[np.float64]:
    """Return the unit normal of a slice, rows x columns, DICOM patient axes."""
    row, column = np.array(frame.vector("ImageOrientationPatient")).reshape(2, 3)
    return np.asarray(np.cross(row, column))


def group_volumes(frames: Iterable[Frame]) -> list[Volume]:
    """Sort frames into volumes: by person, SOP class, study, series, stack, part and echo.

    Repetitions (positions that occur as often as there are temporal positions or acquisition
    numbers) become volumes of their own; positions that occur twice for no reason stay in one
    volume, for the check to refuse.
    """
    groups: dict[tuple[object, ...], list[Frame]] = defaultdict(list)
    for frame in frames:
        groups[_volume_key(frame)].append(frame)
    volumes = []
    for members in groups.values():
        volumes += [
            Volume(tuple(sorted(part, key=_depth)), part_of(part[0]))
            for part in _repetitions(members)
        ]
    return sorted(volumes, key=_order)


def stack_key(frame: Frame) -> tuple[object, ...]:
    """Return what all slices of one stack share: matrix, spacing and orientation."""
    return (
        *(frame.number(name) for name in ("Rows", "Columns")),
        *(round(v, 3) for v in frame.vector("PixelSpacing")),
        *(round(v, 2) + 0.0 for v in frame.vector("ImageOrientationPatient")),
    )


def series_key(frame: Frame) -> tuple[object, ...]:
    """Return what all images of one series share."""
    names = ("SOPClassUID", "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber")
    return person_of(frame), *(frame.text(name) for name in names)


def _volume_key(frame: Frame) -> tuple[object, ...]:
    ends = (*series_key(frame), *stack_key(frame), part_of(frame))
    if frame.text("SOPClassUID") in CT_CLASSES:
        # GE changes Image Type and Acquisition Number within one head; only the kernel divides.
        return (*ends, frame.text("ConvolutionKernel"))
    echo = frame.number("EchoTime")
    return (*ends, None if echo is None else round(echo, 3), frame.words("ImageType"))


def _depth(frame: Frame) -> float:
    return float(np.dot(frame.vector("ImagePositionPatient"), normal_of(frame)))


def _repetitions(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Part frames whose positions occur several times, if a number in the header tells them."""
    places = {round(_depth(frame), 2) for frame in frames}
    if len(places) == len(frames):
        return [list(frames)]
    for keyword in ("TemporalPositionIdentifier", "AcquisitionNumber"):
        parts: dict[object, list[Frame]] = defaultdict(list)
        for frame in frames:
            parts[frame.number(keyword)].append(frame)
        if all({round(_depth(f), 2) for f in p} == places for p in parts.values()) and all(
            len(p) == len(places) for p in parts.values()
        ):
            return list(parts.values())
    return [list(frames)]


def _order(volume: Volume) -> tuple[object, ...]:
    """Sort by study, series number and time, then magnitude before phase and early echoes first."""
    frame = volume.first
    parts = ("mag", "phase", "real", "imag")
    return (
        person_of(frame), frame.text("StudyDate"), frame.text("StudyInstanceUID"),
        frame.number("SeriesNumber") or 0, frame.text("SeriesInstanceUID"),
        frame.text("SOPClassUID"), volume.time_s or 0.0,
        parts.index(volume.part), volume.te_ms or 0.0, frame.text("SOPInstanceUID"),
    )  # fmt: skip


def _seconds(frame: Frame) -> float | None:
    """Return the time of day of a frame in seconds."""
    text = frame.text("FrameAcquisitionDateTime")[8:] or frame.text("AcquisitionTime")
    text = text.replace(":", "")
    try:
        return int(text[:2]) * 3600 + int(text[2:4]) * 60 + float(text[4:] or 0)
    except ValueError:
        return None
