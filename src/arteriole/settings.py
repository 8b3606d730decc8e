"""Choices of method, one frozen dataclass a step; TOML in and out; an unknown key is an error."""

from __future__ import annotations

import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from arteriole.errors import SettingsError


@dataclass(frozen=True)
class ScanSettings:
    """How raw images are read."""

    phase_sign: Literal["auto", "keep", "flip"] = "auto"
    """Whether phase counts against the field: by vendor ("auto"; GE is flipped), or as said."""
    phase_period: float = 0.0
    """Value that a full turn has in the phase files (6.2832, 4096, 360, ...); 0: find out."""
    coils: int = 0
    """Number of receive coils of which each has its own images; 1: they are combined; 0: by the
    files' names and dimensions."""
    allow_filtered_phase: bool = False
    """Go on with QSM although the phase looks high-pass filtered by the vendor."""


@dataclass(frozen=True)
class BrainSettings:
    """The brain mask, from magnitude."""

    closing_mm: float = 4.0
    """Gaps in the mask narrower than twice this are closed: veins, bleeds, dark nuclei."""


@dataclass(frozen=True)
class AnatomySettings:
    """Parts of the head, registration and regions, in every image of a session."""

    method: Literal["atlas", "none"] = "atlas"
    """Parts by the atlas laid on each image and its intensities; or no anatomy beside the brain
    mask."""


@dataclass(frozen=True)
class PhaseSettings:
    """From wrapped phase to the total field."""

    remove_offset: bool = True
    """Remove coil phase by MCPC-3D-S when there are two or more echoes."""
    polarity: Literal["auto", "yes", "no"] = "auto"
    """Take out what parts echoes read forwards and backwards by turns (three or more echoes): where
    it shows, always, or never."""
    unwrapping: Literal["romeo", "romeo-template", "romeo-individual", "laplacian"] = "romeo"
    """Path-following: in time from a template or in space, whichever suits each echo; all from the
    template; each echo by itself; or Laplacian (approximate)."""
    weights: Literal["romeo", "bestpath"] = "romeo"
    """What makes a path trustworthy: ROMEO's weights, or second differences of phase alone."""
    fit: Literal["complex", "weighted"] = "complex"
    """Field from the complex echoes (Gauss-Newton), or by weighted least squares of unwrapped
    phase."""
    quality_mask: bool = True
    """Leave voxels with unreliable phase out of the mask for background removal."""


@dataclass(frozen=True)
class FieldSettings:
    """Background field removal."""

    method: Literal["pdf", "resharp", "vsharp", "lbv", "ismv"] = "pdf"
    """Projection onto dipole fields, spherical mean values (regularised least squares over all
    balls, or truncated inverse, or iterated), or Laplacian boundary values."""
    vsharp_radius_max_mm: float = 12.0
    """Largest ball of V-SHARP, used where it fits into the mask."""
    vsharp_radius_min_mm: float = 1.0
    """Smallest ball of V-SHARP, at the rim."""
    vsharp_threshold: float = 0.05
    """Frequencies that the largest ball leaves less of than this are set to zero."""
    resharp_radius_mm: float = 12.0
    """Largest ball of RESHARP."""
    resharp_smallest_mm: float = 1.0
    """Balls are halved down to this where the largest does not fit; 0 keeps the one radius."""
    resharp_tikhonov: float = 1e-4
    """Weight of the local field's own energy."""
    resharp_keep_rim: bool = False
    """Keep the rim of the mask, where no ball fits; only smv-tv makes up for that."""
    ismv_radius_mm: float = 5.0
    """Ball of iSMV."""
    allow_cut_mask: bool = False
    """Go on although the mask is cut off by the edge of the volume on several sides."""


