"""What tissues are made of: susceptibility, relaxation, water content, at any field.

Values are for 3 T and an age of 60 years, rounded, near published means:

- R2 and R2* of cortex, white matter and pallidum, and their split into R2 and R2': Gelman 1999
  (doi:10.1148/radiology.210.3.r99fe41759; R2 14.4, 18.0, 25.8 and R2' 3.4, 3.9, 12.0 1/s in
  adults of 19-42 years); T2 of cortex and white matter: Cox & Gowland 2010
  (doi:10.1002/mrm.22411; 76 and 71 ms at 3 T).
- R2* and chi of nuclei: Treit 2021 (doi:10.1002/hbm.25569), Langkammer 2012
  (doi:10.1016/j.neuroimage.2012.05.049), Li 2014 (doi:10.1002/hbm.22360); what is not in them
  follows the iron of Hallgren & Sourander 1958 (doi:10.1111/j.1471-4159.1958.tb12607.x).
- Optic radiation: R2* 24 to 30 1/s, chi some -0.04 ppm below white matter, T1 0.78 s (a table of
  the sagittal stratum's layers at 3 T in the American Journal of Neuroradiology); T2* differs
  between bundles by myelin and not by iron: Li 2009 (doi:10.1002/mrm.22156).
- T1 of cortex, white matter, caudate and putamen at 1.5, 3 and 7 T: Wright 2008
  (doi:10.1007/s10334-008-0104-8); of white matter also Wansapura 1999
  (doi:10.1002/(SICI)1522-2586(199904)9:4<531::AID-JMRI4>3.0.CO;2-L).
- Blood: Zhao 2007 (doi:10.1002/mrm.21342), Krishnamurthy 2014 (doi:10.1002/mrm.24868; T2 of 68 ms
  in arteries and 20 ms in veins at 7 T).
- Air, bone, fat: Schenck 1996 (doi:10.1118/1.597854).

Our own estimates: all densities and textures; skin, muscle, marrow, mucosa, plexus, lens and dura;
R2, T1 and chi of lesions (of their kind: water where tissue is lost, iron where blood was).
"""

from __future__ import annotations

from dataclasses import dataclass

CHI_AIR_PPM = 9.4
"""Air against water: +0.36 - (-9.05) ppm."""

R2_RISE_PER_TESLA = 0.145
"""Relative rise of R2 per T above 3 T: a line through Cox & Gowland's 87, 76, 47 ms (cortex)."""


@dataclass(frozen=True)
class Tissue:
    """One tissue at 3 T, and how it changes with the field.

    Parameters
    ----------
    name : str
        What it is.
    chi_ppm : float
        Volume susceptibility against water (SI, ppm).
    r2star_hz, r2_hz : float
        Effective transverse relaxation without the field of macroscopic sources, and the part of
        it that a spin echo does not bring back (1/T2), 1/s, at 3 T.
    density : float
        Visible water (or fat) proton density against water.
    t1_s : float
        Longitudinal relaxation time at 3 T, s.
    chi_texture_ppm : float
        Standard deviation of chi within the tissue.
    texture : float
        Relative standard deviation of R2* (and a quarter of it of density) within the tissue.
    coupling : float
        Correlation of chi and R2* within the tissue: positive where iron varies, negative where
        myelin does.
    t1_exponent : float
        T1 grows with the field to this power.
    shift_ppm : float
        Chemical shift against water; fat only.

    Notes
    -----
    ``R2*(B0) = R2 (1 + 0.145 (B0 - 3)) + (R2* - R2) B0 / 3`` with B0 in T, so that R2* is a line
    in B0 as measured (Peters 2007, doi:10.1016/j.mri.2007.02.014; Li 2009). ``T1 ~ B0^p`` with p
    0.382 in white matter, 0.376 in grey, 0.34 in blood (Rooney 2007, doi:10.1002/mrm.21122), 0.27
    in iron-rich nuclei (through Wright's 1.08, 1.33, 1.64 s), 0 in fluid and fat.
    """

    name: str
    chi_ppm: float
    r2star_hz: float
    r2_hz: float
    density: float
    t1_s: float
    chi_texture_ppm: float = 0.0
    texture: float = 0.0
    coupling: float = 0.0
    t1_exponent: float = 0.376
    shift_ppm: float = 0.0

    def r2_at(self, b0_tesla: float) -> float:
        """Return 1/T2 (1/s) at a field (T)."""
        return self.r2_hz * (1.0 + R2_RISE_PER_TESLA * (b0_tesla - 3.0))

    def r2star_at(self, b0_tesla: float) -> float:
        """Return R2* (1/s) at a field (T)."""
        return self.r2_at(b0_tesla) + (self.r2star_hz - self.r2_hz) * b0_tesla / 3.0

    def t1_at(self, b0_tesla: float) -> float:
        """Return T1 (s) at a field (T)."""
        return float(self.t1_s * (b0_tesla / 3.0) ** self.t1_exponent)


