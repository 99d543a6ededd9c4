import dataclasses
import io
import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.color import Color
from rich.console import Console

from fpcli.analysis.result import Flag, Origin
from fpcli.errors import VideoError
from fpcli.report import numbers, terminal_parts
from fpcli.report.notices import Failure, notices
from fpcli.report.terminal import render_batch, render_explanation, render_score

HOSTILE = "[red]\x1b[31m" + "very_long_name_" * 12 + "\n\u202e.mp4"
FAILURE = Failure(
    Path("broken\x1b[2J.mp4"), VideoError("broken.mp4 holds no frame.", "Export the video again.")
)


def shown(renderable, width: int = 80, encoding: str = "utf-8", **console) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    Console(file=file, width=width, **console).print(renderable)
    file.flush()
    return file.buffer.getvalue().decode(encoding)


def everything(make_analysis):
    crowded = make_analysis(
        flags=tuple(Flag),
        source={"path": Path(HOSTILE)},
        band="completely failed",
        limit_points=-1.5,
        provenance={"training_data": "many simulated dives " * 8},
    )
    return [
        render_score(crowded),
        render_explanation(crowded),
        render_batch([crowded, make_analysis(), FAILURE, Failure(Path(HOSTILE), FAILURE.error)]),
    ]


def test_the_score_reads_as_one_page(make_analysis):
    text = shown(render_score(make_analysis()))
    assert "dive.mp4" in text
    assert "5253B back 2½ somersaults 1½ twists pike · 10 m · difficulty 3.2 (table 2025)" in text
    assert "Score 76.8, between 70.1 and 83.2 (90 % interval)" in text
    assert "execution 8.0 good, between 7.3 and 8.7 · half a mark is worth 4.8 points" in text
    assert "points against 10 exemplars" in text
    assert re.search(r"flight +0\.93 – 2\.23 +\+3\.1", text)
    assert re.search(r"entry +2\.23 – 3\.20 +−2\.4", text)
    assert "Exemplars' mean 76.7 + 0.1 = 76.8 (exemplars are dives whose marks are known)" in text


def test_what_to_know_is_said_between_the_score_and_the_steps(make_analysis):
    text = shown(render_score(make_analysis()))
    places = [text.index(words) for words in ("Score 76.8", "! trained on simulated", "take-off")]
    assert places == sorted(places)


def test_how_far_a_step_can_be_trusted_stands_beside_its_points(make_analysis):
    lines = shown(render_score(make_analysis())).splitlines()
    told = {line.split()[0]: line.rstrip() for line in lines if line}
    assert told["take-off"].endswith("a guess")
    assert told["flight"].endswith("unsure")
    assert told["entry"].endswith("│")
    text = " ".join(shown(render_explanation(make_analysis())).split())
    assert "held back from training: take-off 0.11, flight 0.27, entry 0.74" in text
    unmeasured = make_analysis(provenance={"step_fidelity": None})
    text = " ".join(shown(render_explanation(unmeasured)).split())
    assert "a guess" not in text
    assert "can be trusted has not been measured" in text


def test_the_sum_shows_a_limit(make_analysis):
    text = shown(render_score(make_analysis(score_points=75.3, limit_points=-1.5)))
    assert "mean 76.7 + 0.1 − 1.5 (limit) = 75.3" in text


def test_a_forced_score_is_shown_without_interval_and_band(make_analysis):
    analysis = make_analysis(flags=(Flag.SIMULATED_TRAINING, Flag.NO_DIVE_FOUND))
    text = shown(render_score(analysis))
    assert "Score 76.8, which means nothing: no dive was found" in text
    assert "83.2" not in text
    assert "good" not in text
    row = next(line for line in shown(render_batch([analysis])).splitlines() if ".mp4" in line)
    assert re.search(r"76\.8 +– +8\.0 no dive", row)


def test_which_dive_of_a_video_this_is_stands_beside_its_name(make_analysis):
    analysis = make_analysis(source={"path": Path("a_long_session_of_dives" * 9 + ".mp4")})
    first = shown(render_score(analysis, 2)).splitlines()[0]
    assert first.rstrip().endswith("ves.mp4, dive 2")
    assert cell_len(first) <= 80


