"""What was done, in words: one sentence a step, and a methods text to paste into a paper.

Sentences name what they cite by key, ``[romeo]``; the methods text numbers them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from arteriole.report.citations import CITATIONS
from arteriole.report.story import Story
from arteriole.report.words import capitalised
from arteriole.scan.image_kind import IMAGE_KINDS, IMAGES

_KEY = re.compile(r"\s?\[([a-z0-9, ]+)\]")


@dataclass(frozen=True)
class Methods:
    """Methods text: paragraphs with numbered citations, and what the numbers stand for."""

    paragraphs: tuple[str, ...]
    references: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return all as plain text."""
        listed = [f"{i}. {reference}" for i, reference in enumerate(self.references, 1)]
        return "\n\n".join([*self.paragraphs, "References\n" + "\n".join(listed)])


def methods_text(story: Story) -> Methods:
    """Write the methods from the settings and the record that were actually used.

    Steps that did not run are not described.
    """
    scanned = story.grid is not None
    ran = [name for name in SENTENCES if (scanned if name == "scan" else story.ran(name))]
    paragraphs = [" ".join(SENTENCES[name](story) for name in ran)]
    if story.ran("susceptibility"):
        paragraphs.append(
            "Parameters are reported as the consensus on quantitative susceptibility mapping asks "
            "[consensus]."
        )
    paragraphs.append(_software(story))
    return _numbered(paragraphs)


def step_sentence(story: Story, name: str) -> str:
    """Return in one sentence what a step did, without citations."""
    write = SENTENCES.get(name)
    return without_citations(write(story)) if write else ""


def without_citations(text: str) -> str:
    """Return the text without the keys of what it cites."""
    return _KEY.sub("", text)


def _numbered(paragraphs: list[str]) -> Methods:
    """Replace citation keys by numbers in the order in which they come."""
    order: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        keys = match.group(1).split(", ")
        return f" [{', '.join(str(order.setdefault(key, len(order) + 1)) for key in keys)}]"

    numbered = tuple(_KEY.sub(number, paragraph) for paragraph in paragraphs)
    return Methods(numbered, tuple(CITATIONS[key] for key in order))


def echo_times(story: Story) -> str:
    """Return the echo times in words, ms."""
    times = [f"{1000 * te:.3g}" for te in story.scan.get("te_s") or ()]
    return ", ".join(times) + " ms" if times else "echo times not given"


def _scan(story: Story) -> str:
    scan = story.scan
    voxel = " × ".join(f"{size:.3g}" for size in story.scan_grid.voxel_size_mm)
    field = f" at {scan['b0_tesla']:g} T" if scan.get("b0_tesla") else ""
    x, y, z = scan.get("b0_direction") or story.scan_grid.b0_direction
    return (
        f"{_images(story)}{field}, with voxels of {voxel} mm, were processed on their own grid, "
        "without resampling; the direction of the main field in voxel axes, "
        f"({x:.3f}, {y:.3f}, {z:.3f}), was {_field_source(story, (x, y, z))}."
    )


def _field_source(story: Story, b0_direction: tuple[float, float, float]) -> str:
    """Return where the direction of the field comes from."""
    same = np.allclose(b0_direction, story.scan_grid.b0_direction, atol=1e-4)
    return "taken from the image orientation" if same else "given by the user"


def _images(story: Story) -> str:
    """Return what came in, in words."""
    count = 0 if "field map" in str(story.scan.get("phase_source")) else _echoes(story)
    what = (
        f"gradient-echo images with {_counted(count)} (TE {echo_times(story)})"
        if count
        else "field maps"
    )
    what = f"simulated {what}" if story.simulated else what
    return capitalised(what)


def _counted(echoes: int) -> str:
    return f"{echoes} echo{'es' if echoes > 1 else ''}"


def _brain(story: Story) -> str:
    gap = 2 * float(story.setting("brain", "closing_mm") or 0.0)
    return (
        f"A brain mask was made from the magnitude of all echoes; gaps narrower than {gap:g} mm "
        "(veins, bleeds, dark nuclei) were closed."
    )


