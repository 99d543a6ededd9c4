import numpy as np
import pytest

from fpcli.analysis.result import Flag
from fpcli.report import lettering, measure_plate, numbers, score_panel, step_timeline
from fpcli.report.lettering import text_line, wrap_text
from fpcli.report.notices import notice, notices
from fpcli.report.overlay import DiveAnnotator
from fpcli.report.overlay_style import OverlayStyle


@pytest.fixture
def written(monkeypatch):
    """Every text that is set on a plate."""
    texts = []

    def record(text, size_px, **options):
        texts.append(text)
        return lettering.text_line(text, size_px, **options)

    for module in (measure_plate, score_panel, step_timeline):
        monkeypatch.setattr(module, "text_line", record)
    return texts


def test_the_panel_says_what_the_analysis_says(make_analysis, written):
    analysis = make_analysis({"width": 1280, "height": 720})
    DiveAnnotator(analysis, 1280, 720)
    shown = numbers.shown_breakdown(analysis)
    for text in (
        numbers.points(analysis.score_points),
        "execution 8.0",
        "good",
        "90 % interval 70.1 – 83.2",
        "5253B · 10 m · difficulty 3.2",
        "exemplars' mean 76.7 + 0.1",
        *(step.name for step in analysis.steps),
        *(numbers.signed_points(step.total) for step in shown.steps),
    ):
        assert text in written


def test_of_what_is_small_the_interval_goes_last(make_analysis, written):
    """A score is shown without its interval only where nothing else can go any more."""
    analysis = make_analysis({"width": 320, "height": 180})
    told = {}
    for detail in score_panel.PanelDetail:
        written.clear()
        (plate, *_) = score_panel.score_panel(analysis, OverlayStyle(), 10, detail)
        told[detail] = ("90 % interval 70.1 – 83.2" in written, plate.height)
    full, interval, steps, score = told.values()
    assert [has for has, _ in told.values()] == [True, True, False, False]
    assert full[1] > interval[1] > steps[1] > score[1]


def test_an_unknown_number_and_a_limit_are_said(make_analysis, written):
    analysis = make_analysis(
        {"width": 1280, "height": 720},
        dive={"dive_number": None, "height_m": None},
        score_points=75.3,
        limit_points=-1.5,
    )
    DiveAnnotator(analysis, 1280, 720)
    assert "number unknown · difficulty 3.2" in written
    assert "exemplars' mean 76.7 + 0.1 − 1.5 limit" in written


@pytest.mark.parametrize(("width", "height"), [(320, 568), (1280, 720), (320, 240), (160, 120)])
def test_the_notice_of_simulated_training_is_always_there(make_analysis, written, width, height):
    analysis = make_analysis({"width": width, "height": height}, flags=tuple(Flag))
    DiveAnnotator(analysis, width, height)
    assert notice(Flag.SIMULATED_TRAINING, analysis).sentence in " ".join(written)


def test_notices_without_room_are_counted(make_analysis, written):
    analysis = make_analysis({"width": 320, "height": 240}, flags=tuple(Flag))
    DiveAnnotator(analysis, 320, 240)
    said = " ".join(written)
    told = [told for told in notices(analysis) if told.flag is not Flag.TRIMMED]
    first = notice(Flag.SIMULATED_TRAINING, analysis)
    others = [each for each in told if each.flag is not first.flag]
    missing = [each for each in others if each.brief not in said]
    assert others[0].brief in said
    assert first.sentence in said
    assert missing
    assert f"and {len(missing)} more" in said


def test_a_small_picture_says_that_no_dive_was_found(make_analysis, written):
    flags = (Flag.SIMULATED_TRAINING, Flag.NO_DIVE_FOUND, Flag.WHOLE_CLIP, Flag.NUMBER_UNKNOWN)
    DiveAnnotator(make_analysis({"width": 320, "height": 240}, flags=flags), 320, 240)
    assert "no dive found" in " ".join(written)


def test_a_forced_score_is_no_good_one(make_analysis, written):
    flags = (Flag.SIMULATED_TRAINING, Flag.NO_DIVE_FOUND)
    DiveAnnotator(make_analysis({"width": 1280, "height": 720}, flags=flags), 1280, 720)
    assert "no dive" in written
    assert not {"good", "90 % interval 70.1 – 83.2"} & set(written)


def test_what_the_timeline_shows_is_not_said_too(make_analysis, written):
    flags = (Flag.SIMULATED_TRAINING, Flag.TRIMMED)
    DiveAnnotator(make_analysis({"width": 1280, "height": 720}, flags=flags), 1280, 720)
    assert notice(Flag.TRIMMED, make_analysis()).sentence not in " ".join(written)


def test_what_a_question_mark_means_is_said_where_one_is(make_analysis, written):
    size = {"width": 1280, "height": 720}
    DiveAnnotator(make_analysis(size, provenance={"step_fidelity": None}), 1280, 720)
    assert "? unsure" not in " ".join(written)
    DiveAnnotator(make_analysis(size), 1280, 720)
    assert "? unsure" in " ".join(written)


def test_the_moment_is_written_beside_the_timeline(make_analysis, written):
    annotator = DiveAnnotator(make_analysis({"width": 640, "height": 360}), 640, 360)
    annotator.annotate(np.zeros((360, 640, 3), dtype=np.uint8), 40, 1.333)
    assert "1.33 s" in written


def test_labels_of_short_steps_do_not_touch(make_analysis, written):
    """A dive of three seconds in a film of a minute: its steps are a few pixels wide."""
    analysis = make_analysis({"width": 320, "height": 568, "frame_count": 1800})
    lines = [text_line(step.name, 12) for step in analysis.steps]
    lefts = step_timeline.spread(lines, [150, 152, 154], 8, 300, gap=6)
    for place in range(2):
        assert lefts[place] + lines[place].width + 6 <= lefts[place + 1]
    assert lefts[0] >= 8
    assert lefts[-1] + lines[-1].width <= 300


def test_the_font_has_our_signs(recwarn):
    """The font library warns of a sign that it has not."""
    assert text_line("½−–·", 40).alpha.max() == 255
    assert not recwarn.list


def test_text_grows_with_its_size_and_stands_on_its_baseline():
    small, large = text_line("76.8", 12), text_line("76.8", 48)
    assert large.width == pytest.approx(4 * small.width, rel=0.15)
    assert large.baseline <= large.alpha.shape[0]
    hanging = text_line("g", 48)
    assert hanging.baseline < hanging.alpha.shape[0]


def test_what_belongs_together_is_not_broken():
    joined = ("2.20 – 5.24 s", "90 %", "? unsure")
    for width in range(20, 160, 10):
        lines = wrap_text(f"seen at {joined[0]} in {joined[1]} of them · {joined[2]}", 10, width)
        assert all(any(part in line for line in lines) for part in joined)


def test_wrapped_lines_fit_and_lose_no_word():
    text = "trained on simulated dives: on real footage score and interval are unproven"
    lines = wrap_text(text, 12, 150)
    assert " ".join(lines) == text
    assert all(text_line(line, 12).width <= 150 for line in lines)
    assert len(lines) > 1
