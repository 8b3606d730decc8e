"""What lies beside a scan in BIDS: a dseg among derivatives, an R2 map or spin echoes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from arteriole.errors import InputError
from arteriole.io.bids import Session
from arteriole.io.bids_names import BidsName, parse_name
from arteriole.io.bids_walk import files_in
from arteriole.io.choice import Choice, EchoFile
from arteriole.io.nifti import read_header
from arteriole.run.beside import Found
from arteriole.run.job import Chosen
from arteriole.run.label_map import RESAMPLE

DERIVATIVES = "derivatives:"
"""Start of the names that derivatives have in the record."""

PREFERRED = ("aparcaseg", "aseg")
RULE = "on the grid of the scan; desc-aparcaseg, then desc-aseg, then one with names, then by name"


@dataclass(frozen=True)
class SessionFiles:
    """Files beside the gradient echo of a BIDS session.

    Parameters
    ----------
    session : Session
        Of the raw data set.
    derivatives : Path, optional
        Folder of derivatives with ``*_dseg.nii.gz`` (and ``*_R2map.nii.gz``) of the same sessions.
    want_r2 : bool
        Whether R2 is looked for, in the derivatives and as ``*_MESE.nii.gz`` of the session.
    """

    session: Session
    derivatives: Path | None = None
    want_r2: bool = False

    def find(self, scan: Chosen | None) -> Found:
        """Return the files; those that lie on another grid than the scan are left aside."""
        maps = list(self._derived("dseg"))
        fitting, ignored = _on_grid(scan, maps)
        regions = min(fitting, key=self._rank) if fitting else None
        r2, others = _on_grid(scan, list(self._derived("R2map")) if self.want_r2 else [])
        spin_echo = self._spin_echo(scan) if self.want_r2 and not r2 else None
        names = self._names(regions) if regions else None
        why = "the map of regions lies on another grid than the scan" if maps else ""
        if self.derivatives is not None and not maps:
            why = "the derivatives hold no *_dseg.nii.gz of this session"
        read = [path for path in (regions, names, *r2[:1]) if path is not None]
        left = [*ignored, *others, *((path, f"chosen was another: {RULE}") for path in fitting)]
        return Found(
            regions,
            names,
            r2[0] if r2 else None,
            spin_echo,
            called={path: self._called(path) for path in [*read, *_paths(spin_echo)]},
            absent={"regions": why} if why and regions is None else {},
            ignored=tuple(
                {"file": self._called(path), "reason": reason}
                for path, reason in left
                if path not in read
            ),
        )

    def list_names(self) -> tuple[str, ...]:
        """Return the names of derivatives among which a choice is made."""
        wanted = ("dseg", "R2map") if self.want_r2 else ("dseg",)
        paths = [path for suffix in wanted for path in self._derived(suffix)]
        return tuple(sorted(self._called(path) for path in paths))

    def locate(self, name: str) -> str | None:
        """Return where a derivative of the record lies now; None for other files."""
        if self.derivatives is None or not name.startswith(DERIVATIVES):
            return None
        return f"{self.derivatives}/{name.removeprefix(DERIVATIVES)}"

    def name_of(self, path: str) -> str | None:
        """Return a derivative's name for the record; None for other files."""
        if self.derivatives is None or not Path(path).is_relative_to(self.derivatives):
            return None
        return self._called(Path(path))

    def _derived(self, suffix: str) -> Iterator[Path]:
        """Give the images of a suffix in the session's folders of the derivatives."""
        if self.derivatives is None:
            return
        folder = self.derivatives / self.session.folder_name
        for place in (folder / "anat", folder):
            for path in files_in(place):
                name = parse_name(path.name)
                if name and name.suffix == suffix and name.extension in (".nii", ".nii.gz"):
                    yield path

    def _rank(self, path: Path) -> tuple[int, bool, str]:
        name = parse_name(path.name)
        assert name is not None
        described = name.entities.get("desc", "")
        place = PREFERRED.index(described) if described in PREFERRED else len(PREFERRED)
        return (place, self._names(path) is None, path.name)

    def _names(self, image: Path) -> Path | None:
        """Return the table of a map's labels: beside it, or further up by inheritance."""
        assert self.derivatives is not None
        name = parse_name(image.name)
        assert name is not None
        for folder in image.parents:
            tables = [(path, parse_name(path.name)) for path in files_in(folder, "_dseg.tsv")]
            fit = [(path, other) for path, other in tables if other and _inherits(other, name)]
            if fit:
                return max(fit, key=lambda pair: len(pair[1].entities))[0]
            if folder == self.derivatives:
                break
        return None

    def _spin_echo(self, scan: Chosen | None) -> Choice | None:
        """Return the spin echoes of the session, if they lie on the scan's grid."""
        folder = self.session.folder / "anat"
        files = []
        for path in files_in(folder):
            name = parse_name(path.name)
            if name is None or name.suffix != "MESE" or name.extension not in (".nii", ".nii.gz"):
                continue
            if name.entities.get("part", "mag") == "mag":
                echo = name.entities.get("echo", "")
                sidecar = path.with_name(path.name.removesuffix(name.extension) + ".json")
                sidecars = (sidecar,) if sidecar.is_file() else ()
                number = int(echo) if echo.isdigit() else None
                files.append(EchoFile(path, "mag", number, sidecars))
        fitting, _ = _on_grid(scan, [file.path for file in files])
        kept = tuple(file for file in files if file.path in fitting)
        return Choice(kept, rule="spin echoes of the session") if len(kept) > 1 else None

    def _called(self, path: Path) -> str:
        """Return a file's name for the record, never where the data lie."""
        if self.derivatives is None or not path.is_relative_to(self.derivatives):
            return path.relative_to(self.session.root).as_posix()
        return f"{DERIVATIVES}{path.relative_to(self.derivatives).as_posix()}"


def _inherits(table: BidsName, image: BidsName) -> bool:
    return table.entities.items() <= image.entities.items()


def _paths(choice: Choice | None) -> list[Path]:
    files = choice.files if choice else ()
    return [path for file in files for path in (file.path, *file.sidecars)]


def _on_grid(scan: Chosen | None, paths: list[Path]) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Split images into those on the grid of the scan, and the others with the reason."""
    if scan is None or not paths:
        return paths, []
    grid = read_header(scan.files[0].path).grid
    kept, others = [], []
    for path in paths:
        try:
            fits = grid.fits(read_header(path).grid)
        except InputError as error:
            others.append((path, error.what))
            continue
        if fits:
            kept.append(path)
        else:
            others.append((path, f"lies on another grid than the scan. {RESAMPLE}"))
    return kept, others
