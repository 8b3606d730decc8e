"""The steps of the flow: large veins, sources of both signs, and numbers of regions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from arteriole.brain.freesurfer import freesurfer_lobes, freesurfer_regions
from arteriole.brain.region_map import Region, RegionMap
from arteriole.regions.oxygenation import blood_chi, oxygenation_of
from arteriole.regions.statistics import RegionMeasure, measure_regions
from arteriole.regions.veins import Veins, find_veins
from arteriole.settings import Settings
from arteriole.step import Acquisition, NotApplicableError, Result

MAPS = {
    "chi": "chi_ppm",
    "r2star": "r2star_hz",
    "chi_para": "chi_para_ppm",
    "chi_dia": "chi_dia_ppm",
}
"""Maps that are measured over regions, and the values of the flow that hold them."""


def measure_given_regions(
    given: Mapping[str, Any], scan: Acquisition, _settings: Settings
) -> Result:
    """Measure chi and R2* over the regions of a label map, inside the QSM mask if there is one."""
    regions: RegionMap = given["regions"]
    groups = freesurfer_lobes() if _is_freesurfer(regions) else {}
    rows = measure_regions(
        regions,
        given.get("qsm_mask", given["brain_mask"]),
        _maps(given),
        voxel_volume_mm3=scan.grid.voxel_volume_mm3,
        groups=groups,
    )
    if not rows:
        raise NotApplicableError("the map of regions holds no label")
    missed = [row for row in rows if row.voxels and row.status != "ok"]
    facts = {"regions": facts_of(rows), "partly_measured": len(missed)}
    return Result({"region_measures": tuple(rows)}, facts)


def find_large_veins(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> Result:
    """Find large veins, measure them, and estimate their oxygenation if asked."""
    chi, mask = given["chi_ppm"], given["qsm_mask"]
    voxel = scan.grid.voxel_size_mm
    veins = find_veins(chi, mask, voxel_size_mm=voxel, least_chi_ppm=settings.veins.least_chi_ppm)
    rows = measure_regions(
        RegionMap(veins.mask.astype(np.int32), {1: Region("veins")}),
        mask,
        _maps(given),
        voxel_volume_mm3=scan.grid.voxel_volume_mm3,
    )
    facts: dict[str, Any] = {
        "volume_ml": float(veins.mask.sum() * scan.grid.voxel_volume_mm3 / 1000.0),
        "regions": facts_of(rows),
    }
    warnings: tuple[str, ...] = ()
    if settings.veins.oxygenation:
        facts["blood"], warnings = _blood(given, veins, scan, settings)
    return Result({"vein_mask": veins.mask}, facts, warnings)


def facts_of(rows: Sequence[RegionMeasure]) -> list[dict[str, Any]]:
    """Return what the record keeps of measured regions."""
    return [
        {
            "region": row.region.name,
            "side": row.region.side,
            "voxels": row.voxels,
            "volume_mm3": row.volume_mm3,
            "measured": row.measured,
            "maps": {name: dataclasses.asdict(one) for name, one in row.maps.items()},
            "status": row.status,
        }
        for row in rows
    ]


def _maps(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the maps that are there."""
    return {name: given[value] for name, value in MAPS.items() if given.get(value) is not None}


def _is_freesurfer(regions: RegionMap) -> bool:
    """Tell whether names are FreeSurfer's own, so that its parcels make lobes."""
    own = freesurfer_regions()
    return all(own.get(label) == region for label, region in regions.names.items())


def _blood(
    given: Mapping[str, Any], veins: Veins, scan: Acquisition, settings: Settings
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the oxygenation of the widest veins, or why there is none."""
    haematocrit = settings.veins.haematocrit
    blood = blood_chi(
        given["chi_ppm"], veins, given["qsm_mask"], voxel_size_mm=scan.grid.voxel_size_mm
    )
    if blood.chi_ppm is None:
        return {"voxels": blood.voxels}, (f"no oxygenation: {blood.why}",)
    oxygenation = oxygenation_of(blood.chi_ppm, haematocrit=haematocrit)
    facts = {"voxels": blood.voxels, "chi_ppm": blood.chi_ppm, "haematocrit": haematocrit}
    if not 0.0 <= oxygenation <= 1.0:
        why = f"blood of {blood.chi_ppm:.3f} ppm does not fit a haematocrit of {haematocrit:g}"
        return facts, (f"no oxygenation: {why}",)
    return facts | {"oxygenation": oxygenation}, ()
