"""Courses of the arteries at the skull base, on the right, in template mm (RAS+).

Most were measured on the head CT of the Visible Human Male (U.S. National Library of Medicine,
public domain), whose arteries hold gas: `benchmarks/artery_courses.py` traces them, fits his
braincase to the template's (1.8 mm rms over the vault), moves his skull base 5 mm back under the
brain, and averages right and mirrored left. Seen on both sides: ICA from below the carotid canal,
A1, M1, the inferior M2, V4, P1 and the first half of P2; on one side: ICA in the neck, A2, the
superior M2, PCoA. Written from anatomy, on the template's insula, callosum and quadrigeminal
cistern: the last three points of the superior M2 and of P2, the last two of the inferior M2, the
last of A2; that both A2 run 1.8 mm beside the midline, where A1 meets them, and that the ICA goes
straight on down the neck.

Radii are round values of our own for arteries that blood fills, not measured: after death gas
leaves out what still holds blood, and near forks the trace counts the neighbour's gas too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Course:
    """A course on the right in template mm, with the radius at both ends.

    Parameters
    ----------
    points : tuple of points
        Away from the heart.
    radius_mm : tuple of 2 float
        At the first and the last point.
    free_from : int
        From this point on it lies in fluid; before, it runs through neck and skull base.
    paired : bool
        Whether the left has one too.
    """

    points: tuple[tuple[float, float, float], ...]
    radius_mm: tuple[float, float]
    free_from: int = 0
    paired: bool = True


_TERMINUS = (11.5, 1.6, -16.0)
_BIFURCATION = (31.7, 9.4, -16.8)
_ANTERIOR = (1.8, 10.9, -15.8)
_VERTEBRAL_END = (0.0, -23.6, -44.3)
_BASILAR_TIP = (0.0, -11.3, -23.9)
_JUNCTION = (7.2, -10.2, -21.2)

COURSES: dict[str, Course] = {
    "ICA": Course(
        (
            (32.3, -30.2, -73.2), (31.6, -28.9, -69.1), (31.0, -27.5, -65.1),
            (30.6, -26.0, -61.1), (30.1, -24.6, -57.1), (29.3, -23.9, -52.8),
            (28.0, -22.7, -48.6), (26.0, -20.3, -45.4), (23.3, -17.9, -43.0),
            (20.0, -15.0, -42.2), (16.7, -12.1, -41.2), (14.3, -9.4, -38.7),
            (13.2, -6.9, -35.4), (13.4, -4.6, -31.6), (14.4, -1.6, -28.5), (15.4, 2.6, -27.2),
            (14.4, 6.3, -25.3), (11.4, 4.9, -23.0), (10.7, 1.7, -20.2), _TERMINUS,
        ),
        (2.3, 1.7),
        free_from=16,
    ),
    "M1": Course(
        (
            _TERMINUS, (15.9, 1.8, -15.0), (20.3, 3.0, -14.5), (24.1, 4.8, -16.5),
            (28.1, 6.8, -17.3), _BIFURCATION,
        ),
        (1.35, 1.25),
    ),
    "M2 superior": Course(
        (
            _BIFURCATION, (36.2, 10.7, -11.6), (39.4, 9.4, -8.5), (41.0, 11.5, -5.0),
            (41.7, 13.9, -1.2), (41.5, 10.0, 4.0), (41.0, 3.0, 9.0), (41.5, -6.0, 13.0),
        ),
        (1.0, 0.7),
    ),
    "M2 inferior": Course(
        (
            _BIFURCATION, (34.7, 8.0, -15.9), (37.0, 6.3, -13.1), (39.8, 5.2, -10.2),
            (40.5, 2.5, -7.4), (40.6, 0.0, -4.2), (41.3, -3.1, -2.2), (41.5, -6.4, -0.1),
            (41.0, -15.0, 2.0), (41.0, -24.0, 6.0),
        ),
        (1.0, 0.7),
    ),
    "A1": Course(
        (_TERMINUS, (7.4, 2.6, -15.5), (4.2, 4.3, -15.2), (2.2, 7.1, -15.9), _ANTERIOR),
        (1.0, 0.95),
    ),
    "A2": Course(
        (
            _ANTERIOR, (1.8, 14.2, -14.6), (1.8, 17.6, -12.4), (1.8, 20.2, -9.2),
            (1.8, 22.9, -5.8), (1.8, 26.2, -3.0), (1.8, 29.5, 0.0), (1.8, 32.9, 2.7),
            (1.8, 35.9, 6.0), (1.8, 38.2, 9.7), (1.8, 38.9, 14.0), (1.8, 36.1, 16.9),
            (1.8, 32.2, 18.9), (1.8, 28.8, 21.3), (1.8, 26.1, 24.6), (1.8, 22.1, 26.4),
            (1.8, 18.4, 28.6), (1.8, 14.1, 29.7), (1.8, 9.8, 29.7), (1.8, 5.5, 30.9),
            (1.8, 1.1, 31.2), (1.8, -8.0, 32.5),
        ),
        (0.95, 0.55),
    ),
    "V4": Course(
        (
            (12.0, -45.1, -60.7), (10.5, -41.6, -58.4), (9.3, -38.1, -55.9), (7.6, -34.6, -53.6),
            (6.5, -31.2, -51.9), (3.8, -29.2, -49.9), (1.1, -26.7, -47.4), _VERTEBRAL_END,
        ),
        (1.5, 1.35),
    ),
    "BA": Course(
        (
            _VERTEBRAL_END, (0.0, -20.4, -40.8), (0.0, -17.6, -36.8), (0.0, -15.4, -32.5),
            (0.0, -13.3, -28.1), _BASILAR_TIP,
        ),
        (1.6, 1.4),
        paired=False,
    ),
    "P1": Course((_BASILAR_TIP, (3.6, -11.4, -24.3), _JUNCTION), (1.05, 1.0)),
    "PCoA": Course(
        ((10.7, 1.7, -20.2), (9.0, -3.0, -22.6), (8.0, -6.8, -22.8), _JUNCTION), (0.65, 0.65)
    ),
    "P2": Course(
        (
            _JUNCTION, (8.9, -13.6, -19.3), (11.8, -16.8, -18.5), (14.1, -20.1, -17.5),
            (16.5, -22.5, -15.0), (18.2, -23.6, -11.2), (17.5, -25.4, -7.8), (16.3, -27.6, -5.2),
            (14.0, -33.0, -4.5), (11.0, -40.0, -3.0), (12.0, -48.0, 2.0),
        ),
        (1.0, 0.75),
    ),
}  # fmt: skip
