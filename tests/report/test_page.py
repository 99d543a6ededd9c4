import dataclasses
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from reading_pages import (
    HOSTILE,
    assert_accessible,
    assert_sealed,
    assert_shows_safely,
    body_text,
    read_page,
)

from fpcli.analysis.result import Flag
from fpcli.errors import VideoError
from fpcli.report import numbers, page_looks
from fpcli.report.curves import transition_curve
from fpcli.report.notices import notices
from fpcli.report.page import render_page, write_page
from fpcli.report.page_breakdown import PRINTED_VOTES
from fpcli.report.page_pictures import PICTURE_PX, KeyFrame, key_frames, key_samples, step_of
from fpcli.video.write import VideoWriter

SIZE_LIMIT_BYTES = 8 * 2**20
TEXT_COLOURS = ("ink", "quiet", "accent", "gain", "loss", "notice")
MARK_COLOURS = ("accent", "step-0", "step-1", "step-2", "gain", "loss")
FILM = {"width": 160, "height": 120, "frame_count": 30}


@pytest.fixture
def filmed(make_analysis, make_film):
    """An analysis of a film that is there."""
    path = make_film()
    return make_analysis(FILM, source={"path": path})


def strip_of(analysis) -> tuple[KeyFrame, ...]:
    """A film strip with pictures of nothing, for tests of the words."""
    frames, times = analysis.sample_frames, analysis.sample_times_s
    return tuple(
        KeyFrame(
            sample, int(frames[sample]), float(times[sample]), step_of(analysis, sample), True, b"x"
        )
        for sample in key_samples(analysis)
    )


def crowded(make_analysis):
    """An analysis with everything that others wrote hostile, every flag, and a limit."""
    votes = make_analysis().votes * 3
    return make_analysis(
        flags=tuple(Flag),
        source={"path": Path(HOSTILE.replace("/", "∕") + ".mp4"), "corrupt_frames": 3},
        dive={"description": HOSTILE, "diver": HOSTILE, "panel_points": 70.5},
        band=HOSTILE,
        limit_points=-1.5,
        votes=tuple(dataclasses.replace(v, exemplar=HOSTILE, dive_number=HOSTILE) for v in votes),
        provenance={"weights_name": HOSTILE, "training_data": HOSTILE, "device": HOSTILE},
        interval={"method": HOSTILE},
    )


def test_the_page_is_sealed_and_accessible(make_analysis):
    for analysis in (make_analysis(), crowded(make_analysis)):
        html = render_page(analysis, strip_of(analysis))
        assert_sealed(html)
        assert_accessible(html)


def test_hostile_text_is_shown_and_does_nothing(make_analysis):
    analysis = crowded(make_analysis)
    html = render_page(analysis, strip_of(analysis))
    assert_shows_safely(html.replace("∕", "/"))
    assert "\\x1b[31m" in html
    assert "\\u202e" in html


def test_every_notice_and_what_made_the_score_are_said(make_analysis):
    analysis = make_analysis(flags=tuple(Flag))
    text = body_text(read_page(render_page(analysis, strip_of(analysis))))
    for told in notices(analysis):
        assert str(told) in text
    assert "trained on simulated dives: on real footage score and interval are unproven" in text
    for fact in ("xs-simulated-1", "4f0c4f0c4f0c", "2,000 simulated dives", "split conformal"):
        assert fact in text


def test_a_page_that_is_passed_on_claims_no_panel_s_score(make_analysis):
    text = body_text(read_page(render_page(make_analysis(), ())))
    assert "76.8 points, estimated" in text
    assert "supports a judge and does not replace one" in text


