"""Which values are written, under which name, in which unit, to which precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from arteriole.brain.atlas.names import region_names
from arteriole.brain.parts import part_names
from arteriole.brain.region_map import Region
from arteriole.scan.image_kind import IMAGES

TRANSFORMS = ("alignment", "warp")
"""Kinds of products that belong to the session, not to one of its images."""
LEVELS = ("minimal", "standard", "full")


@dataclass(frozen=True)
class Product:
    """An output of the flow.

    Parameters
    ----------
    value : str
        Name of the value in the flow.
    suffix : str
        End of the file name, after the session's entities.
    unit : str
        Unit of the numbers in the file, empty for masks and arbitrary units.
    about : str
        One sentence for the JSON sidecar.
    level : str
        The lowest output level at which it is written.
    kind : str
        ``map`` (float), ``mask``, ``labels`` (whole numbers, with a table of names), ``regions``
        (a RegionMap, written as labels), ``alignment`` (JSON) or ``warp`` (a Registration).
    image : str
        The image on whose own grid it lies; the gradient echo's unless given.
    names : callable, optional
        Gives what labels stand for.
    precision : float
        Largest error that storing may add: in the unit, or, where ``of_noise`` names a value, as a
        share of the median of that value inside the brain.
    """

    value: str
    suffix: str
    unit: str
    about: str
    level: Literal["standard", "full"] = "standard"
    kind: Literal["map", "mask", "labels", "regions", "alignment", "warp"] = "map"
    precision: float = 0.0
    of_noise: str = ""
    image: str = ""
    names: Callable[[], Mapping[int, Region]] | None = None


def _of_image(image: str) -> tuple[Product, ...]:
    """Return what is made on the grid of an image."""
    own = "" if image == "gre" else image
    masks = () if image == "gre" else (
        Product(f"{image}_brain_mask", "desc-brain_mask", "",
                "Brain with its ventricles and folds.", kind="mask", image=own),
        Product(f"{image}_intracranial_mask", "desc-intracranial_mask", "",
                "What the skull holds.", kind="mask", image=own),
    )  # fmt: skip
    return (
        Product(f"{image}_labels", "desc-anatomy_dseg", "", "Parts of the head.",
                kind="labels", image=own, names=part_names),
        *masks,
        Product("regions" if image == "gre" else f"{image}_regions", "desc-regions_dseg", "",
                "Regions of the atlas.", kind="regions" if image == "gre" else "labels",
                image=own, names=region_names),
    )  # fmt: skip


PRODUCTS: tuple[Product, ...] = (
    *(product for image in IMAGES for product in _of_image(image)),
    Product("alignment", "desc-alignment_xfm", "", "Motions between the images of the session.",
            kind="alignment"),
    Product("to_template", "desc-template_xfm", "mm",
            "Displacement, then an affine, from the reference image to MNI152.", kind="warp",
            precision=0.01),
    Product("brain_mask", "desc-brain_mask", "", "Brain, from magnitude.", kind="mask"),
    Product("phase_mask", "desc-phase_mask", "", "Reliable phase.", kind="mask"),
    Product("qsm_mask", "desc-qsm_mask", "", "Where local field and chi hold.", kind="mask"),
    Product(
        "total_field_hz", "desc-total_fieldmap", "Hz", "Total field, offset of the coils removed.",
        precision=0.01, of_noise="field_noise_hz",
    ),
    Product(
        "field_noise_hz", "desc-noise_fieldmap", "Hz",
        "Standard deviation that image noise gives to the total field.",
        precision=0.01, of_noise="field_noise_hz",
    ),
    Product(
        "field_error_hz", "desc-error_fieldmap", "Hz",
        "Standard deviation of the total field against its mean over the voxel.",
        precision=0.01, of_noise="field_noise_hz",
    ),
    Product(
        "phase_quality", "phasequality", "", "Agreement of phase with its neighbours, 0 to 1.",
        precision=0.001,
    ),
    Product(
        "local_field_hz", "desc-localfield_fieldmap", "Hz", "Field of sources inside the brain.",
        precision=0.01, of_noise="field_noise_hz",
    ),
    Product("chi_ppm", "Chimap", "ppm", "Magnetic susceptibility.", precision=5e-5),
    Product("chi_uncertainty_ppm", "desc-uncertainty_Chimap", "ppm",
            "Standard deviation of susceptibility about the truth, an estimate.", precision=5e-5),
    Product("chi_para_ppm", "desc-paramagnetic_Chimap", "ppm",
            "Estimate of paramagnetic sources, 0 or more.", precision=5e-5),
    Product("chi_dia_ppm", "desc-diamagnetic_Chimap", "ppm",
            "Estimate of diamagnetic sources, 0 or less.", precision=5e-5),
    Product("vein_mask", "desc-veins_mask", "", "Large veins, from chi.", kind="mask"),
    Product("r2star_hz", "R2starmap", "1/s", "Effective transverse relaxation rate.",
            precision=0.02),
    Product("t2star_s", "T2starmap", "s", "Effective transverse relaxation time.", precision=2e-5),
    Product("swi", "swi", "arbitrary", "Susceptibility-weighted magnitude."),
    Product("minip", "minIP", "arbitrary", "Minimum-intensity projection of SWI, same grid."),
)  # fmt: skip

BY_VALUE = {product.value: product for product in PRODUCTS}


def is_written(value: str, level: str) -> bool:
    """Tell whether a value is among the outputs at a level."""
    product = BY_VALUE.get(value)
    return product is not None and LEVELS.index(product.level) <= LEVELS.index(level)


def max_error(product: Product, values: Mapping[str, Any], *, level: str) -> float | None:
    """Return the largest error that storing a map may add; None stores float32 as it is."""
    if level == "full" or product.kind not in ("map", "warp"):
        return None
    if product.of_noise:
        return _of_noise(product, values)
    if product.precision:
        return product.precision
    top = float(np.max(np.abs(values[product.value]), initial=0.0))
    return max(top, 1e-20) / 60000


def _of_noise(product: Product, values: Mapping[str, Any]) -> float | None:
    noise = values.get(product.of_noise)
    if noise is None:
        return None
    inside = noise[noise > 0]
    return float(product.precision * np.median(inside)) if inside.size else None