AIR, SKIN, FAT, MUSCLE, BONE, MARROW, CSF, GREY, WHITE = range(9)
BRAINSTEM, CEREBELLAR_GREY, CEREBELLAR_WHITE = range(9, 12)
CAUDATE, PUTAMEN, PALLIDUM, THALAMUS, RED_NUCLEUS, NIGRA, DENTATE = range(12, 19)
VENTRICLE, CHOROID, EYE, LENS, VEIN, DURA, MICROBLEED, CALCIFICATION = range(19, 27)
ARTERY, HIPPOCAMPUS, AMYGDALA, ACCUMBENS, CALLOSUM, CAPSULE, RADIATION, MUCOSA = range(27, 35)
FLOW_VOID, HYPERINTENSITY, GLIOSIS, CAVITY, PERIVASCULAR = range(35, 40)
RECENT_INFARCT, OLD_INFARCT, HAEMATOMA, HAEMOSIDERIN, CAVERNOMA = range(40, 45)
OPTIC_NERVE = 45

TISSUES: tuple[Tissue, ...] = (
    Tissue("air", CHI_AIR_PPM, 0.0, 0.0, 0.0, 1.0, t1_exponent=0.0),
    Tissue("skin", -0.05, 55.0, 28.0, 0.6, 1.1, 0.02, 0.15),
    Tissue("fat", 0.65, 45.0, 15.0, 0.72, 0.37, 0.03, 0.12, t1_exponent=0.0, shift_ppm=-3.4),
    Tissue("muscle", -0.03, 35.0, 29.0, 0.75, 1.3, 0.03, 0.2),
    Tissue("bone", -2.35, 2000.0, 1500.0, 0.08, 0.4, 0.1, 0.2, t1_exponent=0.0),
    Tissue("marrow", 0.1, 160.0, 16.0, 0.55, 0.4, 0.15, 0.25, t1_exponent=0.0, shift_ppm=-3.4),
    Tissue("csf", 0.0, 2.0, 0.6, 1.0, 4.2, 0.003, 0.05, t1_exponent=0.0),
    Tissue("cortical grey matter", 0.018, 17.2, 13.6, 0.85, 1.4, 0.012, 0.06, 0.5),
    Tissue("white matter", -0.03, 21.5, 16.5, 0.69, 0.92, 0.01, 0.06, -0.5, t1_exponent=0.382),
    Tissue("brainstem", -0.015, 20.0, 15.5, 0.72, 0.98, 0.015, 0.06, -0.4, t1_exponent=0.382),
    Tissue("cerebellar grey matter", 0.015, 18.0, 14.0, 0.82, 1.35, 0.012, 0.06, 0.5),
    Tissue(
        "cerebellar white matter",
        -0.025,
        20.5,
        16.0,
        0.71,
        0.9,
        0.01,
        0.06,
        -0.5,
        t1_exponent=0.382,
    ),
    Tissue("caudate", 0.055, 25.0, 18.3, 0.8, 1.36, 0.012, 0.06, 0.7, t1_exponent=0.27),
    Tissue("putamen", 0.08, 29.0, 21.0, 0.79, 1.3, 0.018, 0.09, 0.8, t1_exponent=0.27),
    Tissue("pallidum", 0.14, 38.5, 25.8, 0.73, 1.02, 0.025, 0.1, 0.8, t1_exponent=0.27),
    Tissue("thalamus", 0.012, 21.0, 16.0, 0.76, 1.15, 0.016, 0.07, 0.4, t1_exponent=0.33),
    Tissue("red nucleus", 0.12, 35.0, 24.0, 0.75, 1.05, 0.02, 0.09, 0.8, t1_exponent=0.27),
    Tissue("substantia nigra", 0.15, 37.0, 24.5, 0.75, 1.08, 0.028, 0.1, 0.8, t1_exponent=0.27),
    Tissue("dentate nucleus", 0.105, 31.0, 21.0, 0.76, 1.08, 0.02, 0.09, 0.8, t1_exponent=0.27),
    Tissue("ventricular csf", 0.0, 1.5, 0.5, 1.0, 4.3, 0.001, 0.02, t1_exponent=0.0),
    Tissue("choroid plexus", -0.05, 14.0, 8.0, 0.9, 2.2, 0.08, 0.25, -0.3, t1_exponent=0.3),
    Tissue("vitreous", 0.0, 2.0, 0.6, 0.99, 4.2, t1_exponent=0.0),
    Tissue("lens", -0.1, 60.0, 30.0, 0.6, 1.0, t1_exponent=0.3),
    Tissue("venous blood", 0.4, 46.0, 32.0, 0.85, 1.75, 0.01, 0.03, 0.5, t1_exponent=0.34),
    Tissue("dura", 0.02, 70.0, 35.0, 0.55, 1.0, 0.02, 0.1),
    Tissue("microbleed", 1.0, 180.0, 60.0, 0.45, 1.0, t1_exponent=0.3),
    Tissue("calcification", -1.5, 220.0, 60.0, 0.3, 0.9, t1_exponent=0.3),
    # not the 1.75 s of blood at rest: blood that flows in is not saturated and looks bright
    Tissue("arterial blood", -0.01, 14.0, 9.3, 0.85, 0.35, t1_exponent=0.0),
    Tissue("hippocampus", 0.005, 17.5, 13.2, 0.83, 1.45, 0.012, 0.06, 0.4),
    Tissue("amygdala", 0.005, 17.0, 13.2, 0.83, 1.45, 0.01, 0.05, 0.4),
    Tissue("accumbens", 0.04, 22.5, 16.5, 0.81, 1.38, 0.012, 0.06, 0.7, t1_exponent=0.3),
    Tissue("corpus callosum", -0.042, 21.5, 17.0, 0.69, 0.82, 0.01, 0.06, -0.5, t1_exponent=0.382),
    Tissue("internal capsule", -0.05, 22.5, 17.0, 0.7, 0.85, 0.01, 0.06, -0.5, t1_exponent=0.382),
    Tissue("optic radiation", -0.06, 26.5, 19.0, 0.68, 0.79, 0.01, 0.06, -0.5, t1_exponent=0.382),
    Tissue("mucosa", -0.03, 25.0, 14.0, 0.85, 1.6, 0.02, 0.15),
    Tissue("fast blood", -0.01, 14.0, 9.3, 0.0, 1.75, t1_exponent=0.34),
    Tissue("white matter hyperintensity", -0.01, 14.5, 9.5, 0.8, 1.25, 0.008, 0.06, -0.4),
    Tissue("gliosis", 0.0, 13.5, 8.5, 0.84, 1.4, 0.008, 0.06, -0.3),
    Tissue("cavity", 0.0, 3.0, 1.2, 0.98, 3.5, t1_exponent=0.0),
    Tissue("perivascular space", 0.0, 4.0, 1.5, 0.96, 3.2, t1_exponent=0.0),
    Tissue("recent infarct", -0.005, 13.0, 9.0, 0.84, 1.45, 0.008, 0.05),
    Tissue("old infarct", 0.0, 8.0, 5.0, 0.92, 2.2, 0.008, 0.08, t1_exponent=0.2),
    Tissue("haematoma", 0.7, 90.0, 45.0, 0.75, 1.1, 0.1, 0.2, 0.6, t1_exponent=0.3),
    Tissue("haemosiderin", 1.0, 160.0, 60.0, 0.6, 1.0, 0.15, 0.2, 0.8, t1_exponent=0.3),
    Tissue("cavernoma", 0.5, 90.0, 40.0, 0.7, 1.05, 0.25, 0.4, 0.8, t1_exponent=0.3),
    Tissue("optic nerve", -0.025, 20.0, 15.5, 0.72, 0.95, 0.01, 0.06, -0.4, t1_exponent=0.382),
)
