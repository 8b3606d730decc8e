"""What an import will write, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from arteriole.io.dicom_acquisitions import Acquisition
from arteriole.io.dicom_groups import Volume
from arteriole.run.import_people import Target, Visit, visit_of


@dataclass(frozen=True, eq=False)
class Item:
    """An acquisition with its place in the data set."""

    acquisition: Acquisition
    target: Target
    run: int | None

    @property
    def datatype(self) -> str:
        """Folder of the session: ``anat`` or ``ct``."""
        return "ct" if self.acquisition.kind == "ct" else "anat"

    def stem(self, volume: Volume) -> str:
        """File name of a volume without its extension."""
        kind = self.acquisition.kind
        name = self.target.prefix
        if self._has_contrast(volume):
            name += "_ce-agent"
        if self.run is not None:
            name += f"_run-{self.run}"
        if kind != "gre":
            return f"{name}_{kind}"
        if len(self.acquisition.te_ms) == 1:
            return f"{name}_part-{volume.part}_T2starw"
        return f"{name}_echo-{self.acquisition.echo_number(volume)}_part-{volume.part}_MEGRE"

    def names(self) -> list[str]:
        """Return the names of its images, from the data set's top."""
        folder = self.target.folder / self.datatype
        return [f"{folder.as_posix()}/{self.stem(v)}.nii.gz" for v in self.acquisition.volumes]

    @staticmethod
    def _has_contrast(volume: Volume) -> bool:
        agent = volume.first.text("ContrastBolusAgent").upper()
        return bool(agent) and agent not in ("NONE", "NO", "N")


def make_items(acquisitions: list[Acquisition], targets: Mapping[Visit, Target]) -> list[Item]:
    """Name acquisitions; those that would share a name get run numbers in the order of series."""
    items = [
        Item(a, targets[visit_of(a.volumes[0].first)], None)
        for a in acquisitions
        if visit_of(a.volumes[0].first) in targets
    ]
    total = Counter(_base(item) for item in items)
    seen: Counter[str] = Counter()
    numbered = []
    for item in items:
        base = _base(item)
        seen[base] += 1
        run = seen[base] if total[base] > 1 else None
        numbered.append(Item(item.acquisition, item.target, run))
    return numbered


def _base(item: Item) -> str:
    """Return what two runs of one protocol share in their names."""
    stem = item.stem(item.acquisition.volumes[0])
    return "_".join(part for part in stem.split("_") if not part.startswith(("echo-", "part-")))


def series_base(name: str) -> str:
    """Return what all files of one acquisition share in their names."""
    stem = Path(name).name.partition(".")[0]
    return "_".join(part for part in stem.split("_") if not part.startswith(("echo-", "part-")))
