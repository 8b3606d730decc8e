"""Pixels of one acquisition: converted, placed, scaled, and written with their sidecars."""

from __future__ import annotations

import tempfile
from pathlib import Path

from arteriole.errors import ImageError
from arteriole.io.atomic import write_json
from arteriole.io.dcm2niix import Converted, convert
from arteriole.io.dicom_geometry import place, shape_of
from arteriole.io.dicom_groups import Volume
from arteriole.io.dicom_nifti import is_filled, scale_of, write_stored
from arteriole.io.dicom_sidecar import ct_sidecar, gradient_echo_sidecar, mr_sidecar
from arteriole.io.dicom_split import split_frames
from arteriole.run.import_plan import Item


def write_item(item: Item, folder: Path) -> None:
    """Write images and sidecars of an acquisition; nothing is written unless all can be.

    Raises
    ------
    InputError
        If dcm2niix cannot convert the files, disagrees with their headers about place or number
        of slices, or an image is empty or out of its range.
    OutputError
        If the files cannot be written.
    """
    volumes = item.acquisition.volumes
    ready = []
    for volume, image in zip(volumes, _images(volumes), strict=True):
        if not is_filled(image):
            raise ImageError(f"{volume.part} has the same value everywhere")
        placed = place(volume, image.stored.shape, image.affine)
        slope, intercept, scale = scale_of(volume, image)
        if item.acquisition.kind == "ct":
            sidecar = ct_sidecar(volume, placed)
        elif item.acquisition.kind == "gre":
            number = item.acquisition.echo_number(volume)
            sidecar = gradient_echo_sidecar(volume, number, scale)
        else:
            sidecar = mr_sidecar(volume)
        ready.append((item.stem(volume), image, placed, (slope, intercept), sidecar))
    for stem, image, placed, (slope, intercept), sidecar in ready:
        path = folder / f"{stem}.nii.gz"
        write_stored(path, image.stored, placed.affine, slope=slope, intercept=intercept)
        write_json(folder / f"{stem}.json", sidecar)


def _images(volumes: list[Volume]) -> list[Converted]:
    """Convert volumes, each to one image.

    Where dcm2niix parts or joins slices in another way than the headers do, all volumes of the
    acquisition are converted from files that hold no more than their own slices: all, so that
    their scales stay comparable.
    """
    made: dict[tuple[Path, ...], list[Converted]] = {}
    images = []
    for volume in volumes:
        files = tuple(dict.fromkeys(frame.file for frame in volume.frames))
        if files not in made:
            made[files] = convert(files)
        multi_frame = len(files) < len(volume.frames)
        fitting = [image for image in made[files] if _is_of(image, volume, multi_frame)]
        if len(fitting) != 1:
            return [_alone(other) for other in volumes]
        images.append(fitting[0])
    return images


def _is_of(image: Converted, volume: Volume, multi_frame: bool) -> bool:
    """Tell whether an image can be that of a volume; of a multi-frame file there are several."""
    if image.stored.shape != shape_of(volume):
        return False
    if not multi_frame or volume.is_ct:
        return True
    same_echo = image.te_ms is not None and abs(image.te_ms - (volume.te_ms or 0.0)) < 0.01
    return same_echo and image.part == volume.part


def _alone(volume: Volume) -> Converted:
    """Convert the frames of one volume from files that hold nothing else."""
    with tempfile.TemporaryDirectory(prefix="arteriole-frames-") as folder:
        made = convert(split_frames(volume.frames, Path(folder)))
    if len(made) != 1:
        raise ImageError(f"dcm2niix does not make one image of the {len(volume.frames)} slices")
    return made[0]