def test_where_facts_came_from_is_said(make_analysis):
    dive = {
        "height_origin": Origin.ASSUMED,
        "difficulty_origin": Origin.ASSUMED,
        "dive_number": None,
        "description": None,
    }
    text = shown(render_score(make_analysis(dive=dive)))
    assert "dive number unknown · 10 m (assumed) · difficulty 3.2 (assumed)" in text


def test_a_step_that_was_not_found_has_no_frames(make_analysis):
    take_off, *others = make_analysis().steps
    empty = dataclasses.replace(take_off, last_frame=-1, end_s=0.0)
    assert re.search(r"take-off +none", shown(render_score(make_analysis(steps=(empty, *others)))))


def test_every_notice_is_shown_with_its_sign(make_analysis):
    analysis = make_analysis(flags=tuple(Flag))
    text = shown(render_score(analysis), width=200)
    assert len(notices(analysis)) == len(Flag) - 2  # two are told with others
    for told in notices(analysis):
        assert f"! {told}\n" in re.sub(r" +\n", "\n", text)


def test_the_explanation_shows_streams_transitions_votes_and_provenance(make_analysis):
    analysis = make_analysis()
    text = shown(render_explanation(analysis))
    for step in numbers.shown_breakdown(analysis).steps:
        cells = map(numbers.signed_points, (step.dynamic, step.static, step.total))
        pattern = re.escape(step.name) + "".join(f".*{re.escape(cell)}" for cell in cells)
        assert re.search(pattern, text)
    assert re.search(r"flight begins +28 +0\.93 +91 %", text)
    for vote in analysis.votes:
        assert vote.exemplar in text
    assert re.search(r"mean +76\.7 +\+0\.1 +76\.8", text)
    assert "4.8 points" in text  # half a mark at difficulty 3.2
    for fact in ("xs-simulated-1", "4f0c4f0c4f0c", "2,000 simulated dives", "World Aquatics 2025"):
        assert fact in text


def test_the_batch_keeps_the_given_order_and_ends_with_failures(make_analysis):
    names = ["c.mp4", "a.mp4", "b.mp4"]
    results = [make_analysis(source={"path": Path(name)}) for name in names]
    text = shown(render_batch([FAILURE, *results]), width=120)
    places = [text.index(name) for name in names]
    assert places == sorted(places)
    assert text.index("holds no frame") > places[-1]
    assert "3 scored, 1 not" in text
    assert "+3.1" in text


def test_the_batch_marks_which_dive_a_notice_is_about(make_analysis):
    results = [
        make_analysis(source={"path": Path("a.mp4")}),
        make_analysis(
            source={"path": Path("b.mp4")},
            flags=(Flag.SIMULATED_TRAINING, Flag.DIFFICULTY_ASSUMED),
        ),
    ]
    lines = [line.rstrip() for line in shown(render_batch(results), width=100).splitlines()]
    assert next(line for line in lines if "b.mp4" in line).endswith(" a")
    assert not next(line for line in lines if "a.mp4" in line).endswith(" a")
    assert any(line.startswith("! trained on simulated") for line in lines)
    assert any(line.startswith("a difficulty assumed") for line in lines)


def test_files_of_one_name_are_told_apart(make_analysis):
    paths = [Path("monday/dive.mp4"), Path("tuesday/dive.mp4")]
    text = shown(render_batch([make_analysis(source={"path": path}) for path in paths]), width=120)
    assert all(str(path) in text for path in paths)


@pytest.mark.parametrize("width", [40, 47, 48, 65, 80, 120, 200])
def test_no_figure_of_a_batch_is_cut(make_analysis, width):
    flags = (Flag.SIMULATED_TRAINING, Flag.HEIGHT_ASSUMED)
    listed = make_analysis(
        dive={"diver": "Ann", "panel_points": 103.35}, score_points=101.2, flags=flags
    )
    row = shown(render_batch([listed, make_analysis()]), width=width).splitlines()[1]
    assert "…" not in row
    assert "101.2" in row
    assert row.rstrip().endswith(" a")
    assert ("103.35" in row) is (width >= 48)


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_no_line_is_wider_than_the_screen(make_analysis, width):
    for page in everything(make_analysis):
        assert max(map(cell_len, shown(page, width=width).splitlines())) <= width


