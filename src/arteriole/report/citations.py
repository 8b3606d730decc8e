"""Works that a report may cite, by a short key."""

from __future__ import annotations

CITATIONS: dict[str, str] = {
    "consensus": (
        "QSM Consensus Organization Committee, Bilgic B, Costagli M, et al. Recommended "
        "implementation of quantitative susceptibility mapping for clinical research in the brain: "
        "a consensus of the ISMRM electro-magnetic tissue properties study group. Magn Reson Med "
        "2024;91:1834-1862. doi:10.1002/mrm.30006"
    ),
    "mcpc3ds": (
        "Eckstein K, Dymerska B, Bachrata B, et al. Computationally efficient combination of "
        "multi-channel phase data from multi-echo acquisitions (ASPIRE). Magn Reson Med "
        "2018;79:2996-3006. doi:10.1002/mrm.26963"
    ),
    "romeo": (
        "Dymerska B, Eckstein K, Bachrata B, et al. Phase unwrapping with a rapid opensource "
        "minimum spanning tree algorithm (ROMEO). Magn Reson Med 2021;85:2294-2308. "
        "doi:10.1002/mrm.28563"
    ),
    "bestpath": (
        "Abdul-Rahman HS, Gdeisat MA, Burton DR, et al. Fast and robust three-dimensional best "
        "path phase unwrapping algorithm. Appl Opt 2007;46:6623-6635. doi:10.1364/AO.46.006623"
    ),
    "li": (
        "Li J, Chang S, Liu T, et al. Phase-corrected bipolar gradients in multi-echo "
        "gradient-echo sequences for quantitative susceptibility mapping. MAGMA 2015;28:347-355. "
        "doi:10.1007/s10334-014-0470-3"
    ),
    "complex": (
        "Liu T, Wisnieff C, Lou M, et al. Nonlinear formulation of the magnetic field to source "
        "relationship for robust quantitative susceptibility mapping. Magn Reson Med "
        "2013;69:467-476. doi:10.1002/mrm.24272"
    ),
    "laplacian": (
        "Schofield MA, Zhu Y. Fast phase unwrapping algorithm for interferometric applications. "
        "Opt Lett 2003;28:1194-1196. doi:10.1364/OL.28.001194"
    ),
    "sharp": (
        "Schweser F, Deistung A, Lehr BW, Reichenbach JR. Quantitative imaging of intrinsic "
        "magnetic tissue properties using MRI signal phase: an approach to in vivo brain iron "
        "metabolism? NeuroImage 2011;54:2789-2807. doi:10.1016/j.neuroimage.2010.10.070"
    ),
    "vsharp": (
        "Wu B, Li W, Guidon A, Liu C. Whole brain susceptibility mapping using compressed sensing. "
        "Magn Reson Med 2012;67:137-147. doi:10.1002/mrm.23000"
    ),
    "resharp": (
        "Sun H, Wilman AH. Background field removal using spherical mean value filtering and "
        "Tikhonov regularization. Magn Reson Med 2014;71:1151-1157. doi:10.1002/mrm.24765"
    ),
    "pdf": (
        "Liu T, Khalidov I, de Rochefort L, et al. A novel background field removal method for MRI "
        "using projection onto dipole fields (PDF). NMR Biomed 2011;24:1129-1136. "
        "doi:10.1002/nbm.1670"
    ),
    "lbv": (
        "Zhou D, Liu T, Spincemaille P, Wang Y. Background field removal by solving the Laplacian "
        "boundary value problem. NMR Biomed 2014;27:312-319. doi:10.1002/nbm.3064"
    ),
    "ismv": (
        "Wen Y, Zhou D, Liu T, et al. An iterative spherical mean value method for background "
        "field removal in MRI. Magn Reson Med 2014;72:1065-1071. doi:10.1002/mrm.24998"
    ),
    "weakharmonic": (
        "Milovic C, Bilgic B, Zhao B, et al. Weak-harmonic regularization for quantitative "
        "susceptibility mapping. Magn Reson Med 2019;81:1399-1411. doi:10.1002/mrm.27483"
    ),
    "medi": (
        "Liu J, Liu T, de Rochefort L, et al. Morphology enabled dipole inversion for quantitative "
        "susceptibility mapping using structural consistency between the magnitude image and the "
        "susceptibility map. NeuroImage 2012;59:2560-2568. doi:10.1016/j.neuroimage.2011.08.082"
    ),
    "rts": (
        "Kames C, Wiggermann V, Rauscher A. Rapid two-step dipole inversion for susceptibility "
        "mapping with sparsity priors. NeuroImage 2018;167:276-283. "
        "doi:10.1016/j.neuroimage.2017.11.018"
    ),
    "smvtv": (
        "Chatnuntawech I, McDaniel P, Cauley SF, et al. Single-step quantitative susceptibility "
        "mapping with variational penalties. NMR Biomed 2017;30:e3570. doi:10.1002/nbm.3570"
    ),
    "tv": (
        "Bilgic B, Fan AP, Polimeni JR, et al. Fast quantitative susceptibility mapping with "
        "L1-regularization and automatic parameter selection. Magn Reson Med 2014;72:1444-1459. "
        "doi:10.1002/mrm.25029"
    ),
    "equalisation": (
        "Milovic C, Prieto C, Bilgic B, et al. Comparison of parameter optimization methods for "
        "quantitative susceptibility mapping. Magn Reson Med 2021;85:480-494. "
        "doi:10.1002/mrm.28435"
    ),
    "l2": (
        "Bilgic B, Chatnuntawech I, Fan AP, et al. Fast image reconstruction with "
        "L2-regularization. J Magn Reson Imaging 2014;40:181-191. doi:10.1002/jmri.24365"
    ),
    "tkd": (
        "Shmueli K, de Zwart JA, van Gelderen P, et al. Magnetic susceptibility mapping of brain "
        "tissue in vivo using MRI phase data. Magn Reson Med 2009;62:1510-1522. "
        "doi:10.1002/mrm.22135"
    ),
    "chisep": (
        "Shin HG, Lee J, Yun YH, et al. χ-separation: magnetic susceptibility source separation "
        "toward iron and myelin mapping in the brain. NeuroImage 2021;240:118371. "
        "doi:10.1016/j.neuroimage.2021.118371"
    ),
    "greonly": (
        "Dimov AV, Nguyen TD, Gillen KM, et al. Susceptibility source separation from gradient "
        "echo data using magnitude decay modeling. J Neuroimaging 2022;32:852-859. "
        "doi:10.1111/jon.13014"
    ),
    "tubes": (
        "Sato Y, Nakajima S, Shiraga N, et al. Three-dimensional multi-scale line filter for "
        "segmentation and visualization of curvilinear structures in medical images. Med Image "
        "Anal 1998;2:143-168. doi:10.1016/S1361-8415(98)80009-1"
    ),
    "blood": (
        "Jain V, Abdulmalik O, Propert KJ, Wehrli FW. Investigating the magnetic susceptibility "
        "properties of fresh human blood for noninvasive oxygen saturation quantification. Magn "
        "Reson Med 2012;68:863-867. doi:10.1002/mrm.23282"
    ),
    "fluid": (
        "Liu Z, Spincemaille P, Yao Y, Zhang Y, Wang Y. MEDI+0: morphology enabled dipole "
        "inversion with automatic uniform cerebrospinal fluid zero reference for quantitative "
        "susceptibility mapping. Magn Reson Med 2018;79:2795-2803. doi:10.1002/mrm.26946"
    ),
    "arlo": (
        "Pei M, Nguyen TD, Thimmappa ND, et al. Algorithm for fast monoexponential fitting based "
        "on Auto-Regression on Linear Operations (ARLO) of data. Magn Reson Med 2015;73:843-850. "
        "doi:10.1002/mrm.25137"
    ),
    "clear": (
        "Eckstein K, Bachrata B, Hangel G, et al. Improved susceptibility weighted imaging at "
        "ultra-high field using bipolar multi-echo acquisition and optimized image processing: "
        "CLEAR-SWI. NeuroImage 2021;237:118175. doi:10.1016/j.neuroimage.2021.118175"
    ),
    "swi": (
        "Haacke EM, Xu Y, Cheng YCN, Reichenbach JR. Susceptibility weighted imaging (SWI). Magn "
        "Reson Med 2004;52:612-618. doi:10.1002/mrm.20198"
    ),
    "unified": (
        "Ashburner J, Friston KJ. Unified segmentation. Neuroimage 2005;26:839-851. "
        "doi:10.1016/j.neuroimage.2005.02.018"
    ),
    "nmi": (
        "Studholme C, Hill DLG, Hawkes DJ. An overlap invariant entropy measure of 3D medical "
        "image alignment. Pattern Recognit 1999;32:71-86. doi:10.1016/S0031-3203(98)00091-0"
    ),
    "mni": (
        "Fonov V, Evans AC, Botteron K, et al. Unbiased average age-appropriate atlases for "
        "pediatric studies. Neuroimage 2011;54:313-327. doi:10.1016/j.neuroimage.2010.07.033"
    ),
    "demons": (
        "Vercauteren T, Pennec X, Perchant A, Ayache N. Diffeomorphic demons: efficient "
        "non-parametric image registration. Neuroimage 2009;45:S61-S72. "
        "doi:10.1016/j.neuroimage.2008.10.040"
    ),
}
