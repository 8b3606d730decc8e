"""Numbers of regions, veins, references and sources from raw phase, on simulated heads.

    python benchmarks/regions.py

Heads that no rule was chosen on are scanned by the digital scanner (0.5 mm cells) and go through
``run_in_memory`` with default settings. Writes regions.csv (a row a region of the true tissue map,
inside the QSM mask: mean chi and R2* beside the truth over the same voxels, chi against the mean of
the mask; R2' as R2* less 15 1/s beside that of the tissue, R2* less R2 of its table; and what the
difference does to the estimate of paramagnetic chi) and regions_heads.csv (a row a head: large
veins, voxel by voxel, against the true tissue map; chi of blood and oxygenation with the person's
haematocrit and with 0.42; how far chi lies from the truth when referred to the brain and to
fluid). Regions of fewer than 50 voxels are left out. All truth is simulated.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import scipy.ndimage

from arteriole.brain.region_map import Region, RegionMap
from arteriole.flow import run_in_memory
from arteriole.numerics.morphology import distance_inside
from arteriole.phantom import tissue
from arteriole.phantom.head import Head, make_head
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import DEMO, MULTI_ECHO_3T, UKB_SWI
from arteriole.phantom.vessels.oxygenation import chi_of_blood
from arteriole.regions.oxygenation import blood_chi, oxygenation_of
from arteriole.regions.statistics import measure_regions
from arteriole.regions.veins import find_veins
from arteriole.step import Acquisition
from arteriole.susceptibility.fluid import reference_fluid
from arteriole.susceptibility.separation import estimate_r2prime, separate_chi

SCANS = ((DEMO, 301), (DEMO, 302), (DEMO, 303), (UKB_SWI, 301), (MULTI_ECHO_3T, 301))
SHOWN = (
    tissue.GREY, tissue.WHITE, tissue.CAUDATE, tissue.PUTAMEN, tissue.PALLIDUM, tissue.THALAMUS,
    tissue.RED_NUCLEUS, tissue.NIGRA, tissue.DENTATE, tissue.VENTRICLE,
)  # fmt: skip
LEAST_VOXELS, DEPTH_MM, R2_HZ, HAEMATOCRIT = 50, 5.0, 15.0, 0.42


def score_regions(scan: Any, truth: Any, head: Head, made: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a scan's regions."""
    names = {row: Region(head.tissues[row].name) for row in SHOWN}
    labels = np.where(np.isin(truth.labels, SHOWN), truth.labels, 0).astype(np.int32)
    mask, b0 = made["qsm_mask"], scan.b0_tesla
    rate = np.array([t.r2_at(b0) for t in head.tissues], dtype=np.float32)
    r2 = rate[truth.labels]
    r2prime = estimate_r2prime(made["r2star_hz"], R2_HZ, b0_tesla=b0)
    own = estimate_r2prime(made["r2star_hz"], r2)
    para, better = (
        separate_chi(made["chi_ppm"], one, mask, b0_tesla=b0)[0] for one in (r2prime, own)
    )
    maps = {
        "chi": made["chi_ppm"],
        "chi_truth": truth.chi_ppm - truth.chi_ppm[mask].mean(),
        "r2star": made["r2star_hz"],
        "r2star_truth": truth.r2star_hz,
        "r2prime": r2prime,
        "r2prime_truth": np.maximum(truth.r2star_hz - r2, 0),
        "para_shift": para - better,
    }
    volume = scan.grid.voxel_volume_mm3
    rows = measure_regions(RegionMap(labels, names), mask, maps, voxel_volume_mm3=volume)
    digits = {"chi": 4, "chi_truth": 4, "para_shift": 4}
    return [
        {"region": row.region.name, "voxels": row.voxels}
        | {name: round(one.mean, digits.get(name, 2)) for name, one in row.maps.items()}
        for row in rows
        if row.voxels >= LEAST_VOXELS
    ]


def score_veins(scan: Any, truth: Any, head: Head, made: dict[str, Any]) -> dict[str, Any]:
    """Return how well veins were found, and what blood they seem to hold."""
    voxel, mask, chi = scan.grid.voxel_size_mm, made["qsm_mask"], made["chi_ppm"]
    veins = find_veins(chi, mask, voxel_size_mm=voxel)
    vein = truth.labels == tissue.VEIN
    near = scipy.ndimage.binary_dilation(vein, structure=np.ones((3, 3, 3)))
    blood = head.blood
    true_chi = float(chi_of_blood(blood.oxygenation, haematocrit=blood.haematocrit))
    full = near & (truth.chi_ppm > 0.6 * true_chi) & mask
    deep = distance_inside(mask, voxel_size_mm=voxel) >= DEPTH_MM
    found = blood_chi(chi, veins, mask, voxel_size_mm=voxel)
    row = {
        "vein_ml": round(float(veins.mask.sum() * scan.grid.voxel_volume_mm3 / 1000), 2),
        "near_a_vein": round(float((veins.mask & near).sum() / veins.mask.sum()), 3),
        "found_of_full": round(float((veins.mask & full).sum() / full.sum()), 3),
        "found_of_full_deep": round(
            float((veins.mask & full & deep).sum() / (full & deep).sum()), 3
        ),
        "blood_chi": "", "blood_chi_truth": round(true_chi, 3),
        "oxygenation": "", "oxygenation_at_0.42": "", "oxygenation_truth": blood.oxygenation,
    }  # fmt: skip
    if found.chi_ppm is not None:
        row["blood_chi"] = round(found.chi_ppm, 3)
        own = oxygenation_of(found.chi_ppm, haematocrit=blood.haematocrit)
        row["oxygenation"] = round(own, 3)
        row["oxygenation_at_0.42"] = round(
            oxygenation_of(found.chi_ppm, haematocrit=HAEMATOCRIT), 3
        )
    return row


def score_reference(truth: Any, made: dict[str, Any], scan: Acquisition) -> dict[str, Any]:
    """Return how far chi lies from the truth by reference, and how pure the fluid is."""
    mask, chi = made["qsm_mask"], made["chi_ppm"]
    both = mask & truth.brain_mask
    apart = float((chi[both] - truth.chi_ppm[both]).mean())
    fluid = reference_fluid(made, scan).mask
    if fluid is None:
        return {"off_brain": round(apart, 4), "off_fluid": "", "fluid_ml": 0, "fluid_pure": ""}
    return {
        "off_brain": round(apart, 4),
        "off_fluid": round(apart - float(chi[fluid].mean()), 4),
        "fluid_ml": round(float(fluid.sum() * scan.grid.voxel_volume_mm3 / 1000), 2),
        "fluid_pure": round(
            float(np.isin(truth.labels[fluid], (tissue.CSF, tissue.VENTRICLE)).mean()), 3
        ),
    }


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def main() -> None:
    regions: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    for protocol, seed in SCANS:
        head = make_head(seed=seed)
        scan, truth = acquire(head, protocol, seed=seed)
        acquisition = Acquisition(scan.grid, scan.b0_tesla, scan.b0_direction, scan.te_s)
        given = {"magnitude": scan.magnitude, "phase": scan.phase}
        made = run_in_memory(given, acquisition, targets=["chi_ppm", "r2star_hz"])
        which = {"protocol": protocol.name, "seed": seed}
        regions += [which | row for row in score_regions(scan, truth, head, made)]
        own = score_veins(scan, truth, head, made)
        heads.append(which | own | score_reference(truth, made, acquisition))
        print(heads[-1], flush=True)
        here = Path(__file__)
        write(here.with_suffix(".csv"), regions)
        write(here.with_name("regions_heads.csv"), heads)


if __name__ == "__main__":
    main()