def test_at_80_columns_nothing_is_cut_but_names(make_analysis):
    for render in (render_score, render_explanation):
        assert "…" not in shown(render(make_analysis(flags=tuple(Flag))))


def test_hostile_names_are_shown_not_obeyed(make_analysis):
    for page in everything(make_analysis):
        text = shown(page)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[red]\\x1b[31m" in text


def test_without_colour_or_in_a_pipe_no_escape_is_written(make_analysis):
    page = render_score(make_analysis())
    assert "\x1b" not in shown(page)
    coloured = shown(page, force_terminal=True, color_system="truecolor")
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(page)
    plain = shown(page, force_terminal=True, no_color=True)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", plain)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_streams_without_our_signs_get_plain_ones(make_analysis, encoding):
    text = shown(render_explanation(make_analysis()), encoding=encoding)
    assert re.search(r"entry +2\.23 . 3\.20 +-2\.4", text)
    assert max(map(len, text.splitlines())) <= 80
    assert "?" not in text


def test_gains_and_losses_are_told_by_side_and_sign_too(make_analysis):
    lines = shown(render_score(make_analysis())).splitlines()
    flight = next(line for line in lines if line.startswith("flight"))
    entry = next(line for line in lines if line.startswith("entry"))
    assert re.search(r"│━+", flight)
    assert re.search(r"━+│", entry)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    channels = (value / 255 for value in Color.parse(colour).get_truecolor())
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["QUIET", "GAIN", "LOSS", "NOTICE", "SCORE", "HEADING", "FAILURE"])
def test_colours_read_on_black_and_on_white(name):
    light = luminance(getattr(terminal_parts, name).split()[-1])
    assert (light + 0.05) / 0.05 >= 4
    assert 1.05 / (light + 0.05) >= 4


def test_reasons_stand_beside_each_other_on_a_wide_screen_and_below_each_other_in_a_pipe(
    make_analysis,
):
    explained = render_explanation(make_analysis())

    def heading_line(text: str) -> str:
        return next(line for line in text.splitlines() if "What each step won" in line)

    screen = shown(explained, width=200, force_terminal=True, color_system=None)
    assert "How the exemplars voted" in heading_line(screen)
    assert "How the exemplars voted" not in heading_line(shown(explained, width=200))


def test_a_pair_has_a_mean_mark_and_is_called_synchronised(make_analysis):
    text = shown(render_explanation(make_analysis(dive={"synchro": True})))
    assert "somersaults 1½ twists pike · synchronised · 10 m" in text
    assert "mean mark 8.0 good" in text
    assert "execution" not in text


def test_many_dives_share_one_footnote_of_their_trims(make_analysis):
    ends = ({"start_s": 0.5, "end_s": 3.0}, {"start_s": 1.0, "end_s": 4.0})
    flags = (Flag.SIMULATED_TRAINING, Flag.TRIMMED)
    text = shown(render_batch([make_analysis(flags=flags, source=each) for each in ends]))
    assert text.count("found and trimmed automatically") == 1
    assert "0.50" not in text


@pytest.mark.parametrize("width", [80, 200])
def test_what_was_measured_stands_below_what_each_step_won(make_analysis, width):
    """A coach asks what was seen before asking how the network counted."""
    explained = render_explanation(make_analysis())
    lines = shown(explained, width=width, force_terminal=True, color_system=None).splitlines()
    left = [line[:40] for line in lines]
    won = next(n for n, line in enumerate(left) if line.startswith("What each step won"))
    measured = next(n for n, line in enumerate(left) if line.startswith("Measured in the"))
    assert won < measured
    between = [line for line in left[won:measured] if not line.strip()]
    assert len(between) == 1