@dataclass(frozen=True)
class SusceptibilitySettings:
    """Dipole inversion and reference."""

    method: Literal["tv", "smv-tv", "weak-harmonic", "medi", "rts", "l2", "tkd"] = "tv"
    """Total variation fitted to the field, to the field less its spherical means, to the field with
    a nearly harmonic rest, away from the magnitude's edges, or in two steps; closed-form gradient
    L2; truncated k-space division."""
    automatic_weight: bool = True
    """Choose the weight of tv, smv-tv, weak-harmonic and medi where chi has the fewest streaks;
    their weights below, with the share for noise, are then the least that is chosen."""
    tv_weight: float = 1e-4
    """Weight of the total variation of tv, ppm mm; the noise of the field adds to it."""
    tv_steps: int = 60
    """Most steps of tv; it ends before where chi has settled."""
    smv_tv_weight: float = 2e-5
    """Weight of the total variation of smv-tv, ppm mm; the noise of the field adds to it."""
    weak_harmonic_weight: float = 1e-4
    """Weight of the total variation of weak-harmonic, ppm mm; the noise of the field adds to it."""
    medi_weight: float = 1e-4
    """Weight of the variation away from edges, ppm mm; the noise of the field adds to it."""
    rts_weight: float = 1e-3
    """Weight of the total variation of rts, ppm mm; the noise of the field adds to it."""
    l2_weight: float = 5e-3
    """Weight of the squared gradient, mm2."""
    tkd_threshold: float = 0.15
    """The dipole kernel is taken to be at least this large."""
    reference: Literal["brain", "csf", "none"] = "brain"
    """What has a mean chi of zero: the QSM mask, fluid of the ventricles, or nothing."""


@dataclass(frozen=True)
class UncertaintySettings:
    """How far chi may be from the truth, voxel by voxel."""

    method: Literal["parts", "none"] = "parts"
    """From noise, misfit, plain inversions beside chi, and detail; or not at all."""


@dataclass(frozen=True)
class R2starSettings:
    """Effective transverse relaxation."""

    method: Literal["arlo", "nonlinear"] = "arlo"
    """Auto-regression (fast, three or more echoes), or weighted fit with a noise floor."""


@dataclass(frozen=True)
class SwiSettings:
    """Susceptibility-weighted imaging."""

    method: Literal["auto", "clear", "classic"] = "auto"
    """CLEAR-SWI from two or more echoes, classic homodyne from one, or one of them for all."""
    mip_thickness_mm: float = 14.0
    """Thickness of the sliding minimum-intensity projection."""


@dataclass(frozen=True)
class SeparationSettings:
    """Paramagnetic and diamagnetic sources in the same voxel, an estimate."""

    method: Literal["none", "closed-form"] = "none"
    """Not at all, or from chi and R2' voxel by voxel."""
    r2_hz: float = 15.0
    """R2 that is taken off R2* at 3 T where no map of R2 is given, 1/s."""
    relaxation_hz_per_ppm: float = 137.0
    """R2' that 1 ppm of sources makes at 3 T, 1/s; it grows with the field."""


@dataclass(frozen=True)
class VeinSettings:
    """Large veins, from chi."""

    least_chi_ppm: float = 0.1
    """Voxels of veins are at least this far above their surroundings."""
    oxygenation: bool = False
    """Estimate the oxygenation of blood in the widest veins."""
    haematocrit: float = 0.42
    """Share of red cells in blood, for the oxygenation."""


@dataclass(frozen=True)
class OutputSettings:
    """What is written."""

    level: Literal["minimal", "standard", "full"] = "standard"
    """Tables and report; masked maps in 16 bits; or float32 with intermediates."""


PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "default": {},
    "fast": {
        "field": {"method": "vsharp"},
        "susceptibility": {
            "method": "tv",
            "automatic_weight": False,
            "tv_weight": 5e-5,
            "tv_steps": 12,
        },
        "uncertainty": {"method": "none"},
    },
}
"""Named sets of settings: what each changes."""


