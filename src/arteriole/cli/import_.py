"""``arteriole import DICOM_DIR BIDS_DIR``: from the scanner's files to a BIDS data set."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arteriole.run.importing import ImportReport

_EPILOG = """\
Gradient echoes (magnitude, phase, real, imaginary), T1w, T2w, FLAIR and head CT are recognised by
their sequence parameters; everything else is listed with its reason. Names, identifiers, dates and
free text are left behind. Exit codes: 0 all recognised series are in, 1 something was refused, 2
wrong command, 3 nothing to import.
"""


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the sub-command ``import``."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "import", help="DICOM to BIDS, without identifiers", epilog=_EPILOG
    )
    parser.add_argument("dicom_dir", type=Path, metavar="DICOM_DIR", help="any tree of files")
    parser.add_argument("bids_dir", type=Path, metavar="BIDS_DIR", help="made, or added to")
    for name in ("participant", "session"):
        parser.add_argument(
            f"--{name}-label", f"--{name}_label", metavar="LABEL", help=f"label of the one {name}"
        )
    parser.add_argument(
        "--mapping",
        type=Path,
        metavar="TSV",
        help="table patient_id, participant_label [, study_date, session_label]",
    )
    parser.add_argument(
        "--salt-file",
        type=Path,
        metavar="FILE",
        help="secret behind hashed labels (default: BIDS_DIR-import-salt beside the data set)",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be written")
    parser.add_argument("--force", action="store_true", help="replace what is there already")
    parser.set_defaults(work=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Import, tell what became of every series, and return the exit code."""
    from arteriole.run.importing import import_dicom

    report = import_dicom(
        args.dicom_dir,
        args.bids_dir,
        participant_label=args.participant_label,
        session_label=args.session_label,
        mapping=args.mapping,
        salt_file=args.salt_file,
        dry_run=args.dry_run,
        force=args.force,
    )
    for line in told(report, dry_run=args.dry_run):
        print(line)
    return report.exit_code


def told(report: ImportReport, *, dry_run: bool) -> list[str]:
    """Return the report in lines for the terminal."""
    done = "would import" if dry_run else "imported"
    lines = [f"{done}  {name}" for name in report.imported]
    lines += [f"there already  {name}" for name in report.present]
    lines += [f"not used  {line}" for line in report.unused]
    lines += [f"warning  {line}" for line in report.warnings]
    lines += [f"REFUSED  {line}" for line in report.refused]
    counts = f"{len(report.imported)} images {done}, {len(report.present)} there already"
    return [*lines, f"{counts}, {len(report.unused)} not used, {len(report.refused)} refused"]