def _phase(story: Story) -> str:
    parts = [unwrapping(story), echo_combination(story)]
    if _offset_removed(story):
        parts.insert(0, "the echo-independent phase offset was removed with MCPC-3D-S [mcpc3ds]")
    if _polarity_removed(story):
        parts.insert(
            0, "the phase that parts echoes of the two readout directions was removed [li]"
        )
    if story.setting("phase", "quality_mask"):
        parts.append("voxels with unreliable phase were left out before background removal")
    sentence = "; ".join(parts)
    return capitalised(sentence) + "."


def phase_offset(story: Story) -> str:
    """Return how phase that does not grow with time was removed."""
    first = ""
    if _polarity_removed(story):
        size = story.fact("phase", "polarity_rad")
        first = (
            "Echoes were read forwards and backwards by turns: the linear phase that parts them "
            f"({size:.2g} rad RMS) was removed [li]. "
        )
    if _offset_removed(story):
        return f"{first}The echo-independent phase offset was removed with MCPC-3D-S [mcpc3ds]."
    return f"{first}No phase offset was removed."


def echo_combination(story: Story) -> str:
    """Return how several echoes became one field."""
    if _echoes(story) == 1:
        return "the total field is the unwrapped phase of the one echo over its echo time"
    if story.setting("phase", "fit") == "complex":
        return "the total field was fitted to the complex signal of all echoes [complex]"
    return (
        "the total field was fitted to the unwrapped phase of all echoes, each weighted by its "
        "expected noise"
    )


def unwrapping(story: Story) -> str:
    """Return how phase was unwrapped."""
    how = str(story.setting("phase", "unwrapping"))
    sentence = _UNWRAPPING.get(how, "phase was unwrapped")
    best = how != "laplacian" and story.setting("phase", "weights") == "bestpath"
    return f"{sentence}, with best-path weights [bestpath]" if best else sentence


def _polarity_removed(story: Story) -> bool:
    return story.fact("phase", "polarity_rad") is not None


def _offset_removed(story: Story) -> bool:
    return _echoes(story) > 1 and bool(story.setting("phase", "remove_offset"))


def _echoes(story: Story) -> int:
    return len(story.scan.get("te_s") or ())


_UNWRAPPING = {
    "romeo": (
        "phase was unwrapped exactly with ROMEO, one echo in space and the others from it in time, "
        "or each in space where that left fewer wraps [romeo]"
    ),
    "romeo-template": (
        "phase was unwrapped exactly with ROMEO, one echo in space and the others from it in time "
        "[romeo]"
    ),
    "romeo-individual": "phase was unwrapped exactly with ROMEO, each echo on its own [romeo]",
    "laplacian": "phase was unwrapped with the Laplacian, which is not exact [laplacian]",
}


_REMOVAL = {
    "pdf": "The background field was removed by projection onto dipole fields (PDF) [pdf].",
    "lbv": "The background field was removed by solving for its boundary values (LBV) [lbv].",
}


def _field(story: Story) -> str:
    method = str(story.setting("field", "method"))
    if method in _REMOVAL:
        return _REMOVAL[method]
    if method == "ismv":
        return (
            "The background field was removed by iterated spherical mean values, a sphere of "
            f"{story.setting('field', 'ismv_radius_mm'):g} mm [ismv]."
        )
    if story.setting("field", "method") == "resharp":
        smallest = story.setting("field", "resharp_smallest_mm")
        down = f", halved down to {smallest:g} mm towards the rim," if smallest else ""
        return (
            "The background field was removed with RESHARP, spheres of "
            f"{story.setting('field', 'resharp_radius_mm'):g} mm{down} and a Tikhonov weight of "
            f"{story.setting('field', 'resharp_tikhonov'):g} [resharp]."
        )
    return (
        "The background field was removed with V-SHARP, spheres of "
        f"{story.setting('field', 'vsharp_radius_max_mm'):g} mm down to "
        f"{story.setting('field', 'vsharp_radius_min_mm'):g} mm at the rim and a truncation "
        f"threshold of {story.setting('field', 'vsharp_threshold'):g} [sharp, vsharp]."
    )