@dataclass(frozen=True)
class Settings:
    """All settings of a run.

    Examples
    --------
    >>> Settings.from_pairs(["field.method=vsharp"]).field.method
    'vsharp'
    """

    scan: ScanSettings = ScanSettings()
    brain: BrainSettings = BrainSettings()
    anatomy: AnatomySettings = AnatomySettings()
    phase: PhaseSettings = PhaseSettings()
    field: FieldSettings = FieldSettings()
    susceptibility: SusceptibilitySettings = SusceptibilitySettings()
    uncertainty: UncertaintySettings = UncertaintySettings()
    r2star: R2starSettings = R2starSettings()
    swi: SwiSettings = SwiSettings()
    separation: SeparationSettings = SeparationSettings()
    veins: VeinSettings = VeinSettings()
    output: OutputSettings = OutputSettings()

    @classmethod
    def preset(cls, name: str) -> Settings:
        """Return a named set of settings.

        Raises
        ------
        SettingsError
            For a name that there is not.
        """
        if name not in PRESETS:
            raise SettingsError(f"unknown preset {name!r}; there are {_names(PRESETS)}")
        return cls().changed(PRESETS[name])

    @property
    def preset_name(self) -> str:
        """Name of the preset that these settings are, apart from what is written; or nothing."""
        same = (n for n in PRESETS if replace(self.preset(n), output=self.output) == self)
        return next(same, "")

    @classmethod
    def from_toml(cls, text: str, *, start: Settings | None = None) -> Settings:
        """Read settings from TOML; what it does not name keeps its value in ``start``.

        Raises
        ------
        SettingsError
            For broken TOML, an unknown section or key, or a value of the wrong kind.
        """
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"settings are not valid TOML: {error}") from None
        return (start or cls()).changed(table)

    @classmethod
    def from_pairs(cls, pairs: Iterable[str], *, start: Settings | None = None) -> Settings:
        """Read ``section.key=value`` pairs, as given to ``--set``.

        Raises
        ------
        SettingsError
            For a pair without ``.`` or ``=``, an unknown name, or a value of the wrong kind.
        """
        settings = start or cls()
        for pair in pairs:
            name, equals, value = pair.partition("=")
            section, dot, key = name.strip().partition(".")
            if not (equals and dot):
                raise SettingsError(f"--set takes section.key=value, not {pair!r}")
            settings = settings.changed({section: {key: _literal(value.strip())}})
        return settings

    def changed(self, table: Mapping[str, Any]) -> Settings:
        """Return these settings with the named values replaced."""
        sections = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, values in table.items():
            if name not in sections:
                raise SettingsError(f"unknown section {name!r}; there are {_names(sections)}")
            if not isinstance(values, Mapping):
                raise SettingsError(f"[{name}] is a section with keys, not a value")
            sections[name] = _changed_section(name, sections[name], values)
        return Settings(**sections)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Return all sections as plain dictionaries."""
        return asdict(self)


def _changed_section(name: str, section: Any, values: Mapping[str, Any]) -> Any:
    kinds = typing.get_type_hints(type(section))
    unknown = sorted(set(values) - set(kinds))
    if unknown:
        raise SettingsError(f"unknown key {name}.{unknown[0]}; [{name}] has {_names(kinds)}")
    checked = {key: _checked(f"{name}.{key}", value, kinds[key]) for key, value in values.items()}
    return replace(section, **checked)


def _checked(name: str, value: Any, kind: Any) -> Any:
    """Return the value as its declared kind, or say which kind is wanted."""
    if typing.get_origin(kind) is Literal:
        if value in typing.get_args(kind):
            return value
        raise SettingsError(f"{name} is one of {_names(typing.get_args(kind))}, not {value!r}")
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return _checked_union(name, value, typing.get_args(kind))
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    raise SettingsError(f"{name} is a {kind.__name__}, not {value!r}")


def _checked_union(name: str, value: Any, kinds: tuple[Any, ...]) -> Any:
    """Take the first kind of several that fits."""
    for kind in kinds:
        try:
            return _checked(name, value, kind)
        except SettingsError:
            continue
    raise SettingsError(f"{name} cannot be {value!r}")


def _literal(text: str) -> Any:
    """Read a value as TOML would, or as a bare word."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _names(names: Iterable[Any]) -> str:
    return ", ".join(str(name) for name in names)
