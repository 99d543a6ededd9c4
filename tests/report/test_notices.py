import dataclasses

import pytest

from fpcli.analysis.result import Flag, Measure
from fpcli.report.notices import notice, notices


@pytest.mark.parametrize("flag", Flag)
def test_every_flag_has_one_plain_sentence(make_analysis, flag):
    told = notice(flag, make_analysis(flags=(flag,)))
    assert told.flag is flag
    assert told.sentence
    assert "_" not in told.sentence
    assert "\n" not in str(told)
    assert 0 < len(told.brief) <= 24  # characters; two lines of a small picture hold a few


def test_only_what_was_flagged_is_told_and_simulated_training_first(make_analysis):
    flags = (Flag.WHOLE_CLIP, Flag.SIMULATED_TRAINING)
    assert [told.flag for told in notices(make_analysis(flags=flags))] == [
        Flag.SIMULATED_TRAINING,
        Flag.WHOLE_CLIP,
    ]
    assert notices(make_analysis(flags=())) == ()


def test_sentences_carry_the_analysis_own_numbers(make_analysis):
    analysis = make_analysis(source={"corrupt_frames": 3, "frame_count": 97})
    assert "3 of 100 frames" in notice(Flag.CORRUPT_FRAMES, analysis).sentence
    own, other = make_analysis().votes[:2]
    analysis = make_analysis(votes=(own, dataclasses.replace(other, dive_number="101B")))
    assert own.dive_number == analysis.dive.dive_number
    assert "1 of the 2 that voted" in notice(Flag.FEW_EXEMPLARS, analysis).sentence
    analysis = make_analysis(score_points=96.0, limit_points=-1.5)
    sentence = notice(Flag.SCORE_LIMITED, analysis).sentence
    assert "97.5" in sentence
    assert "96.0" in sentence


def test_an_unknown_number_and_the_difficulty_assumed_with_it_are_one_sentence(make_analysis):
    flags = (Flag.NUMBER_UNKNOWN, Flag.DIFFICULTY_ASSUMED)
    (told,) = notices(make_analysis(flags=flags))
    assert "difficulty is assumed" in told.sentence
    (alone,) = notices(make_analysis(flags=flags[:1]))
    assert "difficulty" not in alone.sentence
    (known,) = notices(make_analysis(flags=flags[1:]))
    assert known.flag is Flag.DIFFICULTY_ASSUMED


def test_a_forced_score_is_called_meaningless_once(make_analysis):
    (told,) = notices(make_analysis(flags=(Flag.WHOLE_CLIP, Flag.NO_DIVE_FOUND)))
    assert "means nothing" in told.sentence


def test_of_a_forced_score_that_it_means_nothing_is_said_first(make_analysis):
    flags = (Flag.SIMULATED_TRAINING, Flag.UNLIKE_TRAINING, Flag.NO_DIVE_FOUND)
    assert notices(make_analysis(flags=flags))[0].flag is Flag.NO_DIVE_FOUND


@pytest.mark.parametrize("flag", Flag)
def test_what_is_to_be_done_is_an_option_of_the_command_that_it_names(make_analysis, flag):
    """Batch and compare say these too, and know neither --start nor --end nor --all."""
    remedy = notice(flag, make_analysis(flags=(flag,))).remedy
    if {"--start", "--end", "--all"} & set(remedy.split()):
        assert "score" in remedy


@pytest.mark.parametrize(("told_m", "is_said"), [(3.2, True), (9.6, False)])
def test_an_assumed_height_that_the_flight_denies_is_said(make_analysis, told_m, is_said):
    board = Measure(told_m, told_m - 0.9, told_m + 0.9, 71, 2.4)
    analysis = make_analysis(dive={"height_m": 10.0}, measures={"board_m": board})
    sentence = notice(Flag.HEIGHT_ASSUMED, analysis).sentence
    assert ("by its flight the board is 3.2 m (2.3 – 4.1) high" in sentence) is is_said


def test_a_told_height_that_the_flight_denies_is_said_with_both(make_analysis):
    board = Measure(3.2, 2.3, 4.1, 71, 2.4)
    analysis = make_analysis(
        dive={"height_m": 10.0}, measures={"board_m": board}, flags=(Flag.HEIGHT_DOUBTED,)
    )
    (told,) = notices(analysis)
    assert "10 m was told" in told.sentence
    assert "3.2 m (2.3 – 4.1) high" in told.sentence
    assert "one of them is wrong" in told.sentence
