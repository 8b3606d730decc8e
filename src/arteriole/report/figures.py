"""The pictures of a session as a table: which map, which window, which words."""

from __future__ import annotations

from dataclasses import dataclass

from arteriole.report import windows
from arteriole.report.windows import MakeWindow


@dataclass(frozen=True)
class Figure:
    """One map shown: where it comes from, how it is drawn, what is said below it."""

    name: str
    short: str
    title: str
    value: str
    step: str
    window: MakeWindow
    caption: str
    echo: int | None = None
    mask: tuple[str, ...] = ()
    outlines: tuple[str, ...] = ()
    colour_map: str = "gray"
    smooth: bool = True
    along: str = ""
    """Fact of the step that holds the voxel axis along which slices differ; others are blurred."""
    in_overview: bool = False
    optional: bool = False
    """Left out without a word where the map is not there."""


FIGURES: tuple[Figure, ...] = (
    Figure(
        "magnitude-first", "Magnitude, first", "Magnitude, first echo",
        "magnitude", "scan", windows.magnitude,
        "Signal magnitude of the first echo.", echo=0, in_overview=True,
    ),
    Figure(
        "magnitude-last", "Magnitude, last", "Magnitude, last echo",
        "magnitude", "scan", windows.magnitude,
        "Signal magnitude of the last echo: veins, iron and bleeds darken with echo time; so does "
        "tissue near air.", echo=-1,
    ),
    Figure(
        "masks", "Masks", "Brain and QSM mask", "magnitude", "brain", windows.magnitude,
        "Borders over the magnitude of the first echo. Susceptibility is valid inside the QSM mask "
        "only.", echo=0, outlines=("brain_mask", "qsm_mask"),
    ),
    Figure(
        "phase-first", "Phase, first", "Wrapped phase, first echo", "phase", "scan", windows.phase,
        "Phase as measured, before unwrapping, in the brain; not interpolated.",
        echo=0, mask=("brain_mask",), smooth=False,
    ),
    Figure(
        "phase-last", "Phase, last", "Wrapped phase, last echo", "phase", "scan", windows.phase,
        "Phase of the last echo; dense bands near air cavities are where unwrapping is hardest.",
        echo=-1, mask=("brain_mask",), smooth=False,
    ),
    Figure(
        "total-field", "Total field", "Total field", "total_field_hz", "phase", windows.total_field,
        "Field of all sources, inside and outside the head. It should be smooth; a jump of one "
        "whole wrap is an unwrapping error.", mask=("brain_mask",), colour_map="RdBu_r",
    ),
    Figure(
        "field-noise", "Field noise", "Field noise", "field_noise_hz", "phase", windows.noise,
        "Standard deviation of the total field in each voxel; bright where signal is lost.",
        mask=("brain_mask",), colour_map="magma",
    ),
    Figure(
        "local-field", "Local field", "Local field", "local_field_hz", "field", windows.local_field,
        "Field of sources inside the brain, after background removal. Broad shading towards the "
        "rim is background that was left.", mask=("qsm_mask", "brain_mask"),
    ),
    Figure(
        "chi", "χ", "Susceptibility (χ)", "chi_ppm", "susceptibility", windows.chi,
        "Bright is paramagnetic (iron, deoxygenated blood, bleeds), dark is diamagnetic "
        "(calcification, myelin).", mask=("qsm_mask", "brain_mask"), in_overview=True,
    ),
    Figure(
        "chi-uncertainty", "χ uncertainty", "Uncertainty of susceptibility",
        "chi_uncertainty_ppm", "uncertainty", windows.chi_uncertainty,
        "Standard deviation of χ about the truth, as estimated from noise, misfit, other "
        "inversions and detail. It tells how large errors are rather than where they are.",
        mask=("qsm_mask", "brain_mask"), colour_map="magma", optional=True,
    ),
    Figure(
        "veins", "Veins", "Large veins on susceptibility", "chi_ppm", "veins", windows.chi,
        "Outlines of the tubes that were taken for veins. Nuclei and the rim of the mask should "
        "be free of them.", mask=("qsm_mask", "brain_mask"), outlines=("vein_mask",),
        optional=True,
    ),
    Figure(
        "chi-para", "χ+", "Paramagnetic sources, estimate", "chi_para_ppm", "separation",
        windows.chi, "Iron and deoxygenated blood. An estimate from R2*: too large wherever the "
        "field varies over a voxel.", mask=("qsm_mask", "brain_mask"), optional=True,
    ),
    Figure(
        "chi-dia", "χ−", "Diamagnetic sources, estimate", "chi_dia_ppm", "separation",
        windows.chi, "Myelin and calcification. An estimate from R2*, negative.",
        mask=("qsm_mask", "brain_mask"), optional=True,
    ),
    Figure(
        "swi", "SWI", "Susceptibility-weighted image", "swi", "swi", windows.swi,
        "Magnitude weighted by phase: veins and bleeds are dark, and so may be calcification; χ "
        "tells them apart.", mask=("brain_mask",), in_overview=True,
    ),
    Figure(
        "minip", "mIP", "Minimum-intensity projection", "minip", "swi", windows.swi,
        "Darkest value of the SWI through a slab around each slice: veins as lines, bleeds as "
        "dots. Shown along its projection only.", mask=("brain_mask",), along="minip_axis",
    ),
    Figure(
        "r2star", "R2*", "R2*", "r2star_hz", "r2star", windows.r2star,
        "Rate of signal decay: high in iron and bleeds, and where the field varies within a voxel "
        "(near air).", mask=("brain_mask",), colour_map="inferno", in_overview=True,
    ),
)  # fmt: skip
