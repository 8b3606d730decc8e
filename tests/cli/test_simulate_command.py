"""``arteriole simulate`` as a user types it."""

from __future__ import annotations

import pytest

from arteriole.cli.main import main


def run(*words: str) -> int:
    return main(["simulate", *words])


def test_dry_run_says_what_it_takes_and_writes_nothing(tmp_path, capsys):
    folder = str(tmp_path / "s")
    words = ["--protocol", "tiny", "ukb-swi", "--subjects", "3", "--nprocs", "2", "--dry-run"]
    assert run(folder, *words, "--mem", "32G") == 0
    said = capsys.readouterr().out
    assert "3 subject(s), 1 session(s) each, generated heads" in said
    assert "256x288x48 voxels of 0.8 x 0.8 x 3 mm, 2 echo(es), 3 T" in said
    assert "MiB each, 2 at a time" in said
    assert list(tmp_path.iterdir()) == []


def test_lesions_are_those_asked_for(tmp_path, capsys):
    folder = tmp_path / "s"
    words = ["--protocol", "tiny", "--age", "70", "--lesions", "microbleeds=3", "lacunes=1"]
    at = [
        "--at",
        "calcification,20,-30,30,6,-2,parietal lobe",
        "--at=microbleed,-14,-18,8,5,thalamus",
    ]
    assert run(str(folder), *words, "physiological=0", "pattern=deep", *at) == 0
    assert "sub-01_ses-01: simulated" in capsys.readouterr().out
    rows = next(folder.rglob("*_lesions.tsv")).read_text().splitlines()
    given = [dict(zip(rows[0].split("\t"), row.split("\t"), strict=True)) for row in rows[-2:]]
    assert [(row["kind"], row["region"]) for row in given] == [
        ("calcification", "parietal lobe"),
        ("microbleed", "thalamus"),
    ]
    kinds = [row.split("\t")[1] for row in rows[1:-2]]
    zones = {row.split("\t")[-1] for row in rows[1:] if row.split("\t")[1] == "microbleed"}
    assert sorted(kinds) == ["lacune", "microbleed", "microbleed", "microbleed"]
    assert "lobar" not in zones


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--protocol", "brain"], "no protocol 'brain'; there are demo, multi-echo-3t"),
        (["--subjects", "0"], "count from one, not 0, 1"),
        (["--age", "60", "70", "80"], "one or two numbers, not 3"),
        (["--age", "90", "60"], "youngest first"),
        (["--severity", "5"], r"severity lies in [0, 3], not 5.0"),
        (["--lesions", "spots=3"], "KIND=N with KIND one of microbleeds, calcifications"),
        (["--lesions", "microbleeds=many"], "'many' is no number"),
        (["--lesions", "microbleeds=1.5"], "whole numbers"),
        (["--lesions", "microbleeds=-1"], "counts from zero, not -1"),
        (["--at", "microbleed,1,2,3"], "--at takes KIND,X,Y,Z,D[,CHI][,REGION] with KIND one of"),
        (["--at", "lacune,1,2,3,4"], "not 'lacune,1,2,3,4'"),
        (["--at", "microbleed,1,2,3,1"], "is smaller than a voxel of 'demo' (2.00 mm3)"),
        (["--dicom", "acme"], "siemens, philips, ge, not 'acme'"),
        (["--protocol", "multi-echo-7t", "--mem", "2G"], "there are 2048 MiB. Take a protocol"),
        (["--protocol", "tiny", "--subjects", "2", "--nprocs", "2", "--mem", "1G"], "--nprocs 1"),
    ],
)
def test_refuses_before_it_starts(tmp_path, capsys, words, message):
    assert run(str(tmp_path / "s"), *words) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_refuses_what_exists(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("x")
    assert run(str(tmp_path), "--protocol", "tiny", "--dry-run") != 0
    assert "exists already" in capsys.readouterr().err
