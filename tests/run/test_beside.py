"""Maps of regions and R2 beside a scan: named on the command line, or among BIDS derivatives."""

from __future__ import annotations

import csv
import json
import shutil

import numpy as np
import pytest

from arteriole.cli.main import main
from arteriole.errors import DatasetError, GeometryError, ImageError, MetadataError
from arteriole.grid import Grid
from arteriole.io.nifti import read_image, write_image
from arteriole.run.beside import NamedFiles, WithBeside
from arteriole.run.bids_source import BidsSource
from arteriole.run.fresh import nothing_to_do
from arteriole.run.label_map import read_label_map, read_names
from arteriole.run.session import planned_steps, run_session
from arteriole.run.study import Study, study_jobs
from arteriole.settings import Settings


@pytest.fixture(scope="module")
def truth(tiny_study):
    return tiny_study / "truth"


@pytest.fixture(scope="module")
def labels(truth):
    return next((truth / "sub-01/ses-01/anat").glob("*_desc-tissue_dseg.nii.gz"))


@pytest.fixture(scope="module")
def field(tiny_study, truth, tmp_path_factory):
    """A local field and a mask of the tiny head: what is cheap to invert."""
    folder = tmp_path_factory.mktemp("field")
    anat = truth / "sub-01/ses-01/anat"
    for kind, name in (("desc-local_fieldmap", "local"), ("desc-brain_mask", "mask")):
        shutil.copyfile(next(anat.glob(f"*_{kind}.nii.gz")), folder / f"{name}.nii.gz")
    return folder


def qsm(field, out, *words):
    given = ["--local-field", str(field / "local.nii.gz"), "--mask", str(field / "mask.nii.gz")]
    return main(["qsm", *given, "--field-unit", "hz", "--b0", "3", "-o", str(out), *words])


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def done(field, truth, labels, tmp_path_factory):
    """``arteriole qsm --regions`` with the tissue of the simulated head, and its names."""
    out = tmp_path_factory.mktemp("regions") / "out"
    names = str(truth / "desc-tissue_dseg.tsv")
    assert qsm(field, out, "--regions", str(labels), "--region-names", names) == 0
    return out


def test_rows_of_regions_join_the_table_of_measures(done, field, labels):
    rows = {(r["region"], r["measure"]): r for r in table(done / "measures.tsv")}
    chi, mask = (read_image(p).data for p in (done / "Chimap.nii.gz", field / "mask.nii.gz"))
    image = read_image(labels)
    white = (image.data == 8) & (mask > 0)
    found = rows["white matter", "chi_mean"]
    assert float(found["value"]) == pytest.approx(chi[white].mean(), abs=1e-4)
    assert (found["unit"], found["status"], found["side"]) == ("ppm", "ok", "n/a")
    assert int(rows["white matter", "region_voxels"]["value"]) == white.sum()
    whole = (image.data == 8).sum() * image.grid.voxel_volume_mm3
    assert float(rows["white matter", "region_volume"]["value"]) == pytest.approx(whole)
    assert rows["skin", "chi_mean"]["value"] == "n/a"
    assert rows["skin", "chi_mean"]["status"] == "outside the mask"
    assert json.loads((done / "measures.json").read_text())["measure"]["Levels"]["chi_p95"]


def test_the_page_shows_the_regions(done):
    page = (done / "report.html").read_text()
    assert "<summary>Regions (" in page
    assert "white matter" in page
    assert "regions of a label map given with the scan" in page


def test_another_map_of_regions_leaves_chi_as_it_is(done, field, labels, tmp_path, capsys):
    out = shutil.copytree(done, tmp_path / "out", copy_function=shutil.copy2)
    image = read_image(labels)
    write_image(tmp_path / "other.nii.gz", (image.data > 9).astype(np.uint8), image.grid)
    capsys.readouterr()
    assert qsm(field, out, "--regions", str(tmp_path / "other.nii.gz")) == 0
    assert capsys.readouterr().out.startswith("regions in")
    assert qsm(field, out, "--regions", str(tmp_path / "other.nii.gz")) == 0
    assert "no change" in capsys.readouterr().out