def test_a_short_dive_has_curves_without_jumps(make_analysis):
    """Of 30 frames most are sampled three times: a moment must not stand at two heights."""
    analysis = make_analysis({"frame_count": 30})
    analysis.transition_probabilities[27:33, 0] = (0.1, 0.2, 0.3, 0.91, 0.3, 0.2)
    times_s, chances = transition_curve(analysis, 0)
    assert (np.diff(times_s) > 0).all()
    assert chances.max() == 0.91
    curve = next(
        line
        for line in read_page(render_page(analysis, ())).all("polyline")
        if line.attributes["class"] == "curve step-1"
    )
    places = [float(point.split(",")[0]) for point in curve.attributes["points"].split()]
    assert len(set(places)) == len(places) == 30


def test_the_scale_of_the_interval_says_what_it_is_of(make_analysis):
    page = read_page(render_page(make_analysis(), ()))
    (chart,) = [svg for svg in page.all("svg") if "scale of execution marks" in svg.text]
    assert [text.text for text in chart.all("text")] == ["mark 0", "2", "4", "6", "8", "10"]


def test_a_score_that_means_nothing_has_no_interval_on_the_page(make_analysis):
    html = render_page(make_analysis(flags=(Flag.NO_DIVE_FOUND,)), ())
    assert "which means nothing: no dive was found" in html
    assert "83.2" not in html


def test_a_name_beside_another_is_whole_where_there_is_room(make_analysis):
    votes = make_analysis().votes
    named = tuple(
        dataclasses.replace(v, exemplar=f"simulated-2029-0{n}") for n, v in enumerate(votes)
    )
    page = read_page(render_page(make_analysis(votes=named), ()))
    (table,) = [t for t in page.all("table") if t.attributes["class"] == "neighbours"]
    told = table.all("span")
    whole = [span.text for span in told if span.attributes["class"] == "whole"]
    brief = [span.text for span in told if span.attributes["class"] == "brief"]
    assert len(whole) == len(brief) > 2
    assert set(whole) <= {vote.exemplar for vote in named}
    assert not set(brief) & set(whole)


def test_the_breakdown_adds_up_as_printed(make_analysis):
    analysis = make_analysis(score_points=75.3, limit_points=-1.5)
    page = read_page(render_page(analysis, strip_of(analysis)))
    breakdown = next(s for s in page.all("section") if "won or lost" in s.text).all("tbody")[0]
    rows = [[number(cell) for cell in row.all("td") if cell.text] for row in breakdown.all("tr")]
    (mean,), *steps, (limit,), (score,) = rows
    assert len(steps) == 3
    assert all(round(10 * (a + b)) == round(10 * total) for a, b, total in steps)
    assert round(10 * (mean + sum(step[2] for step in steps) + limit)) == round(10 * score)


def number(cell) -> float:
    return float(cell.text.replace(numbers.MINUS, "-"))


def test_the_cursor_follows_pictures_along_the_same_time_axis(make_analysis):
    analysis = make_analysis()
    page = read_page(render_page(analysis, strip_of(analysis)))
    (strip,) = [ol for ol in page.all("ol") if ol.attributes["class"] == "strip"]
    shares = [float(item.attributes["data-share"]) for item in strip.all("li")]
    assert shares == sorted(shares)
    assert shares[0] == 0
    first = strip.all("li")[int(strip.attributes["data-first"])]
    assert "0.93 s" in first.text  # the flight begins
    lines = [e for e in page.all("line") if "transition" in e.attributes.get("class", "")]
    assert float(lines[0].attributes["x1"].rstrip("%")) == pytest.approx(
        float(first.attributes["data-share"]), abs=0.01
    )
    assert "91 %" in first.attributes["data-words"]


def test_paper_shows_the_first_votes_and_counts_the_rest(make_analysis):
    analysis = make_analysis(votes=make_analysis().votes * 2)
    html = render_page(analysis, strip_of(analysis))
    assert html.count('class="beyond"') == 20 - PRINTED_VOTES
    assert f"and {20 - PRINTED_VOTES} more" in html