def _susceptibility(story: Story) -> str:
    weight = {key: story.setting("susceptibility", key) for key in _INVERSION_KEYS.values()}
    method = str(story.setting("susceptibility", "method"))
    used = story.fact("susceptibility", "weight")
    if used is not None:
        weight[_INVERSION_KEYS[method]] = used
    how = _INVERSION.get(method, "The local field was inverted").format(**weight)
    if story.fact("susceptibility", "weights_tried"):
        how += (
            ", the weight being that with the fewest streaks [equalisation], not below what the "
            "noise asks for"
        )
    return f"{how}; susceptibility is in ppm {_REFERENCES[reference_region(story)]}."


def reference_region(story: Story) -> str:
    """Return what chi is relative to: as done, else as asked for."""
    done = story.fact("susceptibility", "reference") or {}
    return str(done.get("region") or story.setting("susceptibility", "reference"))


_REFERENCES = {
    "brain": "relative to the mean of the whole brain mask",
    "csf": "relative to the mean of the fluid in the ventricles [fluid]",
    "none": "and was not referenced",
}


_INVERSION_KEYS = {
    "smv-tv": "smv_tv_weight",
    "tv": "tv_weight",
    "weak-harmonic": "weak_harmonic_weight",
    "medi": "medi_weight",
    "rts": "rts_weight",
    "l2": "l2_weight",
    "tkd": "tkd_threshold",
}
_INVERSION = {
    "smv-tv": (
        "The field less its spherical means was inverted in one step with total-variation "
        "regularisation by ADMM, weight {smv_tv_weight:.3g} ppm mm [smvtv]"
    ),
    "tv": (
        "The local field was inverted with total-variation regularisation by ADMM, weight "
        "{tv_weight:.3g} ppm mm [tv]"
    ),
    "weak-harmonic": (
        "The local field was inverted together with a nearly harmonic rest of the background, with "
        "total-variation regularisation, weight {weak_harmonic_weight:.3g} ppm mm [weakharmonic]"
    ),
    "medi": (
        "The local field was inverted with morphology-enabled regularisation by the edges of the "
        "magnitude, weight {medi_weight:.3g} ppm mm [medi]"
    ),
    "rts": (
        "The local field was inverted in two steps, division where the dipole kernel is large and "
        "total variation elsewhere, weight {rts_weight:g} [rts]"
    ),
    "l2": "The local field was inverted in closed form with a gradient L2 norm, weight "
    "{l2_weight:g} [l2]",
    "tkd": "The local field was inverted by thresholded k-space division, threshold "
    "{tkd_threshold:g} [tkd]",
}


def uncertainty(_story: Story) -> str:
    """Return how the uncertainty of chi was estimated."""
    return (
        "The uncertainty of susceptibility was estimated voxel by voxel from the error of the "
        "field carried through a closed-form inversion, the misfit of the field, the distance of "
        "two closed-form inversions [l2, tkd], local detail and the spread of the map, with "
        "shares fitted on simulated heads."
    )


def _r2star(story: Story) -> str:
    if story.setting("r2star", "method") == "nonlinear":
        return "R2* was fitted to the magnitude by weighted least squares with a noise floor."
    return "R2* was fitted to the magnitude by auto-regression on linear operations (ARLO) [arlo]."


def _swi(story: Story) -> str:
    slab = f"{story.setting('swi', 'mip_thickness_mm'):g} mm"
    then = f"; its minimum was projected through slabs of {slab} around every slice."
    if swi_method(story) == "clear":
        return (
            f"Susceptibility-weighted images were made from all echoes with CLEAR-SWI [clear]{then}"
        )
    return (
        "Susceptibility-weighted images were made by multiplying magnitude with the homodyne "
        f"phase mask to the fourth power [swi]{then}"
    )


