"""Two dives on a terminal: sums that add up as shown, and no more certainty than was measured."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from fpcli.analysis.comparison import Caveat, StepContrast, Verdict, judged
from fpcli.analysis.result import Flag, Measure
from fpcli.report.terminal_comparison import (
    _CAVEATS,
    certainty_sentence,
    render_comparison,
    verdict_sentence,
)

RESIDUALS = np.linspace(0.05, 1.05, 201)


@pytest.fixture
def compare(make_analysis):
    def make(first_mark=8.0, second_mark=7.0, contrasts=(0.204, 0.304, -0.104), **second):
        residuals = second.pop("residuals", RESIDUALS)
        trained = {"simulated_training": second.pop("simulated", False)}
        one, other = (
            make_analysis(score_points=mark * 9.6, mark=mark, provenance=trained, **changes)
            for mark, changes in ((first_mark, {}), (second_mark, second))
        )
        names = ("take-off", "flight", "entry")
        steps = tuple(
            StepContrast(name, total * 0.6, total * 0.4)
            for name, total in zip(names, contrasts, strict=True)
        )
        return judged(one, other, steps, (0.5, 0.3), residuals, 0.9)

    return make


def shown(comparison, width: int, encoding: str = "utf-8", color: str | None = None) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    console = Console(file=stream, width=width, color_system=color, force_terminal=bool(color))
    console.print(render_comparison(comparison))
    stream.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("width", [32, 40, 60, 80, 200])
def test_it_fits_any_width(compare, width: int):
    text = shown(compare(source={"path": Path("x" * 300 + ".mp4")}), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "take-off" in text


def test_the_steps_add_up_as_shown(compare):
    lines = shown(compare(), 100).splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("Step"))
    figures = [
        [float(text.replace("−", "-")) for text in re.findall(r"[+−]?\d\.\d\d", line)]
        for line in lines[start + 1 : start + 5]
    ]
    totals = [row[-1] for row in figures]
    assert sum(totals[:3]) == pytest.approx(totals[3])
    for dynamic, static, total in figures[:3]:
        assert dynamic + static == pytest.approx(total)
    assert totals[3] == 0.40


def test_sentences_are_as_loud_as_the_verdict(compare):
    clear, likely, open_ = compare(9.5, 6.0), compare(8.0, 7.2), compare(7.2, 7.1)
    assert clear.verdict is Verdict.FIRST
    assert verdict_sentence(clear) == "A is better, by 3.50 marks, 33.6 points"
    assert likely.verdict is Verdict.FIRST_PROBABLY
    assert "A is probably better" in verdict_sentence(likely)
    assert "cannot be told apart" in verdict_sentence(open_)
    turned = compare(6.0, 9.5, contrasts=(-0.2, 0.0, 0.0))
    assert "B is better" in verdict_sentence(turned)
    assert "B is probably" in verdict_sentence(compare(7.2, 8.0, contrasts=(-0.2, 0.0, 0.0)))


def test_what_simulated_dives_alone_tell_is_never_called_better_outright(compare):
    found = compare(9.5, 6.0, simulated=True)
    assert verdict_sentence(found).startswith(
        "If simulated dives are a guide, A is probably better, by 3.50 marks"
    )
    assert "201 simulated dives" in certainty_sentence(found)
    assert "Real dives may well err by more" in certainty_sentence(found)
    assert "cannot be told apart" in verdict_sentence(compare(7.2, 7.1, simulated=True))


def test_certainty_says_what_it_rests_on_and_stays_below_a_hundred(compare):
    sentence = certainty_sentence(compare(10.0, 0.0))
    assert "201 dives" in sentence
    assert "Real dives" not in sentence
    assert "99 of 100" in sentence
    assert "100 of 100" not in sentence
    assert "not been measured" in certainty_sentence(compare(residuals=np.empty(0)))
    assert "not been measured" in certainty_sentence(compare(flags=(Flag.UNLIKE_TRAINING,)))


def test_points_are_not_compared_across_difficulties(compare):
    other = compare(dive={"dive_number": "205B", "score_factor": 9.0})
    assert "points" not in verdict_sentence(other)
    text = " ".join(shown(other, 100).split())
    assert "marks are compared, not the points" in text


def test_every_caveat_has_a_sentence():
    assert set(_CAVEATS) == set(Caveat)


def test_notices_of_both_are_said_once_and_of_one_with_its_letter(compare):
    text = shown(compare(flags=(Flag.SIMULATED_TRAINING, Flag.SLOW_MOTION)), 120)
    assert text.count("trained on simulated dives") == 1
    assert "! B: slow motion" in text
    assert text.index("! trained on") < text.index("90 % interval")


def test_hostile_names_are_shown_and_plain_terminals_get_plain_text(compare):
    text = shown(compare(source={"path": Path("a\x1b[2J[bold]\n.mp4")}), 100)
    assert "\x1b" not in text
    assert "[bold]" in text
    assert shown(compare(), 80, encoding="ascii").isascii()
    assert "\x1b[" in shown(compare(), 80, color="standard")


def test_the_verdict_comes_first_and_the_difference_is_that_of_the_marks_shown(compare):
    comparison = compare(7.744, 5.629)
    text = shown(comparison, 100)
    assert "A is better, by 2.11 marks" in text
    rows = re.findall(r"^(?:A|B|A − B) .*?([+−]?\d\.\d\d) *$", text, re.MULTILINE)
    assert rows == ["7.74", "5.63", "+2.11"]
    assert text.index("A is better") < text.index("execution")


def test_who_would_be_ahead_is_named(compare):
    assert "A is the better in" in certainty_sentence(compare(9.0, 6.0))
    assert "B is the better in" in certainty_sentence(compare(6.0, 9.0))


def test_what_is_known_of_one_dive_comes_with_its_numbers(compare):
    board = Measure(3.2, 2.3, 4.1, 71, 2.4)
    found = compare(flags=(Flag.HEIGHT_DOUBTED,), measures={"board_m": board})
    text = " ".join(shown(found, 100).split())
    assert "! B: 10 m was told, but by its flight the board is 3.2 m (2.3 – 4.1) high" in text
