"""What a reader must know before trusting a number, worded once for every surface."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fpcli.analysis.result import DiveAnalysis, Flag
from fpcli.errors import FineParserError
from fpcli.report.measure_words import denied_height, told_in_full
from fpcli.report.numbers import points, seconds
from fpcli.text import printable


@dataclass(frozen=True)
class Notice:
    """A flag in words. sentence: what is so. remedy: what the reader can do; may be empty."""

    flag: Flag
    sentence: str
    remedy: str = ""

    def __str__(self) -> str:
        return self._with_remedy(self.sentence)

    @property
    def brief(self) -> str:
        """The sentence in a few words, for small pictures."""
        return _BRIEF[self.flag]

    @property
    def of_many(self) -> str:
        """The same where many dives share it, without what is every dive's own."""
        return self._with_remedy(_OF_MANY.get(self.flag, self.sentence))

    def _with_remedy(self, sentence: str) -> str:
        return f"{sentence}; {self.remedy}" if self.remedy else sentence


@dataclass(frozen=True)
class Failure:
    """A video that could not be scored, and why."""

    path: Path
    error: FineParserError

    def after(self, label: str) -> str:
        """Return what is to be said after the file's name: the error, without the name again."""
        sentence = printable(self.error)
        rest = sentence.removeprefix(label)
        return rest if rest != sentence and rest.startswith(" ") else f": {sentence}"


def _simulated_training(analysis: DiveAnalysis) -> str:
    return "trained on simulated dives: on real footage score and interval are unproven"


def _unlike_training(analysis: DiveAnalysis) -> str:
    return "unlike the dives it was trained on: the score may mean nothing here"


def _number_unknown(analysis: DiveAnalysis) -> str:
    said = "dive number unknown: compared with the exemplars most like it"
    assumed = Flag.DIFFICULTY_ASSUMED in analysis.flags
    return f"{said}, whose difficulty is assumed" if assumed else said


def _height_assumed(analysis: DiveAnalysis) -> str:
    told, height_m = analysis.measures.board_m, analysis.dive.height_m
    said = "height not given: the usual one is assumed"
    if told.value is None or told.low is None or told.high is None or height_m is None:
        return said
    if told.low <= height_m <= told.high:
        return said
    return f"{said}, but by its flight the board is {told_in_full('board_m', told)} high"


def _height_doubted(analysis: DiveAnalysis) -> str:
    told, height_m = analysis.measures.board_m, analysis.dive.height_m
    if told.value is None or height_m is None:
        return "the height that was told and the flight do not fit"
    return denied_height(height_m, told)


def _difficulty_assumed(analysis: DiveAnalysis) -> str:
    return "difficulty assumed from the exemplars"


def _few_exemplars(analysis: DiveAnalysis) -> str:
    own = sum(vote.dive_number == analysis.dive.dive_number for vote in analysis.votes)
    return f"few exemplars: {own} of the {len(analysis.votes)} that voted are of this dive number"


def _whole_clip(analysis: DiveAnalysis) -> str:
    return "the whole clip was taken as one dive"


def _corrupt_frames(analysis: DiveAnalysis) -> str:
    corrupt = analysis.source.corrupt_frames
    count = analysis.source.frame_count + corrupt
    return f"{corrupt} of {count} frames could not be decoded and were skipped"


def _score_limited(analysis: DiveAnalysis) -> str:
    reached = points(analysis.score_points - analysis.limit_points)
    limit = points(analysis.score_points)
    return f"the sum of {reached} lies outside what the rules allow: limited to {limit}"


def _no_dive_found(analysis: DiveAnalysis) -> str:
    return "no dive was found: the score means nothing, --force asked for it"


def _trimmed(analysis: DiveAnalysis) -> str:
    source = analysis.source
    return f"the dive was found at {seconds(source.start_s)} – {seconds(source.end_s)} s"


def _several_dives(analysis: DiveAnalysis) -> str:
    return "the video holds several dives: this is the clearest one"


def _slow_motion(analysis: DiveAnalysis) -> str:
    return "slow motion: seconds are the video's, and the score ignores how long the dive took"


def _replay(analysis: DiveAnalysis) -> str:
    return "slow motion after a cut: probably a replay"


