"""The parts that a head is divided into, in the order of the network, priors and label maps."""

from __future__ import annotations

CLASSES = (
    "outside", "sulcal csf", "cerebral cortex", "cerebral white matter", "lateral ventricle",
    "third ventricle", "fourth ventricle", "cerebellar cortex", "cerebellar white matter",
    "brainstem", "thalamus", "caudate", "putamen", "accumbens", "pallidum", "hippocampus",
    "amygdala", "ventral diencephalon",
)  # fmt: skip
"""Names by label, both sides alike; lateral ventricles hold their choroid plexus."""

(
    OUTSIDE, SULCAL, CORTEX, WHITE, LATERAL, THIRD, FOURTH, CEREBELLAR_CORTEX, CEREBELLAR_WHITE,
    BRAINSTEM, THALAMUS, CAUDATE, PUTAMEN, ACCUMBENS, PALLIDUM, HIPPOCAMPUS, AMYGDALA, VENTRAL,
) = range(len(CLASSES))  # fmt: skip

FLUID = (SULCAL, LATERAL, THIRD, FOURTH)
VENTRICLES = (LATERAL, THIRD, FOURTH)
DEEP_GREY = (THALAMUS, CAUDATE, PUTAMEN, ACCUMBENS, PALLIDUM)
GREY = (CORTEX, CEREBELLAR_CORTEX, *DEEP_GREY, HIPPOCAMPUS, AMYGDALA)
"""Grey matter; the ventral diencephalon is counted as white, of which most of it is."""
WHITE_MATTER = (WHITE, CEREBELLAR_WHITE, BRAINSTEM, VENTRAL)
BRAIN = tuple(c for c in range(2, len(CLASSES)))
"""Brain with its ventricles."""
