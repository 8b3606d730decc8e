"""The page in a real browser: it opens from anywhere, shows its pictures, breaks no policy."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from stories import make_story

from arteriole.report.session import write_session_report

pytestmark = pytest.mark.browser

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--enable-logging=stderr",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium: apt-get install chromium")
    return found


@pytest.fixture(scope="module")
def moved(tmp_path_factory) -> Path:
    """A page that was written in one folder and taken to another."""
    written = tmp_path_factory.mktemp("written") / "page.html"
    write_session_report(written, make_story(simulated=True))
    return Path(shutil.move(written, tmp_path_factory.mktemp("moved") / "ünï code.html"))


def browse(chromium: str, page: Path, folder: Path, *options: str) -> subprocess.CompletedProcess:
    profile = folder / "profile"
    command = [chromium, *QUIET, f"--user-data-dir={profile}", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)


def shot(chromium: str, page: Path, folder: Path, width: int, height: int) -> np.ndarray:
    picture = folder / "page.png"
    size = f"--window-size={width},{height}"
    done = browse(chromium, page, folder, size, f"--screenshot={picture}")
    assert "CONSOLE" not in done.stderr, done.stderr
    return np.asarray(Image.open(picture).convert("RGB")).astype(int)


def black_rows(pixels: np.ndarray) -> int:
    """Count rows of which a good part is as dark as the panels of pictures."""
    return int(((pixels.max(axis=-1) < 20).mean(axis=1) > 0.3).sum())


@pytest.mark.parametrize("width", [1400, 800])
def test_page_shows_its_pictures_and_breaks_no_policy(chromium, moved, tmp_path, width):
    # One row of pictures at the top, then words and quality figures, then the maps below row 2200.
    pixels = shot(chromium, moved, tmp_path, width, 5000)
    assert pixels.shape == (5000, width, 3)
    assert pixels[5, -5].min() > 235
    assert black_rows(pixels[:2200]) > 200
    assert black_rows(pixels[2200:]) > 500
    assert ((pixels > 200).all(axis=-1)).mean() > 0.2


def test_text_and_sections_are_in_the_document(chromium, moved, tmp_path):
    document = browse(chromium, moved, tmp_path, "--dump-dom").stdout
    for section in ("summary", "quality", "maps", "measures", "inputs", "methods", "consensus"):
        assert f'id="{section}"' in document
    assert "SIMULATED DATA." in document


def test_picking_a_map_hides_the_others(chromium, moved, tmp_path):
    text = moved.read_text("utf-8").replace('id="pick-all" checked', 'id="pick-all"')
    picked = tmp_path / "picked.html"
    picked.write_text(text.replace('id="pick-chi"', 'id="pick-chi" checked'), "utf-8")
    everything = black_rows(shot(chromium, moved, tmp_path, 1000, 6000))
    assert black_rows(shot(chromium, picked, tmp_path, 1000, 6000)) < everything - 1200