def swi_method(story: Story) -> str:
    """Return which SWI was made, ``clear`` or ``classic``."""
    method = story.fact("swi", "method") or story.setting("swi", "method")
    if method != "auto":
        return str(method)
    return "clear" if _echoes(story) > 1 else "classic"


def separation(story: Story) -> str:
    """Return how sources of both signs were told apart."""
    constant = f"{story.setting('separation', 'relaxation_hz_per_ppm'):g} 1/s per ppm at 3 T"
    how = (
        "Paramagnetic and diamagnetic sources were estimated voxel by voxel in closed form from "
        f"susceptibility and R2', with {constant} [chisep]; "
    )
    if "measured" in str(story.fact("separation", "r2")):
        return f"{how}R2' is R2* less the R2 of spin echoes."
    r2 = story.setting("separation", "r2_hz")
    return (
        f"{how}no R2 was measured: R2' is R2* less {r2:g} 1/s (at 3 T) everywhere, which is an "
        "approximation [greonly]."
    )


def veins(story: Story) -> str:
    """Return how veins were found, and their oxygenation."""
    least = story.setting("veins", "least_chi_ppm")
    found = (
        "Large veins were found as long bright tubes in the map of susceptibility, at least "
        f"{least:g} ppm above what surrounds them [tubes]"
    )
    blood = story.fact("veins", "blood") or {}
    if blood.get("oxygenation") is None:
        return f"{found}."
    return (
        f"{found}; their oxygenation was estimated from the susceptibility of the widest with a "
        f"haematocrit of {blood['haematocrit']:g} [blood]."
    )


def _regions(story: Story) -> str:
    count = len(story.fact("regions", "regions") or ())
    own = story.ran("regions-gre")
    origin = "the atlas" if own else "a label map given with the scan"
    return (
        f"Maps were measured over {count} regions of {origin}, on the scan's own grid, inside the "
        "QSM mask."
    )


def _software(story: Story) -> str:
    own = story.record.get("arteriole_version", "")
    versions = story.record.get("versions") or {}
    libraries = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"Processing was done with arteriole {own}" + (f" ({libraries})." if libraries else ".")


def _parts(image: str) -> Callable[[Story], str]:
    """Return how the parts of the head were found in one image."""

    def sentence(_story: Story) -> str:
        words = "gradient echo" if image == "gre" else IMAGE_KINDS[image].words
        return (
            f"In the {words}, each voxel was given to one of 17 parts of the head by an atlas laid "
            "on the image and a mixture of Gaussians of its intensities [unified]; no contrast was "
            "assumed."
        )

    return sentence


def _align(story: Story) -> str:
    others = story.fact("align", "images") or {}
    if not others:
        return "There was one image: it is the reference."
    return (
        "The images of the session were registered to the reference image by rigid motions that "
        "maximise normalised mutual information [nmi], from many starts and in both directions."
    )


def _template(_story: Story) -> str:
    return (
        "The parts of the head in the reference image were registered to those of MNI152 [mni] by "
        "an affine and demons [demons]."
    )


def _place(image: str) -> Callable[[Story], str]:
    """Return how the regions came to one image."""

    def sentence(_story: Story) -> str:
        words = "gradient echo" if image == "gre" else IMAGE_KINDS[image].words
        return (
            f"The regions of the atlas were brought to the {words} by nearest neighbour, with one "
            "interpolation."
        )

    return sentence


SENTENCES: dict[str, Callable[[Story], str]] = {
    "scan": _scan,
    **{f"segment-{image}": _parts(image) for image in IMAGES},
    "align": _align,
    "template": _template,
    **{f"regions-{image}": _place(image) for image in IMAGES},
    "brain": _brain,
    "phase": _phase,
    "field": _field,
    "susceptibility": _susceptibility,
    "uncertainty": uncertainty,
    "r2star": _r2star,
    "swi": _swi,
    "separation": separation,
    "veins": veins,
    "regions": _regions,
}
