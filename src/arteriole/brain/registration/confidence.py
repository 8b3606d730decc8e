"""How sure a rigid registration is: measures of a pose, and the probability made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.registration.registration import Registration
from arteriole.brain.registration.transforms import Transform

COEFFICIENTS = (6.636, -0.393, 2.115)
"""Constant, and weights of the features: fitted by benchmarks/registration_confidence.py."""

LARGEST_APART_MM = 3.0
"""Results of both roles that lie farther apart are never assessable, whatever the confidence."""


@dataclass(frozen=True)
class RigidMeasures:
    """What tells how good a rigid pose is.

    Parameters
    ----------
    apart_mm : float
        Largest distance over the head between the results of both roles.
    information : float
        Normalised mutual information less one, the lower of both roles.
    sharpness : float
        Share of it that the most harmless move of 4 mm costs.
    margin : float
        Share of it by which the pose surpasses its best rival elsewhere, on blocks of 4 mm; 1
        without a rival. Told, not weighed: two persons' heads have no rivals either.
    moved_mm : float
        Mean distance between the pose and what the headers say; no part of the confidence.
    """

    apart_mm: float
    information: float
    sharpness: float
    margin: float
    moved_mm: float


def features(measures: RigidMeasures) -> NDArray[np.float64]:
    """Return a constant and what the confidence weighs, each bounded."""
    return np.array(
        [
            1.0,
            np.log(np.clip(measures.apart_mm, 0.05, 50.0)),
            np.log(np.clip(measures.sharpness, 0.003, 0.6)),
        ]
    )


def judged(
    pose: NDArray[np.float64], measures: RigidMeasures, least_confidence: float
) -> Registration:
    """Return the registration with its confidence, and in words why it is not assessable."""
    odds = float(features(measures) @ np.array(COEFFICIENTS))
    confidence = float(1 / (1 + np.exp(-odds)))
    sure = confidence >= least_confidence and measures.apart_mm <= LARGEST_APART_MM
    reason = "" if sure else _reason(measures, confidence, least_confidence)
    return Registration(pose, confidence, sure, reason, asdict(measures))


def _reason(measures: RigidMeasures, confidence: float, least: float) -> str:
    """Return why a pose is not trusted."""
    why = f"the two directions differ by up to {measures.apart_mm:.1f} mm"
    if measures.apart_mm < 1.5:
        why = f"the match is not distinct (a move of 4 mm costs {100 * measures.sharpness:.0f} %)"
    return f"registration not assessable: {why}; confidence {confidence:.2f}, asked for {least:g}"


HEADS_COEFFICIENTS = (3.552, -1.606, 0.407)
"""Constant and weights for two heads: fitted by benchmarks/registration_confidence_heads.py."""

LEAST_LIKENESS = 0.3
"""Heads whose channels overlap less are never assessable: below it lay what failed there."""

MOST_FOLDED = 1e-3
"""A warp that folds in more of its voxels is not assessable."""


def judged_heads(
    transform: Transform, measures: Mapping[str, float], least_confidence: float
) -> Registration:
    """Return the registration of two heads with its confidence, from likeness and both ways."""
    # Without both ways (a given affine) the likeness alone decides.
    apart = measures.get("apart_mm", 1.0)
    terms = (1.0, np.log(np.clip(apart, 0.05, 50.0)), measures["likeness"])
    odds = float(np.dot(terms, HEADS_COEFFICIENTS))
    confidence = float(1 / (1 + np.exp(-odds)))
    folded = measures.get("folded", 0.0) > MOST_FOLDED
    alike = measures["likeness"] >= LEAST_LIKENESS
    sure = confidence >= least_confidence and alike and not folded
    reason = ""
    if folded:
        reason = f"the warp folds in {100 * measures['folded']:.2g} % of the voxels"
    elif not sure:
        reason = (
            f"tissues overlap by {100 * measures['likeness']:.0f} %, and the two directions differ "
            f"by {apart:.1f} mm; confidence {confidence:.2f}, asked for {least_confidence:g}"
        )
    return Registration(transform, confidence, sure, reason, dict(measures))
