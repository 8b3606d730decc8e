"""The import job: a folder of DICOM files becomes, or joins, a raw BIDS data set."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from arteriole.errors import CommandError, DatasetError, InputError
from arteriole.io.bids_raw import add_participant, update_dataset
from arteriole.io.dicom_acquisitions import Acquisition, sort_acquisitions
from arteriole.io.dicom_groups import Volume, group_volumes, has_geometry
from arteriole.io.dicom_headers import Headers, read_headers
from arteriole.io.dicom_privacy import privacy_warnings
from arteriole.run.import_commit import commit, staging
from arteriole.run.import_convert import write_item
from arteriole.run.import_people import Target, assign_targets, read_salt, visit_of
from arteriole.run.import_plan import Item, make_items
from arteriole.run.lock import session_lock

_FACES = "Faces are not removed: deface images of the head before sharing them."


@dataclass
class ImportReport:
    """What became of everything that was found."""

    imported: list[str] = field(default_factory=list)
    """Images written (or, in a dry run, to be written), from the data set's top."""
    present: list[str] = field(default_factory=list)
    """Images that were there already, with the same bytes."""
    refused: list[str] = field(default_factory=list)
    """What should have been imported and was not, with the reason and what to do."""
    unused: list[str] = field(default_factory=list)
    """What arteriole does not read, with the reason."""
    warnings: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0: all that was recognised is in; 1: something was refused; 3: nothing to import."""
        if self.refused:
            return 1
        return 0 if self.imported or self.present else 3


def import_dicom(
    dicom_dir: Path,
    bids_dir: Path,
    *,
    participant_label: str | None = None,
    session_label: str | None = None,
    mapping: Path | None = None,
    salt_file: Path | None = None,
    dry_run: bool = False,
    force: bool = False,
) -> ImportReport:
    """Import all gradient echoes, T1w, T2w, FLAIR and head CT below a folder.

    Parameters
    ----------
    dicom_dir, bids_dir : Path
        Any tree that holds DICOM files among others; the data set to make or to add to.
    participant_label, session_label : str, optional
        Labels for the one person (and day) that the folder holds.
    mapping : Path, optional
        A tab-separated table patient_id, participant_label [, study_date, session_label]; it must
        lie outside the data set.
    salt_file : Path, optional
        Secret that turns patient numbers into labels where neither label nor mapping is given; by
        default ``BIDS_DIR-import-salt`` beside the data set, made when needed.
    dry_run : bool
        Look and plan, write nothing.
    force : bool
        Replace acquisitions that are there already.

    Raises
    ------
    DatasetError
        If the folder is not there or holds no DICOM.
    CommandError
        If labels, mapping or folders do not fit.
    OutputError
        If the data set cannot be written, or another import holds it.
    """
    if not dicom_dir.is_dir():
        raise DatasetError(f"{dicom_dir}: there is no such folder. Name one with DICOM files.")
    headers = read_headers(dicom_dir)
    if not headers.any_dicom:
        raise DatasetError(
            f"{dicom_dir}: none of its {headers.not_dicom} files is DICOM. "
            "Name the folder that the scanner or the PACS exported to."
        )
    report = ImportReport()
    acquisitions = _look(headers, dicom_dir, report)
    outside = _outside(bids_dir, mapping, salt_file)
    salt = None
    if participant_label is None and mapping is None:
        salt = read_salt(outside, make=not dry_run)
        if salt is None:
            report.warnings.append("Labels are examples: the salt is made at the first import.")
    targets, unmapped = assign_targets(
        (visit_of(a.volumes[0].first) for a in acquisitions),
        participant_label=participant_label,
        session_label=session_label,
        mapping=mapping,
        salt=salt or b"dry run",
    )
    report.refused += [f"{reason}: add a row for patient_id." for reason in unmapped]
    items = _whole(make_items(acquisitions, targets), dicom_dir, report)
    if dry_run:
        report.imported += [name for item in items for name in item.names()]
    elif items:
        _write(items, dicom_dir, bids_dir, report, force=force)
    return report


def _outside(bids_dir: Path, mapping: Path | None, salt_file: Path | None) -> Path:
    """Return where the salt lies, and refuse secrets within the data set."""
    dataset = bids_dir.resolve()
    salt = salt_file or dataset.parent / f"{dataset.name}-import-salt"
    for name, path in (("mapping", mapping), ("salt", salt)):
        if path is not None and path.resolve().is_relative_to(dataset):
            raise CommandError(f"the {name} {path} must lie outside the data set {bids_dir}")
    return salt


def _look(headers: Headers, root: Path, report: ImportReport) -> list[Acquisition]:
    """Sort what was read, and put down what cannot be used with its reason."""
    report.refused += [f"{told}. Export it again." for told in _gathered(headers.unreadable, root)]
    report.unused += _gathered(headers.other_objects, root)
    if headers.copies:
        first = _short(headers.copies[0], root)
        report.warnings.append(f"{len(headers.copies)} files are copies of others, first {first}.")
    placed = [frame for frame in headers.frames if has_geometry(frame)]
    bare = {frame.file for frame in headers.frames} - {frame.file for frame in placed}
    why = "the header does not say where the slice lies"
    report.unused += _gathered([(path, why) for path in sorted(bare)], root)
    found = sort_acquisitions(group_volumes(placed))
    report.unused += [f"{_series(v, root)}: {reason}" for v, reason in found.unused]
    return found.acquisitions


def _whole(items: list[Item], root: Path, report: ImportReport) -> list[Item]:
    """Keep acquisitions that are whole; refuse the others; warn where echoes lack a part."""
    whole = []
    for item in items:
        where = _series(item.acquisition.volumes[0], root)
        faults = item.acquisition.faults
        report.warnings += [f"{where}: {gap}" for gap in item.acquisition.gaps]
        frames = [v.first for v in item.acquisition.volumes]
        report.warnings += [f"{where}: {warning}" for warning in privacy_warnings(frames)]
        if faults:
            report.refused.append(f"{where}: {'; '.join(faults)}. Export the series again.")
        else:
            whole.append(item)
    return whole


def _write(
    items: list[Item], root: Path, dataset: Path, report: ImportReport, *, force: bool
) -> None:
    """Convert session by session; each goes into the data set when it is complete."""
    report.warnings.append(_FACES)
    with session_lock(dataset), staging(dataset) as stage:
        update_dataset(dataset)
        for target in dict.fromkeys(item.target for item in items):
            mine = [item for item in items if item.target == target]
            done = [item for item in mine if _converted(item, stage, root, report)]
            _commit_session(target, done, stage, dataset, report, force=force)


def _converted(item: Item, stage: Path, root: Path, report: ImportReport) -> bool:
    """Convert one acquisition into the staging folder; put down why if that fails."""
    try:
        write_item(item, stage / item.target.folder / item.datatype)
    except InputError as error:
        where = _series(item.acquisition.volumes[0], root)
        report.refused.append(f"{where}: {error}. Export the series again.")
        return False
    return True


def _commit_session(
    target: Target,
    items: list[Item],
    stage: Path,
    dataset: Path,
    report: ImportReport,
    *,
    force: bool,
) -> None:
    """Move the finished folders of a session into the data set and list its subject."""
    for datatype in sorted({item.datatype for item in items}):
        names = [name for item in items if item.datatype == datatype for name in item.names()]
        folder = target.folder / datatype
        result = commit(stage, dataset, folder, force=force)
        if result == "refused":
            report.refused.append(
                f"{folder.as_posix()}: is there already with other content. "
                "Give --session-label for another visit, or --force to replace it."
            )
        else:
            (report.imported if result == "new" else report.present).extend(names)
    if items:
        add_participant(dataset, target.subject)


def _series(volume: Volume, root: Path) -> str:
    """Name a series for the person at the terminal; this is never written."""
    number = volume.first.text("SeriesNumber") or "without number"
    folder = _short(volume.first.file.parent, root)
    return f"series {number} in {folder} ({len(volume.frames)} images)"


def _gathered(files: list[tuple[Path, str]], root: Path) -> list[str]:
    """Tell of files one by one, or of many of a kind in one folder in one line."""
    groups: dict[tuple[Path, str], list[Path]] = {}
    for path, reason in files:
        groups.setdefault((path.parent, reason), []).append(path)
    return [
        f"{_short(paths[0], root)}{f' and {len(paths) - 1} more' if paths[1:] else ''}: {reason}"
        for (_, reason), paths in groups.items()
    ]


def _short(path: Path, root: Path) -> str:
    relative = path.relative_to(root).as_posix()
    return root.name if relative == "." else f"{root.name}/{relative}"
