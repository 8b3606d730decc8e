"""FreeSurfer's label numbers, with names: subcortical, cortical (Desikan-Killiany), lobes."""

from __future__ import annotations

from arteriole.brain.region_map import Region, Side

_SIDES: tuple[Side, ...] = ("left", "right")

_PAIRS: dict[str, tuple[int, int]] = {
    "cerebral white matter": (2, 41),
    "cerebral cortex": (3, 42),
    "lateral ventricle": (4, 43),
    "inferior lateral ventricle": (5, 44),
    "cerebellar white matter": (7, 46),
    "cerebellar cortex": (8, 47),
    "thalamus": (10, 49),
    "caudate": (11, 50),
    "putamen": (12, 51),
    "pallidum": (13, 52),
    "hippocampus": (17, 53),
    "amygdala": (18, 54),
    "insula (aseg)": (19, 55),
    "operculum": (20, 56),
    "lesion": (25, 57),
    "accumbens": (26, 58),
    "substantia nigra": (27, 59),
    "ventral diencephalon": (28, 60),
    "undetermined": (29, 61),
    "vessel": (30, 62),
    "choroid plexus": (31, 63),
    "white matter hypointensity": (78, 79),
}
_MIDDLE: dict[str, int] = {
    "third ventricle": 14,
    "fourth ventricle": 15,
    "brainstem": 16,
    "csf": 24,
    "fifth ventricle": 72,
    "white matter hypointensities": 77,
    "non-white-matter hypointensities": 80,
    "optic chiasm": 85,
    "midbrain": 173,
    "pons": 174,
    "medulla": 175,
    "superior cerebellar peduncle": 178,
    "corpus callosum, posterior": 251,
    "corpus callosum, mid posterior": 252,
    "corpus callosum, central": 253,
    "corpus callosum, mid anterior": 254,
    "corpus callosum, anterior": 255,
}

PARCELS = (
    "banks of superior temporal sulcus", "caudal anterior cingulate", "caudal middle frontal",
    "corpus callosum", "cuneus", "entorhinal", "fusiform", "inferior parietal",
    "inferior temporal", "isthmus cingulate", "lateral occipital", "lateral orbitofrontal",
    "lingual", "medial orbitofrontal", "middle temporal", "parahippocampal", "paracentral",
    "pars opercularis", "pars orbitalis", "pars triangularis", "pericalcarine", "postcentral",
    "posterior cingulate", "precentral", "precuneus", "rostral anterior cingulate",
    "rostral middle frontal", "superior frontal", "superior parietal", "superior temporal",
    "supramarginal", "frontal pole", "temporal pole", "transverse temporal", "insula",
)  # fmt: skip
"""Parcels of the cortex in the order of their numbers: 1001 is the first on the left."""

_LOBES: dict[str, tuple[int, ...]] = {
    "frontal": (3, 12, 14, 17, 18, 19, 20, 24, 27, 28, 32),
    "parietal": (8, 22, 25, 29, 31),
    "temporal": (1, 6, 7, 9, 15, 16, 30, 33, 34),
    "occipital": (5, 11, 13, 21),
    "cingulate": (2, 10, 23, 26),
    "insular": (35,),
}
_MATTERS = {"cortex": (1000, 2000), "white matter": (3000, 4000)}


def freesurfer_regions() -> dict[int, Region]:
    """Return the regions of FreeSurfer's ``aseg``, ``aparc+aseg`` and ``wmparc`` by label.

    Returns
    -------
    dict of int to Region
        Subcortical labels, cortical parcels (1000, 2000) and the white matter under them (3000,
        4000; 5001 and 5002 where it is nobody's).

    References
    ----------
    Fischl 2002, doi:10.1016/S0896-6273(02)00569-X (aseg);
    Desikan 2006, doi:10.1016/j.neuroimage.2006.01.021 (parcels).
    """
    regions = {label: Region(name) for name, label in _MIDDLE.items()}
    for name, labels in _PAIRS.items():
        regions |= {label: Region(name, side) for label, side in zip(labels, _SIDES, strict=True)}
    for matter, starts in _MATTERS.items():
        for start, side in zip(starts, _SIDES, strict=True):
            regions[start] = Region(f"unknown {matter}", side)
            for number, parcel in enumerate(PARCELS, start=1):
                regions[start + number] = Region(f"{parcel} {matter}", side)
    for label, side in zip((5001, 5002), _SIDES, strict=True):
        regions[label] = Region("deep white matter", side)
    return regions


def freesurfer_lobes() -> dict[Region, tuple[int, ...]]:
    """Return the labels of each lobe and side, of the cortex and of the white matter under it.

    Notes
    -----
    Parcels are grouped as in FreeSurfer's own table of lobes; the cingulate and insular lobes
    stay by themselves.
    """
    return {
        Region(f"{lobe} {matter}", side): tuple(start + number for number in numbers)
        for lobe, numbers in _LOBES.items()
        for matter, starts in _MATTERS.items()
        for start, side in zip(starts, _SIDES, strict=True)
    }
