import dataclasses
from pathlib import Path

import pytest
from reading_pages import (
    HOSTILE,
    assert_accessible,
    assert_sealed,
    assert_shows_safely,
    read_page,
)

from fpcli.analysis.result import Flag
from fpcli.errors import VideoError
from fpcli.report import numbers
from fpcli.report.notices import Failure
from fpcli.report.page_index import ranks, render_index, write_index

FAILURE = Failure(
    Path("broken.mp4"), VideoError("broken.mp4 holds no frame.", "Export the video again.")
)


@pytest.fixture
def dives(make_analysis):
    """Three dives, two of which show the same score."""
    scores = {"low.mp4": 41.26, "first.mp4": 77.04, "second.mp4": 76.96}
    return [
        make_analysis(source={"path": Path(name)}, score_points=score, mark=score / 9.6)
        for name, score in scores.items()
    ]


def rows_of(html: str) -> list[list[str]]:
    (body,) = read_page(html).all("tbody")
    return [[cell.text for cell in row.inside] for row in body.all("tr")]


def test_dives_stand_by_score_and_equal_ones_share_a_rank(dives):
    assert ranks(dives) == [3, 1, 1]
    rows = rows_of(render_index(dives))
    assert [row[1] for row in rows] == ["first.mp4", "second.mp4", "low.mp4"]
    assert [row[0] for row in rows] == ["1", "1", "3"]


def test_cells_show_the_analysis_and_sort_by_its_unrounded_numbers(dives):
    (body,) = read_page(render_index(dives)).all("tbody")
    cells = body.all("tr")[0].inside
    analysis = dives[1]
    shown = numbers.shown_breakdown(analysis)
    assert [cell.text for cell in cells][2:] == [
        numbers.points(analysis.score_points),
        "70.1 – 83.2",
        f"{numbers.mark(analysis.mark)} good",
        "5253B, 10 m",
        "3.2",
        *(numbers.signed_points(step.total) for step in shown.steps),
        "",
    ]
    keys = [float(cell.attributes["data-key"]) for cell in [*cells[2:5], *cells[6:10]]]
    exact = [step.contribution_points for step in analysis.steps]
    assert keys == [analysis.score_points, 70.1, analysis.mark, 3.2, *exact]


def test_the_caption_says_which_steps_cannot_be_trusted(dives):
    (caption,) = read_page(render_index(dives)).all("caption")
    assert "Take-off: a guess. Flight: unsure." in caption.text
    assert "Entry" not in caption.text


def test_every_row_has_a_cell_for_every_heading(dives, make_analysis):
    listed = make_analysis(dive={"diver": "A. Diver", "panel_points": 70.5})
    for analyses in (dives, [*dives, listed]):
        page = read_page(render_index(analyses))
        (heads,) = page.all("thead")
        assert {len(row.inside) for row in page.all("tbody")[0].all("tr")} == {len(heads.all("th"))}
    assert "A. Diver" in page.all("tbody")[0].text
    assert "70.5" in page.all("tbody")[0].text


def test_what_holds_for_all_is_said_once(dives):
    dives[0] = dataclasses.replace(dives[0], flags=(Flag.SIMULATED_TRAINING, Flag.REPLAY))
    html = render_index(dives)
    assert html.count("trained on simulated dives") == 1
    assert [row[-1] for row in rows_of(html)] == ["", "", "a"]
    assert "aslow motion after a cut" in read_page(html).all("main")[0].text


def test_what_holds_no_dive_has_no_rank_and_stands_last(dives):
    dives[1] = dataclasses.replace(dives[1], flags=(Flag.NO_DIVE_FOUND,))
    assert ranks(dives) == [2, None, 1]
    rows = rows_of(render_index(dives))
    assert [row[1] for row in rows] == ["second.mp4", "low.mp4", "first.mp4"]
    assert rows[-1][0] == "–"


def test_failures_are_listed_with_their_reason(dives):
    text = read_page(render_index([FAILURE, *dives])).all("main")[0].text
    assert "3 dives scored, 1 not" in text
    assert "broken.mp4 holds no frame. Export the video again." in text
    assert "broken.mp4: broken" not in text


def test_a_batch_of_failures_is_a_page_too(tmp_path):
    write_index([FAILURE], tmp_path / "index.html")
    assert "0 dives scored, 1 not" in (tmp_path / "index.html").read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_the_index_is_sealed_accessible_and_safe(dives, make_analysis):
    hostile = make_analysis(
        source={"path": Path(HOSTILE.replace("/", "∕"))},
        dive={"dive_number": HOSTILE, "diver": HOSTILE},
        band=HOSTILE,
        flags=tuple(Flag),
    )
    failure = Failure(Path(HOSTILE), VideoError(HOSTILE, HOSTILE))
    for results in (dives, [hostile, failure]):
        html = render_index(results)
        assert_sealed(html)
        assert_accessible(html)
    assert_shows_safely(html)
