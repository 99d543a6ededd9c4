"""The pages in headless Chromium; skipped where there is none."""

import base64
import dataclasses
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from fpcli.analysis.result import Flag, Measure
from fpcli.report.page import write_page
from fpcli.report.page_index import write_index

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "headless_shell")
BROWSER = next((found for name in NAMES if (found := shutil.which(name))), None)
LIMIT_S = 60
SIZE_LIMIT_BYTES = 8 * 2**20
OWN = "not an origin"  # initiator of what the browser asks for itself
ALONE = (  # a browser that asks for nothing on its own
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--proxy-server=127.0.0.1:9",
)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="the browser test needs Chromium")


@pytest.fixture
def page(make_analysis, make_film, tmp_path) -> Path:
    """The page of a dive with ten votes, more notices than usual, and every measure."""
    film = {"width": 160, "height": 120, "frame_count": 30}
    flags = (Flag.SIMULATED_TRAINING, Flag.NUMBER_UNKNOWN, Flag.TRIMMED, Flag.FEW_EXEMPLARS)
    flags += (Flag.UNLIKE_TRAINING, Flag.CUT_SHORT)
    known = Measure(2.3, 1.9, 2.7, 40, 1.33)
    analysis = make_analysis(
        film,
        source={"path": make_film()},
        flags=flags,
        measures={"board_m": known, "somersaults_per_s": known},
    )
    write_page(analysis, tmp_path / "report.html")
    return tmp_path / "report.html"


def browse(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Open a page from disk with no network and no profile."""
    own = [f"--user-data-dir={page.parent / 'profile'}", "--enable-logging=stderr"]
    command = [str(BROWSER), *ALONE, *own, *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=True)


def test_the_script_runs_under_the_policy_and_moves_the_cursor(page):
    result = browse(page, "--dump-dom")
    assert "Refused to" not in result.stderr
    assert re.search(r'<html[^>]*class="scripted"', result.stdout)
    assert re.search(r'class="cursor shown"', result.stdout)


def clicked(page: Path, place: int) -> Path:
    """A copy of the page that clicks a picture once it is loaded."""
    return acting(page, f"document.querySelectorAll('.strip li')[{place}].click()")


def acting(page: Path, script: str) -> Path:
    """A copy of a page that runs a script once it is loaded; its policy allows just that."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    html = page.read_text("utf-8").replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
    copy = page.with_name("clicked.html")
    copy.write_text(html.replace("</body>", f"<script>{script}</script></body>"), "utf-8")
    return copy


@pytest.mark.parametrize("place", [1, 9])
def test_a_click_on_a_picture_moves_the_cursor_there(page, place):
    shown = browse(clicked(page, place), "--dump-dom").stdout
    items = re.findall(r'<li[^>]*data-share="([^"]*)"[^>]*>', shown)
    cursor = re.search(r'<line class="cursor shown" x1="([^"%]*)%"', shown)
    assert float(cursor[1]) == pytest.approx(float(items[place]))
    (marked,) = re.findall(r"<li[^>]*aria-current[^>]*>", shown)
    assert f'data-share="{items[place]}"' in marked
    words = re.search(r'data-words="([^"]*)"', marked)[1]
    assert f"<figcaption>{words}</figcaption>" in shown


def asked_by(page: Path) -> list[str]:
    """Who asked for anything while a page was shown; the browser's own questions left out."""
    log = page.with_suffix(".json")
    browse(page, f"--log-net-log={log}", "--dump-dom")
    told = json.loads(log.read_text("utf-8", errors="replace"))
    started = told["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    asked = [e["params"] for e in told["events"] if e["type"] == started and "params" in e]
    return [a["url"] for a in asked if a.get("initiator", OWN) != OWN]


def test_nothing_is_asked_of_any_network(page):
    telling = page.with_name("telling.html")
    telling.write_text('<img src="http://127.0.0.1:9/picture.png">')
    assert asked_by(telling) == ["http://127.0.0.1:9/picture.png"]  # so it would be noticed
    assert asked_by(page) == []
    assert page.stat().st_size < SIZE_LIMIT_BYTES


def test_a_page_prints_on_one_sheet(page):
    target = page.parent / "printed.pdf"
    browse(page, f"--print-to-pdf={target}", "--no-pdf-header-footer")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", target.read_bytes())) == 1


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_reaches_beyond_the_window(page, width):
    """The right edge of the picture is ground: no text or chart is cut there."""
    target = page.parent / "shown.png"
    browse(page, f"--window-size={width},4000", f"--screenshot={target}")
    picture = cv2.imread(str(target))
    edge = picture[:, -4:]
    assert (edge == edge[0, 0]).all()
    assert np.ptp(picture) > 100


def test_an_index_gets_its_sorting_buttons(make_analysis, tmp_path):
    dives = [make_analysis(source={"path": Path(name)}) for name in ("a.mp4", "b.mp4")]
    dives[0] = dataclasses.replace(dives[0], score_points=50.0)
    write_index(dives, tmp_path / "index.html")
    assert "<button" in browse(tmp_path / "index.html", "--dump-dom").stdout


@pytest.mark.parametrize(
    ("heading", "presses", "order"),
    [
        ("panel", 1, ["b", "a", "c"]),  # the best first, and what has no score from a panel last
        ("panel", 2, ["a", "b", "c"]),
        ("diver", 1, ["b", "a", "c"]),
        ("file", 2, ["c", "b", "a"]),
        ("rank", 1, ["b", "a", "c"]),
    ],
)
def test_a_press_sorts_and_what_is_missing_stays_last(
    make_analysis, tmp_path, heading, presses, order
):
    told = {
        "a": ("Zoe", 60.0, ()),
        "b": ("Ann", 70.0, ()),
        "c": (None, None, (Flag.NO_DIVE_FOUND,)),
    }
    dives = [
        dataclasses.replace(
            make_analysis(
                source={"path": Path(f"{name}.mp4")},
                dive={"diver": diver, "panel_points": panel},
                flags=flags,
            ),
            score_points=score,
        )
        for (name, (diver, panel, flags)), score in zip(told.items(), (50, 40, 30), strict=True)
    ]
    write_index(dives, tmp_path / "index.html")
    press = (
        "for (const button of document.querySelectorAll('thead button'))"
        f" if (button.textContent === '{heading}')"
        f" for (let n = 0; n < {presses}; n++) button.click();"
    )
    shown = browse(acting(tmp_path / "index.html", press), "--dump-dom").stdout
    assert re.findall(r'scope="row">([abc])\.mp4', shown) == order