def test_chi_is_referred_to_the_ventricles_of_the_map(done, field, truth, labels, tmp_path):
    words = ["--regions", str(labels), "--region-names", str(truth / "desc-tissue_dseg.tsv")]
    image = read_image(labels)
    wide = image.data.copy()
    # the ventricles of a head in 4 mm voxels are gone once their border is taken off
    wide[18:30, 20:36, 20:28] = 19
    write_image(tmp_path / "wide.nii.gz", wide.astype(np.uint8), image.grid)
    words[1] = str(tmp_path / "wide.nii.gz")
    assert qsm(field, tmp_path / "out", *words, "--set", "susceptibility.reference=csf") == 0
    facts = json.loads((tmp_path / "out/Chimap.json").read_text())["Facts"]["reference"]
    assert (facts["region"], facts["source"]) == ("csf", "ventricles of the map of regions")
    both = {name: read_image(f / "Chimap.nii.gz").data for name, f in
            (("csf", tmp_path / "out"), ("brain", done))}  # fmt: skip
    inside = read_image(field / "mask.nii.gz").data > 0
    apart = both["csf"][inside] - both["brain"][inside]
    assert apart.std() < 1e-4
    consensus = (tmp_path / "out/consensus.json").read_text()
    assert "relative to the mean of ventricular fluid" in consensus


def test_without_fluid_it_says_so_and_takes_the_brain(field, tmp_path, capsys):
    assert qsm(field, tmp_path / "out", "--set", "susceptibility.reference=csf") == 0
    assert "not to CSF as asked for" in capsys.readouterr().out


def test_veins_on_request(field, tmp_path):
    words = ["--veins", "--set", "veins.oxygenation=true", "--set", "veins.least_chi_ppm=0.02"]
    assert qsm(field, tmp_path / "out", *words) == 0
    assert read_image(tmp_path / "out/desc-veins_mask.nii.gz").data.any()
    record = json.loads((tmp_path / "out/run.json").read_text())
    assert any("no oxygenation: voxels of 4 mm are too long" in w for w in record["warnings"])
    regions = {row["region"] for row in table(tmp_path / "out/measures.tsv")}
    assert "veins" in regions


# bids


def job_of(root, out, *pairs, derivatives=None):
    settings = Settings.from_pairs(["anatomy.method=none", *pairs])
    study = Study(root, out, settings, participants=("01",), derivatives=derivatives)
    return study_jobs(study)[0]


def test_a_bids_session_finds_its_labels_and_its_spin_echoes(study_copy, tmp_path):
    """Truth as derivatives: tissue with its inherited names; R2 from spin echoes of the session."""
    anat = study_copy / "sub-01/ses-01/anat"
    image = read_image(next((study_copy / "truth/sub-01/ses-01/anat").glob("*R2starmap.nii.gz")))
    r2 = 0.7 * image.data
    for echo, te in enumerate((0.012, 0.024, 0.036, 0.048), start=1):
        name = anat / f"sub-01_ses-01_echo-{echo}_MESE"
        signal = np.where(r2 > 0, 1000 * np.exp(-te * r2), 0).astype(np.float32)
        write_image(name.with_suffix(".nii.gz"), signal, image.grid)
        about = {"EchoTime": te, "MagneticFieldStrength": 3.0}
        name.with_suffix(".json").write_text(json.dumps(about))
    job = job_of(study_copy, tmp_path / "out", "separation.method=closed-form",
                 derivatives=study_copy / "truth")  # fmt: skip
    outcome = run_session(job)
    assert outcome.status == "done", outcome.message
    folder = tmp_path / "out/sub-01/ses-01"
    record = json.loads((folder / "run.json").read_text())
    roles = {stamp["role"] for stamp in record["inputs"]}
    assert {"map of regions", "names of regions", "R2, spin echo 4"} <= roles
    steps = {step["name"]: step for step in record["steps"]}
    assert steps["separation"]["facts"]["r2"] == "measured by spin echoes"
    assert str(tmp_path) not in (folder / "run.json").read_text()
    rows = {(r["region"], r["measure"]) for r in table(folder / "sub-01_ses-01_measures.tsv")}
    assert {("white matter", "r2star_mean"), ("white matter", "chi_para_mean")} <= rows
    parts = [
        read_image(folder / f"anat/sub-01_ses-01_{name}Chimap.nii.gz").data
        for name in ("desc-paramagnetic_", "desc-diamagnetic_", "")
    ]
    there = parts[0] - parts[1] != 0
    np.testing.assert_allclose((parts[0] + parts[1] - parts[2])[there], 0, atol=2e-4)
    assert nothing_to_do(job)
    assert {p.action for p in planned_steps(job)} == {"reuse"}