def _cut_short(analysis: DiveAnalysis) -> str:
    return "take-off or entry is cut off by the end of the scene"


def _own_exemplars(analysis: DiveAnalysis) -> str:
    return "your own exemplars voted: the interval was measured with those of the weights"


_SENTENCES: dict[Flag, Callable[[DiveAnalysis], str]] = {  # in the order of their weight
    Flag.NO_DIVE_FOUND: _no_dive_found,
    Flag.SIMULATED_TRAINING: _simulated_training,
    Flag.UNLIKE_TRAINING: _unlike_training,
    Flag.SLOW_MOTION: _slow_motion,
    Flag.REPLAY: _replay,
    Flag.CUT_SHORT: _cut_short,
    Flag.HEIGHT_DOUBTED: _height_doubted,
    Flag.NUMBER_UNKNOWN: _number_unknown,
    Flag.HEIGHT_ASSUMED: _height_assumed,
    Flag.DIFFICULTY_ASSUMED: _difficulty_assumed,
    Flag.FEW_EXEMPLARS: _few_exemplars,
    Flag.OWN_EXEMPLARS: _own_exemplars,
    Flag.WHOLE_CLIP: _whole_clip,
    Flag.TRIMMED: _trimmed,
    Flag.SEVERAL_DIVES: _several_dives,
    Flag.CORRUPT_FRAMES: _corrupt_frames,
    Flag.SCORE_LIMITED: _score_limited,
}

_OF_MANY = {
    Flag.TRIMMED: "the dive was found and trimmed automatically",
    Flag.HEIGHT_DOUBTED: "the height that was told and the flight do not fit: one of them is wrong",
}
_BRIEF = {
    Flag.SIMULATED_TRAINING: "unproven on real footage",
    Flag.NO_DIVE_FOUND: "no dive found",
    Flag.UNLIKE_TRAINING: "unlike training",
    Flag.SLOW_MOTION: "slow motion",
    Flag.REPLAY: "replay",
    Flag.CUT_SHORT: "cut short",
    Flag.NUMBER_UNKNOWN: "number unknown",
    Flag.HEIGHT_ASSUMED: "height assumed",
    Flag.HEIGHT_DOUBTED: "height doubtful",
    Flag.DIFFICULTY_ASSUMED: "difficulty assumed",
    Flag.FEW_EXEMPLARS: "few exemplars",
    Flag.OWN_EXEMPLARS: "own exemplars",
    Flag.WHOLE_CLIP: "whole clip",
    Flag.TRIMMED: "trimmed",
    Flag.SEVERAL_DIVES: "several dives",
    Flag.CORRUPT_FRAMES: "frames lost",
    Flag.SCORE_LIMITED: "limited by the rules",
}
_TOLD_WITH = {  # flags of which one sentence is enough
    Flag.DIFFICULTY_ASSUMED: Flag.NUMBER_UNKNOWN,
    Flag.WHOLE_CLIP: Flag.NO_DIVE_FOUND,
}

_REMEDIES = {  # with batch and compare too, which have neither --start nor --all
    Flag.NO_DIVE_FOUND: "if there is one, score with --start and --end",
    Flag.NUMBER_UNKNOWN: "name it with --dive",
    Flag.HEIGHT_ASSUMED: "give it with --height",
    Flag.HEIGHT_DOUBTED: "check the height",
    Flag.DIFFICULTY_ASSUMED: "give it with --dive or --dd",
    Flag.WHOLE_CLIP: "if it is not, score with --start and --end",
    Flag.TRIMMED: "if wrong, score with --start and --end",
    Flag.SEVERAL_DIVES: "score --all scores each",
}


def notice(flag: Flag, analysis: DiveAnalysis) -> Notice:
    """Return one flag of an analysis in words."""
    return Notice(flag, _SENTENCES[flag](analysis), _REMEDIES.get(flag, ""))


def notices(analysis: DiveAnalysis) -> tuple[Notice, ...]:
    """Return an analysis's flags in words, the weightiest first."""
    return tuple(
        notice(flag, analysis)
        for flag in _SENTENCES
        if flag in analysis.flags and _TOLD_WITH.get(flag) not in analysis.flags
    )
