"""What tissues are made of: susceptibility, relaxation, water content.

Round values near published means at 3 T: chi and R2* of nuclei, Treit 2021
(doi:10.1002/hbm.25569) and Langkammer 2012 (doi:10.1016/j.neuroimage.2012.05.049); air, bone and
fat, Schenck 1996 (doi:10.1118/1.597854); T1 of brain, Wansapura 1999
(doi:10.1002/(SICI)1522-2586(199904)9:4<531::AID-JMRI4>3.0.CO;2-L). Densities, textures and the
values of skin, muscle, marrow, plexus and lens are our own estimates.
"""

from __future__ import annotations

from dataclasses import dataclass

CHI_AIR_PPM = 9.4
"""Air against water: +0.36 - (-9.05) ppm."""


@dataclass(frozen=True)
class Tissue:
    """One tissue at 3 T.

    Parameters
    ----------
    name : str
        What it is.
    chi_ppm : float
        Volume susceptibility against water (SI, ppm).
    r2star_hz : float
        Effective transverse relaxation without the field of macroscopic sources, 1/s, at 3 T.
    density : float
        Visible water (or fat) proton density against water.
    t1_s : float
        Longitudinal relaxation time at 3 T, s.
    chi_texture_ppm : float
        Standard deviation of chi within the tissue.
    texture : float
        Relative standard deviation of R2* (and a quarter of it of density) within the tissue.
    shift_ppm : float
        Chemical shift against water; fat only.
    """

    name: str
    chi_ppm: float
    r2star_hz: float
    density: float
    t1_s: float
    chi_texture_ppm: float = 0.0
    texture: float = 0.0
    shift_ppm: float = 0.0


AIR, SKIN, FAT, MUSCLE, BONE, MARROW, CSF, GREY, WHITE = range(9)
BRAINSTEM, CEREBELLAR_GREY, CEREBELLAR_WHITE = range(9, 12)
CAUDATE, PUTAMEN, PALLIDUM, THALAMUS, RED_NUCLEUS, NIGRA, DENTATE = range(12, 19)
VENTRICLE, CHOROID, EYE, LENS, VEIN, DURA, MICROBLEED, CALCIFICATION = range(19, 27)
ARTERY, HIPPOCAMPUS, AMYGDALA, ACCUMBENS, CALLOSUM, CAPSULE, RADIATION, MUCOSA = range(27, 35)
FLOW_VOID, HYPERINTENSITY, GLIOSIS, CAVITY, PERIVASCULAR = range(35, 40)
RECENT_INFARCT, OLD_INFARCT, HAEMATOMA, HAEMOSIDERIN, CAVERNOMA = range(40, 45)

TISSUES: tuple[Tissue, ...] = (
    Tissue("air", CHI_AIR_PPM, 0.0, 0.0, 1.0),
    Tissue("skin", -0.05, 55.0, 0.60, 1.10, 0.02, 0.15),
    Tissue("fat", 0.65, 45.0, 0.72, 0.37, 0.03, 0.12, shift_ppm=-3.4),
    Tissue("muscle", -0.03, 35.0, 0.75, 1.20, 0.03, 0.20),
    Tissue("bone", -2.35, 900.0, 0.08, 0.40, 0.10, 0.20),
    Tissue("marrow", 0.10, 160.0, 0.55, 0.42, 0.15, 0.25, shift_ppm=-3.4),
    Tissue("csf", 0.0, 2.0, 1.00, 4.20, 0.003, 0.05),
    Tissue("cortical grey matter", 0.018, 17.5, 0.82, 1.35, 0.012, 0.04),
    Tissue("white matter", -0.030, 21.0, 0.70, 0.86, 0.010, 0.04),
    Tissue("brainstem", -0.015, 20.0, 0.72, 0.95, 0.015, 0.04),
    Tissue("cerebellar grey matter", 0.015, 18.0, 0.82, 1.30, 0.012, 0.04),
    Tissue("cerebellar white matter", -0.025, 20.5, 0.71, 0.90, 0.010, 0.04),
    Tissue("caudate", 0.055, 25.0, 0.80, 1.25, 0.012, 0.04),
    Tissue("putamen", 0.070, 28.0, 0.79, 1.20, 0.018, 0.06),
    Tissue("pallidum", 0.140, 41.0, 0.73, 0.95, 0.025, 0.07),
    Tissue("thalamus", 0.012, 21.5, 0.76, 1.08, 0.015, 0.04),
    Tissue("red nucleus", 0.120, 35.0, 0.75, 0.98, 0.020, 0.06),
    Tissue("substantia nigra", 0.150, 38.0, 0.75, 1.02, 0.025, 0.07),
    Tissue("dentate nucleus", 0.110, 32.0, 0.76, 1.00, 0.020, 0.06),
    Tissue("ventricular csf", 0.0, 1.5, 1.00, 4.30, 0.001, 0.02),
    Tissue("choroid plexus", -0.05, 14.0, 0.90, 2.20, 0.080, 0.25),
    Tissue("vitreous", 0.0, 2.0, 0.99, 4.20),
    Tissue("lens", -0.10, 60.0, 0.60, 1.00),
    Tissue("venous blood", 0.40, 48.0, 0.85, 1.70, 0.010, 0.03),
    Tissue("dura", 0.02, 70.0, 0.55, 1.00, 0.02, 0.10),
    Tissue("microbleed", 1.0, 180.0, 0.45, 0.95),
    Tissue("calcification", -1.5, 220.0, 0.30, 0.80),
    Tissue("arterial blood", -0.01, 7.0, 0.85, 1.65),
    Tissue("hippocampus", 0.010, 18.0, 0.83, 1.40, 0.012, 0.04),
    Tissue("amygdala", 0.010, 18.0, 0.83, 1.40, 0.012, 0.04),
    Tissue("accumbens", 0.040, 22.0, 0.81, 1.30, 0.012, 0.04),
    Tissue("corpus callosum", -0.045, 22.0, 0.69, 0.82, 0.010, 0.04),
    Tissue("internal capsule", -0.050, 22.5, 0.70, 0.84, 0.010, 0.04),
    Tissue("optic radiation", -0.055, 24.0, 0.69, 0.82, 0.010, 0.04),
    Tissue("mucosa", -0.03, 25.0, 0.85, 1.60, 0.02, 0.15),
    Tissue("fast blood", -0.01, 7.0, 0.0, 1.65),
    Tissue("white matter hyperintensity", -0.010, 14.0, 0.80, 1.25, 0.008, 0.05),
    Tissue("gliosis", 0.0, 14.0, 0.84, 1.40, 0.008, 0.05),
    Tissue("cavity", 0.0, 3.0, 0.98, 3.50),
    Tissue("perivascular space", 0.0, 4.0, 0.96, 3.20),
    Tissue("recent infarct", -0.005, 13.0, 0.84, 1.40, 0.008, 0.05),
    Tissue("old infarct", 0.0, 8.0, 0.92, 2.20, 0.008, 0.08),
    Tissue("haematoma", 0.70, 90.0, 0.75, 1.00, 0.10, 0.20),
    Tissue("haemosiderin", 1.00, 160.0, 0.60, 0.95, 0.15, 0.20),
    Tissue("cavernoma", 0.50, 90.0, 0.70, 1.00, 0.25, 0.40),
)