def test_a_map_on_another_grid_is_left_aside_and_told(tiny_study, tmp_path):
    anat = tmp_path / "deriv/sub-01/ses-01/anat"
    anat.mkdir(parents=True)
    grid = Grid.from_voxel_size((8, 8, 8), (3.0, 3.0, 3.0))
    write_image(anat / "sub-01_ses-01_dseg.nii.gz", np.ones((8, 8, 8), np.uint8), grid)
    job = job_of(tiny_study, tmp_path / "out", derivatives=tmp_path / "deriv")
    chosen = job.source.choose()
    assert "regions" not in chosen.given
    assert chosen.absent["regions"] == "the map of regions lies on another grid than the scan"
    (ignored,) = chosen.ignored
    assert ignored["file"] == "derivatives:sub-01/ses-01/anat/sub-01_ses-01_dseg.nii.gz"
    assert "nearest neighbour" in ignored["reason"]
    empty = job_of(tiny_study, tmp_path / "out", derivatives=tmp_path).source.choose()
    assert "hold no *_dseg.nii.gz" in empty.absent["regions"]


def test_of_several_maps_the_rule_takes_one(tiny_study, labels, tmp_path):
    anat = tmp_path / "sub-01/ses-01/anat"
    anat.mkdir(parents=True)
    for described in ("other", "aseg", "aparcaseg"):
        shutil.copyfile(labels, anat / f"sub-01_ses-01_desc-{described}_dseg.nii.gz")
    chosen = job_of(tiny_study, tmp_path / "out", derivatives=tmp_path).source.choose()
    (taken,) = [file for file in chosen.files if file.role == "map of regions"]
    assert "desc-aparcaseg" in taken.name
    assert len(chosen.ignored) == 2


def test_refuses_a_folder_of_derivatives_that_is_not_there(tiny_study, tmp_path):
    with pytest.raises(DatasetError, match="no such folder of derivatives"):
        job_of(tiny_study, tmp_path / "out", derivatives=tmp_path / "nowhere")


# refusals of files


@pytest.fixture
def grid():
    return Grid.from_voxel_size((4, 5, 6), (2.0, 2.0, 2.0))


@pytest.mark.parametrize(
    ("values", "message"),
    [(0.5, "no labels"), (-1.0, "no labels"), (np.nan, "no labels"), (3e5, "above 100000")],
)
def test_refuses_numbers_that_are_no_labels(grid, tmp_path, values, message):
    write_image(tmp_path / "x.nii.gz", np.full(grid.shape, values, np.float32), grid)
    with pytest.raises(ImageError, match=message):
        read_label_map(tmp_path / "x.nii.gz", None, grid)


def test_refuses_another_grid_and_says_what_to_do(grid, tmp_path):
    other = Grid.from_voxel_size((4, 5, 6), (2.0, 2.0, 2.5))
    write_image(tmp_path / "x.nii.gz", np.ones(grid.shape, np.uint8), other)
    with pytest.raises(GeometryError, match=r"x\.nii\.gz.*another grid.*nearest neighbour"):
        read_label_map(tmp_path / "x.nii.gz", None, grid)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("label\tname\n1\ta\n", "lacks the column"),
        ("index\tname\n1.5\ta\n", "'1.5' is no whole number"),
        ("index\tname\n1\ta\n1\tb\n", "there twice"),
        ("index\tname\n1\tn/a\n", "has no name"),
    ],
)
def test_refuses_tables_of_names(tmp_path, text, message):
    (tmp_path / "names.tsv").write_text(text)
    with pytest.raises(MetadataError, match=message):
        read_names(tmp_path / "names.tsv")


def test_names_have_sides_of_their_own_column(tmp_path):
    (tmp_path / "names.tsv").write_text("index\tname\themisphere\n1\tPutamen\tL\n2\tPutamen\tR\n")
    assert {r.side for r in read_names(tmp_path / "names.tsv").values()} == {"left", "right"}


def test_refuses_a_map_that_is_not_r2(tiny_study, grid, tmp_path):
    job = job_of(tiny_study, tmp_path / "out")
    scan = job.source.scan
    assert isinstance(scan, BidsSource)
    own = scan.read(Settings()).acquisition.grid
    write_image(tmp_path / "t2.nii.gz", np.full(own.shape, 0.07, np.float32), own)
    with pytest.raises(ImageError, match="does not look like R2"):
        WithBeside(scan, NamedFiles(r2=tmp_path / "t2.nii.gz")).read(Settings())
    write_image(tmp_path / "r2.nii.gz", np.full(grid.shape, 15, np.float32), grid)
    with pytest.raises(GeometryError, match="another grid"):
        WithBeside(scan, NamedFiles(r2=tmp_path / "r2.nii.gz")).read(Settings())


def test_names_without_a_map_are_refused(field, truth, tmp_path, capsys):
    names = str(truth / "desc-tissue_dseg.tsv")
    assert qsm(field, tmp_path / "out", "--region-names", names) == 2
    assert "give both" in capsys.readouterr().err
