"""The pages in headless Chromium; skipped where there is none."""

import dataclasses
import re
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from fpcli.analysis.result import Flag
from fpcli.report.page import write_page
from fpcli.report.page_index import write_index

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "headless_shell")
BROWSER = next((found for name in NAMES if (found := shutil.which(name))), None)
LIMIT_S = 60

pytestmark = pytest.mark.skipif(BROWSER is None, reason="the browser test needs Chromium")


@pytest.fixture
def page(make_analysis, make_film, tmp_path) -> Path:
    """The page of a dive with ten votes and the usual notices."""
    film = {"width": 160, "height": 120, "frame_count": 30}
    flags = (Flag.SIMULATED_TRAINING, Flag.NUMBER_UNKNOWN, Flag.TRIMMED, Flag.FEW_EXEMPLARS)
    analysis = make_analysis(film, source={"path": make_film()}, flags=flags)
    write_page(analysis, tmp_path / "report.html")
    return tmp_path / "report.html"


def browse(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Open a page from disk with no network and no profile."""
    fixed = ["--headless", "--no-sandbox", "--disable-gpu", "--proxy-server=127.0.0.1:9"]
    fixed += [f"--user-data-dir={page.parent / 'profile'}", "--enable-logging=stderr"]
    command = [str(BROWSER), *fixed, *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=True)


def test_the_script_runs_under_the_policy_and_moves_the_cursor(page):
    result = browse(page, "--dump-dom")
    assert "Refused to" not in result.stderr
    assert re.search(r'<html[^>]*class="scripted"', result.stdout)
    assert re.search(r'class="cursor shown"', result.stdout)


def test_a_page_prints_on_one_sheet(page):
    target = page.parent / "printed.pdf"
    browse(page, f"--print-to-pdf={target}", "--no-pdf-header-footer")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", target.read_bytes())) == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_reaches_beyond_the_window(page, width):
    """The right edge of the picture is ground: no text or chart is cut there."""
    target = page.parent / "shown.png"
    browse(page, f"--window-size={width},3000", f"--screenshot={target}")
    picture = cv2.imread(str(target))
    edge = picture[:, -4:]
    assert (edge == edge[0, 0]).all()
    assert np.ptp(picture) > 100


def test_an_index_gets_its_sorting_buttons(make_analysis, tmp_path):
    dives = [make_analysis(source={"path": Path(name)}) for name in ("a.mp4", "b.mp4")]
    dives[0] = dataclasses.replace(dives[0], score_points=50.0)
    write_index(dives, tmp_path / "index.html")
    assert "<button" in browse(tmp_path / "index.html", "--dump-dom").stdout
