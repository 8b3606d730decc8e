"""How the images of a session lie to each other and to the template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.brain.atlas.priors import tissue_priors
from arteriole.brain.registration.deformable import register_deformable
from arteriole.brain.registration.registration import Registration
from arteriole.brain.registration.rigid import register_rigid
from arteriole.brain.registration.transforms import Affine, Transform, invert
from arteriole.brain.registration.views import blocked
from arteriole.grid import Grid, Volume
from arteriole.scan.image_kind import IMAGES

BLOCKS_MM = 2.0
CHANNELS = (
    (c.CORTEX, c.CEREBELLAR_CORTEX, c.HIPPOCAMPUS, c.AMYGDALA),
    (c.WHITE, c.CEREBELLAR_WHITE),
    (c.LATERAL, c.THIRD, c.FOURTH),
    (c.THALAMUS, c.CAUDATE, c.PUTAMEN, c.ACCUMBENS, c.PALLIDUM),
    (c.BRAINSTEM, c.VENTRAL),
)
"""Classes that are matched together with those of the template."""

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Alignment:
    """Rigid motions between the images of a session.

    Parameters
    ----------
    reference : str
        Name of the image that the others were registered to.
    to_reference : mapping of str to Registration
        From each other image's world to the reference's.
    """

    reference: str
    to_reference: Mapping[str, Registration] = field(default_factory=dict)

    def chain(self, name: str, to_template: Registration) -> list[Transform]:
        """Return the transforms from an image's world to the template's, the first in front."""
        if name == self.reference:
            return [to_template.transform]
        return [self.to_reference[name].transform, to_template.transform]

    def confidence(self, name: str, to_template: Registration) -> float:
        """Return how sure the way from an image to the template is: both parts have to be right."""
        own = 1.0 if name == self.reference else self.to_reference[name].confidence
        return own * to_template.confidence

    def doubt(self, name: str, to_template: Registration) -> str:
        """Return why the way to the template is not assessable; empty if it is."""
        own = None if name == self.reference else self.to_reference[name]
        for found, goal in ((own, "the reference image"), (to_template, "the template")):
            if found is not None and not found.assessable:
                why = found.reason.removeprefix("registration not assessable: ")
                return f"not assessable, registration to {goal}: {why}"
        return ""


def align_images(images: Mapping[str, Volume], masks: Mapping[str, Volume]) -> Alignment:
    """Register the images of one session to the best one of them.

    Parameters
    ----------
    images : mapping of str to Volume
        ``t1w``, ``flair``, ``t2w``, ``gre``, ``scanner_swi``, ``ct``; at least one.
    masks : mapping of str to Volume
        Where the brain is in them, where that is known.

    Returns
    -------
    Alignment
        With the first of `scan.image_kind.IMAGES` that is there as its reference.

    Raises
    ------
    ValueError
        If there is no image, or one of another name.
    """
    unknown = sorted(set(images) - set(IMAGES))
    if unknown or not images:
        raise ValueError(f"images are some of {IMAGES}, not {sorted(images)}")
    order = [name for name in IMAGES if name in images]
    reference, others = order[0], order[1:]
    return Alignment(
        reference,
        {name: _rigid(name, reference, images, masks) for name in others},
    )


def _rigid(
    name: str, reference: str, images: Mapping[str, Volume], masks: Mapping[str, Volume]
) -> Registration:
    fixed, moving = images[name], images[reference]
    both = name in masks and reference in masks
    return register_rigid(
        fixed.data,
        fixed.grid,
        moving.data,
        moving.grid,
        fixed_mask=masks[name].data if both else None,
        moving_mask=masks[reference].data if both else None,
    )


def align_template(labels: Volume) -> Registration:
    """Return the warp from an image's world to the template's, by the parts of the head in both.

    Parameters
    ----------
    labels : Volume
        Parts of the head (`arteriole.brain.classes`), of any voxel size.

    Returns
    -------
    Registration
        Its transform takes a place of the image's world to MNI152.

    Raises
    ------
    ValueError
        If the labels hold no brain.

    Notes
    -----
    Both are divided into five channels (`CHANNELS`), the image's averaged over blocks of about 2
    mm. No intensity is compared: any contrast goes the same way.
    """
    if not (labels.data > c.SULCAL).any():
        raise ValueError("the labels hold no brain")
    ours, grid = label_channels(labels)
    theirs, template = template_channels()
    return register_deformable(ours, grid, theirs, template)


def label_channels(labels: Volume) -> tuple[Float32, Grid]:
    """Return the share of each channel (c, x, y, z) in blocks of about 2 mm, and their grid."""
    parts = [
        blocked(np.isin(labels.data, group).astype(np.float32), labels.grid, BLOCKS_MM)
        for group in CHANNELS
    ]
    return np.stack([part[0] for part in parts]), parts[0][1]


def template_channels() -> tuple[Float32, Grid]:
    """Return the template's channels (c, x, y, z), and their grid."""
    _, priors, grid = tissue_priors()
    return np.stack([priors[list(group)].sum(axis=0) for group in CHANNELS]), grid


def from_reference(registration: Registration) -> Affine:
    """Return the motion from the reference's world to an image's."""
    motion, _ = invert(registration.affine)
    return np.asarray(motion, dtype=np.float64)