def test_colours_reach_their_contrast():
    for colours in (page_looks.LIGHT, page_looks.DARK):
        for ground in ("ground", "raised"):
            for name in TEXT_COLOURS:
                assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
            for name in MARK_COLOURS:
                assert contrast(colours[name], colours[ground]) >= 3, (name, ground)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_key_frames_hold_both_transitions_and_no_frame_twice(make_analysis):
    for frame_count in (16, 30, 96, 400):
        analysis = make_analysis({"frame_count": frame_count})
        samples = key_samples(analysis)
        frames = [int(analysis.sample_frames[sample]) for sample in samples]
        assert frames == sorted(set(frames))
        assert {0, frame_count - 1} <= set(frames)
        assert {transition.frame for transition in analysis.transitions} <= set(frames)


def test_pictures_are_cut_around_the_diver_and_outlined(filmed):
    frames = key_frames(filmed)
    assert [frame.step for frame in frames] == sorted(frame.step for frame in frames)
    for frame in frames:
        picture = cv2.imdecode(np.frombuffer(frame.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape == (PICTURE_PX, PICTURE_PX, 3)
        coloured = np.argwhere(np.ptp(picture.astype(int), axis=2) > 60)
        middle, reach = coloured.mean(axis=0), np.ptp(coloured, axis=0)
        assert np.abs(middle - PICTURE_PX / 2).max() < PICTURE_PX / 8
        assert (reach > PICTURE_PX / 3).all()


def test_a_window_that_follows_the_diver_is_what_is_shown(filmed):
    windows = filmed.masks.boxes_px + np.float32([-10, -10, 10, 10])
    probabilities = np.zeros((96, 40, 40), np.float32)
    probabilities[:, 10:30, 15:25] = 1
    masks = dataclasses.replace(filmed.masks, windows_px=windows, probabilities=probabilities)
    for frame in key_frames(dataclasses.replace(filmed, masks=masks)):
        picture = cv2.imdecode(np.frombuffer(frame.jpeg, np.uint8), cv2.IMREAD_COLOR)
        coloured = np.argwhere(np.ptp(picture.astype(int), axis=2) > 60)
        low, high = coloured.min(axis=0) / PICTURE_PX, coloured.max(axis=0) / PICTURE_PX
        assert low == pytest.approx([0.25, 0.375], abs=0.04)
        assert high == pytest.approx([0.75, 0.625], abs=0.04)


def test_nobody_seen_is_said(filmed):
    masks = dataclasses.replace(
        filmed.masks,
        boxes_px=np.full((96, 4), np.nan, np.float32),
        probabilities=np.zeros((96, 8, 8), np.float32),
    )
    analysis = dataclasses.replace(filmed, masks=masks)
    html = render_page(analysis, key_frames(analysis))
    assert all("no diver seen" in img.attributes["alt"] for img in read_page(html).all("img"))


def test_the_page_is_written_whole(filmed, tmp_path):
    target = tmp_path / "report.html"
    target.write_text("older")
    write_page(filmed, target)
    assert re.match(r"<!DOCTYPE html>.*</html>\n\Z", target.read_text("utf-8"), re.DOTALL)
    assert {path.name for path in tmp_path.iterdir()} == {"dive.mp4", "report.html"}


def test_a_video_that_changed_leaves_the_older_page(filmed, make_film, tmp_path):
    target = tmp_path / "report.html"
    target.write_text("older")
    make_film(times_s=[place / 30 for place in range(8)])
    with pytest.raises(VideoError):
        write_page(filmed, target)
    assert target.read_text() == "older"
    assert {path.name for path in tmp_path.iterdir()} == {"dive.mp4", "report.html"}


def test_the_page_of_a_clip_that_hardly_compresses_stays_small(make_analysis, tmp_path):
    path = tmp_path / "noise.mp4"
    rng = np.random.default_rng(5)
    with VideoWriter(path, width=640, height=480) as writer:
        for place in range(30):
            writer.write(rng.integers(0, 256, (480, 640, 3)).astype(np.uint8), place / 30)
    video = {"width": 640, "height": 480, "frame_count": 30}
    analysis = make_analysis(video, source={"path": path})
    write_page(analysis, tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size < SIZE_LIMIT_BYTES
