"""What of a DICOM header may leave it: everything else about a person stays behind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from arteriole.io.dicom_headers import Frame

_CODES = (
    "ORIGINAL PRIMARY DERIVED SECONDARY M P R I MAGNITUDE PHASE REAL IMAGINARY M_FFE R_FFE I_FFE "
    "M_SE M_IR FFE SE IR TSE PHASE_MAP NORM ND DIS2D DIS3D DIS MIXED T1 T2 T2_STAR FLAIR OTHER "
    "AXIAL ADD NONE VOLUME FM3D_2 MOCO HELICAL CT_SOM5_SEQ CT_SOM5_SPI "
    "GR RM EP SK MTC SS TRSS SP MP OSP PER RG CG PPG FC PFF PFP PS SAT1 SAT2 FS "
    "2D 3D HFS HFP FFS FFP HFDR HFDL FFDR FFDL ROW COL COLUMN YES NO BRAIN HEAD SKULL "
    "GRADIENT SPIN BOTH"
)
_MODELS = (
    "achieva ambition ingenia elition intera panorama gyroscan dstream evolution prodiva mr xr "
    "magnetom skyra prisma fit trio triotim tim verio vida lumina sola altea avanto "
    "aera amira espree essenza symphony sonata allegra harmony terra terra.x spectra "
    "free.max free.star cima.x biograph mmr investigational device "
    "discovery signa optima brivo premier architect artist pioneer voyager hero explorer creator "
    "hdx hdxt hde excite genesis lx ultimate pet pet/mr vantage titan galan orian elan centurian "
    "umr omega jupiter oasis echelon smart apex air "
    "lightspeed brightspeed hispeed revolution bright speed somatom definition sensation emotion "
    "force drive edge flash scope perspective go.top go.all go.up go.now naeotom alpha "
    "brilliance ingenuity iqon spectral icct ict mx8000 gemini aquilion one prime lb cx "
    "vct hd dual plus pro max ct qx/i advantage evo ge siemens philips digital scanner simulated"
)
_CODE_WORDS = frozenset(_CODES.split())
_MODEL_WORDS = frozenset(_MODELS.split())
_MODEL_CODE = re.compile(r"[a-z]{0,3}\d{2,4}[a-z]{0,2}|[a-z]{1,2}|\d(\.\d+)?t|\d{1,3}")
_KERNEL = re.compile(r"[A-Za-z]{1,3}\d{2,3}[a-z]{0,3}(\\\d)?|[A-Z]{1,2}|STANDARD|STND|STD\+?|SOFT|"
                     r"BONE(PLUS)?|DETAIL|LUNG|EDGE|CHST|BRAIN")  # fmt: skip
_SOFTWARE = re.compile(
    r"syngo MR [A-Z]{1,2}\d{1,2}[A-Z]?|\d{1,2}(\.\d{1,2}){1,3}|DV\d\d\.\d(_R\d\d)?|R\d\d\.\d"
)
_LABEL = re.compile(r"[A-Za-z0-9]{1,32}")


def is_label(text: str) -> bool:
    """Tell whether a text can be a BIDS label: up to 32 letters and digits, nothing else."""
    return _LABEL.fullmatch(text) is not None


def hashed_label(person: str, salt: bytes) -> str:
    """Return a label of ten letters and digits that only the holder of the salt can retrace."""
    digest = hmac.new(salt, person.encode("utf-8"), hashlib.sha256).digest()
    return base64.b32encode(digest).decode("ascii")[:10].lower()


def person_of(frame: Frame) -> str:
    """Return what tells one person from another within a folder. It identifies: never write it."""
    number = frame.text("PatientID")
    if number:
        return "\0".join((number, frame.text("IssuerOfPatientID")))
    name = "\0".join((frame.text("PatientName"), frame.text("PatientBirthDate")))
    return name if name.strip("\0") else frame.text("StudyInstanceUID")


def code_words(frame: Frame, keyword: str) -> list[str]:
    """Return those words of a coded value that DICOM or a vendor defines; others are left out."""
    return [word for word in frame.words(keyword) if word.replace(" ", "_") in _CODE_WORDS]


def safe_model(frame: Frame) -> str | None:
    """Return the scanner's model if all its words are known ones, else None."""
    text = frame.text("ManufacturerModelName")
    words = re.split(r"[\s_-]+", text.lower().rstrip("+"))
    known = [w in _MODEL_WORDS or _MODEL_CODE.fullmatch(w) is not None for w in words]
    return text if all(known) and any(w in _MODEL_WORDS for w in words) else None


def safe_kernel(frame: Frame) -> str | None:
    """Return the CT kernel if it looks like one, else None."""
    words = frame.facts.get("ConvolutionKernel")
    text = str(words[0] if isinstance(words, list) else words or "").strip()
    return text if _KERNEL.fullmatch(text) else None


def safe_software(frame: Frame) -> str | None:
    """Return the first software version that looks like one, else None."""
    value = frame.facts.get("SoftwareVersions")
    versions = value if isinstance(value, list) else [value]
    return next((v for v in map(str, versions) if _SOFTWARE.fullmatch(v)), None)


def privacy_warnings(frames: list[Frame]) -> list[str]:
    """Return what the headers say of text burnt into the pixels and of faces."""
    warnings = []
    if any(frame.words("BurnedInAnnotation") == ("YES",) for frame in frames):
        warnings.append("its header says that text is burnt into the pixels: look before sharing")
    if any(frame.words("RecognizableVisualFeatures") == ("YES",) for frame in frames):
        warnings.append("its header says that the face can be recognised")
    return warnings
