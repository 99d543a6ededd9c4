"""What the bundled weights make of the real clips: `python tests/real_clips_table.py`.

A row a clip of ../shared/clips: transitions against where they should lie (0.15 s inside the
labelled take-off and entry), whether the mask sits on the diver in the labelled flight frames, and
the mark beside the one given, if any. Then which of two
dives is called the better one. Clips that hold no dive must be refused.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from locate_table import CLIPS, Labelled, real_clips

from fpcli.analysis.analyse import Analyser, EncodedDive
from fpcli.analysis.comparison import Verdict, contrasts, judged
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.result import DiveAnalysis
from fpcli.errors import VideoError
from fpcli.weights.locate import find_weights

INSIDE_S = 0.15  # that FineDiving's transitions lie inside the physical moments
RIGHT_FRAMES = 5
ON_DIVER = 0.5  # of the mask must lie in the labelled box


@dataclass(frozen=True)
class Seen:
    """What was made of one dive: errors of the transitions in frames, frames with a good mask."""

    errors: tuple[float, float]
    on_diver: int
    labelled: int


def is_on_diver(found: DiveAnalysis, frame: float, box: tuple[float, ...]) -> bool:
    """Whether most of the mask of the sampled frame nearest a labelled one lies in its box."""
    place = int(np.argmin(np.abs(found.sample_frames - frame)))
    mask = found.masks.probabilities[place] >= 0.5
    if not mask.any():
        return False
    x0, y0, x1, y1 = found.masks.windows_px[place]
    rows, columns = np.nonzero(mask)
    x = x0 + (columns + 0.5) * (x1 - x0) / mask.shape[1]
    y = y0 + (rows + 0.5) * (y1 - y0) / mask.shape[0]
    inside = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
    return bool(inside.mean() >= ON_DIVER)


def seen(found: DiveAnalysis, clip: Labelled) -> Seen:
    inside = INSIDE_S * clip.frame_rate_hz
    first, second = (transition.frame for transition in found.transitions)
    flight = [box for box in clip.boxes if clip.takeoff_frame <= box[0] <= clip.entry_frame]
    return Seen(
        (first - (clip.takeoff_frame + inside), second - (clip.entry_frame - inside)),
        sum(is_on_diver(found, box[0], box[1:]) for box in flight),
        len(flight),
    )


def print_orders(analyser: Analyser, dives: list[tuple[Labelled, EncodedDive]]) -> None:
    """Print which of two dives of one number `compare` calls better, and which the marks do."""
    calibration = analyser.bundle.calibration
    residuals = np.empty(0) if calibration is None else calibration.residual_marks
    marked = [
        (clip, encoded, analyser.judge(encoded, AnalysisRequest(dive_number=clip.number)))
        for clip, encoded in dives
        if clip.mark
    ]
    counts: Counter[str] = Counter()
    for (clip, encoded, found), (other, other_encoded, other_found) in combinations(marked, 2):
        given = float(clip.mark) - float(other.mark)
        if clip.number != other.number or given == 0:
            continue
        steps, directions = contrasts(analyser.contrast(encoded, other_encoded), 1.0)
        pair = judged(found, other_found, steps, directions, residuals, 0.9)
        if pair.verdict is Verdict.OPEN:
            said = "left open"
        else:
            said = "ordered rightly" if pair.difference_marks * given > 0 else "ordered wrongly"
        counts[said] += 1
        print(f"{clip.path.name} and {other.path.name}: {said} ({pair.verdict})")
    print(f"pairs of unlike marks: {dict(counts)}")


def main() -> None:
    analyser = Analyser.from_file(find_weights(None))
    rows, dives = [], []
    for clip in real_clips():
        asked = AnalysisRequest(dive_number=clip.number or None)
        encoded = analyser.encode(clip.path, asked)
        dives.append((clip, encoded))
        found = analyser.judge(encoded, asked)
        row = seen(found, clip)
        rows.append(row)
        print(
            f"{clip.path.name:32} transitions {row.errors[0]:+5.1f} {row.errors[1]:+5.1f} frames, "
            f"mask on the diver {row.on_diver} of {row.labelled}, "
            f"mark {found.mark:.1f} (given {clip.mark or '-'}), flags "
            f"{', '.join(flag.value for flag in found.flags)}",
            flush=True,
        )
    right = sum(max(map(abs, row.errors)) <= RIGHT_FRAMES for row in rows)
    on_diver, labelled = sum(row.on_diver for row in rows), sum(row.labelled for row in rows)
    print(f"both transitions within {RIGHT_FRAMES} frames: {right} of {len(rows)}")
    print(f"mask on the diver: {on_diver} of {labelled} labelled flight frames")
    print_orders(analyser, dives)
    for path in sorted((CLIPS / "not_dives").iterdir()):
        try:
            analyser.analyse(path, AnalysisRequest())
        except VideoError as refused:
            print(f"{path.name:32} refused: {refused.message}")
        else:
            print(f"{path.name:32} SCORED")


if __name__ == "__main__":
    main()
