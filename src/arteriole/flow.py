"""The whole pipeline: a table of steps, read from top to bottom.

Arrays only: ``arteriole.run`` reads the scan, writes what the steps make, keeps records, resumes,
and writes the report from them. The science is imported when a step first runs, so that a command
that has nothing to compute answers at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from arteriole.scan.image_kind import IMAGES
from arteriole.settings import Settings
from arteriole.step import Acquisition, Step, later

_LABELS = tuple(f"{image}_labels" for image in IMAGES)
_MASKS = tuple(f"{image}_brain_mask" for image in IMAGES)
_NO_ANATOMY = ("anatomy", "method", "none")


def _segment(image: str) -> Step:
    """Return the step that finds the parts of the head in one image."""
    return Step(
        f"segment-{image}", 1, later("brain.image_stage:segment_image", image=image),
        needs=("magnitude" if image == "gre" else image,),
        makes=(f"{image}_labels", f"{image}_brain_mask", f"{image}_intracranial_mask"),
        settings=("anatomy",), off=_NO_ANATOMY, image=image,
        bytes_per_voxel=60, bytes_fixed=1.5e9,
        data=("brain/atlas/data/tissue_priors.npz", "brain/atlas/data/surroundings.npz"),
    )  # fmt: skip


def _place(image: str) -> Step:
    """Return the step that brings the regions of the atlas to one image."""
    return Step(
        f"regions-{image}", 1, later("brain.image_stage:place_regions", image=image),
        needs=(f"{image}_labels", "alignment", "to_template"),
        makes=("regions" if image == "gre" else f"{image}_regions",),
        settings=("anatomy",), off=_NO_ANATOMY, image=image,
        bytes_per_voxel=60, data=("brain/atlas/data/regions.npz",),
    )  # fmt: skip


STEPS: tuple[Step, ...] = (
    *map(_segment, IMAGES),
    Step(
        "align", 1, later("brain.image_stage:align_session"),
        needs=(), needs_one=_LABELS,
        may_use=(*_MASKS, "t1w", "flair", "t2w", "magnitude", "scanner_swi", "ct"),
        makes=("alignment",),
        settings=("anatomy",), off=_NO_ANATOMY, bytes_per_voxel=40, bytes_fixed=3e8,
    ),
    Step(
        "template", 1, later("brain.image_stage:align_to_template"),
        needs=("alignment",), needs_one=_LABELS, makes=("to_template",),
        settings=("anatomy",), off=_NO_ANATOMY, bytes_per_voxel=60, bytes_fixed=5e8,
        data=("brain/atlas/data/tissue_priors.npz",),
    ),
    *map(_place, IMAGES),
    Step(
        "brain", 1, later("brain.stage:mask_brain"),
        needs=("magnitude",), makes=("brain_mask",),
        settings=("brain",), bytes_per_voxel=60, bytes_per_echo_voxel=8,
    ),
    Step(
        "phase", 3, later("phase.stage:map_total_field"),
        needs=("magnitude", "phase", "brain_mask"),
        makes=("total_field_hz", "field_noise_hz", "field_error_hz", "phase_quality", "phase_mask"),
        settings=("phase", "scan"), bytes_per_voxel=60, bytes_per_echo_voxel=20,
    ),
    Step(
        "field", 3, later("field.stage:remove_background"),
        needs=("total_field_hz", "brain_mask"), may_use=("phase_mask", "field_noise_hz"),
        makes=("local_field_hz", "qsm_mask"),
        settings=("field",), bytes_per_voxel=60,
    ),
    Step(
        "susceptibility", 3, later("susceptibility.stage:invert_field"),
        needs=("local_field_hz", "qsm_mask"),
        may_use=("field_noise_hz", "magnitude", "regions"),
        makes=("chi_ppm",),
        when={"regions": ("susceptibility", "reference", "csf")},
        settings=("susceptibility",), bytes_per_voxel=220,
    ),
    Step(
        "uncertainty", 1, later("susceptibility.uncertainty_stage:map_uncertainty"),
        needs=("chi_ppm", "local_field_hz", "qsm_mask"),
        may_use=("field_error_hz", "field_noise_hz"), makes=("chi_uncertainty_ppm",),
        bytes_per_voxel=80, off=("uncertainty", "method", "none"),
        settings=("uncertainty",),
    ),
    Step(
        "r2star", 1, later("contrast.stage:map_r2star"),
        needs=("magnitude", "brain_mask"), makes=("r2star_hz", "t2star_s"),
        settings=("r2star",), bytes_per_voxel=40, bytes_per_echo_voxel=8,
    ),
    Step(
        "swi", 1, later("contrast.stage:weight_susceptibility"),
        needs=("magnitude", "phase", "brain_mask"), makes=("swi", "minip"),
        settings=("swi",), bytes_per_voxel=60, bytes_per_echo_voxel=20,
    ),
    Step(
        "separation", 1, later("susceptibility.sources:separate_sources"),
        needs=("chi_ppm", "qsm_mask", "r2star_hz"), may_use=("r2_hz",),
        makes=("chi_para_ppm", "chi_dia_ppm"),
        settings=("separation",), bytes_per_voxel=25, off=("separation", "method", "none"),
    ),
    Step(
        "veins", 1, later("regions.stage:find_large_veins"),
        needs=("chi_ppm", "qsm_mask"), may_use=("r2star_hz", "chi_para_ppm", "chi_dia_ppm"),
        makes=("vein_mask",),
        settings=("veins",), bytes_per_voxel=65,
    ),
    Step(
        "regions", 1, later("regions.stage:measure_given_regions"),
        needs=("regions", "brain_mask"),
        may_use=("qsm_mask", "chi_ppm", "r2star_hz", "chi_para_ppm", "chi_dia_ppm"),
        makes=("region_measures",), bytes_per_voxel=20,
    ),
)  # fmt: skip


def makers() -> dict[str, Step]:
    """Return for each value the step that makes it."""
    return {name: step for step in STEPS for name in step.makes}


def steps_towards(
    targets: Collection[str], *, given: Collection[str], settings: Settings | None = None
) -> tuple[Step, ...]:
    """Return the steps needed to make the targets from what is given, in order.

    A value that is given stands in the place of the step that makes it. Values that the settings
    (the defaults unless given) leave unused ask for no step.
    """
    maker = makers()
    chosen_settings = settings or Settings()
    wanted = set(targets)
    chosen: set[str] = set()
    for step in reversed(STEPS):
        if wanted & set(step.makes) and not set(given) & set(step.makes):
            chosen.add(step.name)
            wanted |= {name for name in step.inputs(chosen_settings) if name in maker}
    return tuple(step for step in STEPS if step.name in chosen)


def run_in_memory(
    given: Mapping[str, Any],
    acquisition: Acquisition | None,
    settings: Settings | None = None,
    *,
    targets: Collection[str] | None = None,
) -> dict[str, Any]:
    """Run the flow on arrays and return all its values.

    Parameters
    ----------
    given : mapping
        Values by name, for instance ``magnitude`` and ``phase`` (e, x, y, z), ``t1w`` (a Volume).
    acquisition : Acquisition or None
        Grid, field and echo times of the gradient echo, if there is one.
    settings : Settings, optional
        The defaults unless given.
    targets : collection of str, optional
        Names of the values wanted; all unless given.

    Returns
    -------
    dict
        The given values and those made; steps whose needs are not there are passed over.

    Examples
    --------
    >>> given = ["local_field_hz", "qsm_mask", "field_noise_hz"]
    >>> [step.name for step in steps_towards(["chi_ppm"], given=given)]
    ['susceptibility']
    """
    values = dict(given)
    chosen = settings or Settings()
    wanted = targets if targets is not None else makers().keys()
    for step in steps_towards(wanted, given=values.keys(), settings=chosen):
        if step.lacking(values.keys()) is None and not step.is_off(chosen):
            values |= step.work(values, acquisition, chosen).values
    return values
