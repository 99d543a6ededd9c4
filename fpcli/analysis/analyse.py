"""A video becomes an explained score: read, encode, compare, break down, doubt."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from fpcli import __version__
from fpcli.analysis.breakdown import Breakdown
from fpcli.analysis.dive_clip import DiveClip, chosen_geometry, read_dive, read_dives
from fpcli.analysis.doubt import conformal_interval, plausibility
from fpcli.analysis.facts import Question, exact_difficulty, question_by_number
from fpcli.analysis.file_stamp import FileStamp, require_unchanged, stamp_of
from fpcli.analysis.mask_track import only_diver, track_masks
from fpcli.analysis.measures import height_doubted, measure_dive
from fpcli.analysis.observations import observe
from fpcli.analysis.references import OWN_PREFIX, References
from fpcli.analysis.request import AnalysisRequest, ExemplarSource
from fpcli.analysis.result import DiveAnalysis, Flag, Provenance, SourceFacts, Transition, Vote
from fpcli.analysis.scoring import score_features
from fpcli.analysis.timing import Part, find_transitions, scored_part, step_contributions
from fpcli.diving.marks import HIGHEST_MARK, LOWEST_MARK, band
from fpcli.diving.numbers import group_of
from fpcli.errors import WeightsError
from fpcli.model.build import outline
from fpcli.model.features import DiveFeatures, Encoding, StepDeltas
from fpcli.model.inference import Precision, prepare
from fpcli.video.clip import Clip
from fpcli.video.read import Video, opened, path_of
from fpcli.video.transform import to_input
from fpcli.weights.bundle import Bundle, ExemplarBank, load_bundle, sha256_of

OnStage = Callable[[str], None]


@dataclasses.dataclass(frozen=True, eq=False)
class EncodedDive:
    """A dive as it was found in a video, and all that the network's encoders say of it.

    stamp: of the video, as it was when reading began.
    """

    path: Path
    stamp: FileStamp
    dive: DiveClip
    encoding: Encoding

    @property
    def features(self) -> DiveFeatures:
        """What the dive contributes to a comparison, of one dive."""
        return self.encoding.features

    @property
    def transition_probabilities(self) -> np.ndarray:
        """(96, 2) float32, of the two transitions in the sampled frames."""
        return self.features.transitions[0].to("cpu", torch.float32).numpy()

    @property
    def transitions(self) -> tuple[Transition, Transition]:
        """Where flight and entry begin."""
        boundaries = self.features.boundaries[0].cpu().numpy()
        return find_transitions(self.dive.clip, boundaries, self.transition_probabilities)


class Analyser:
    """A loaded model that analyses one video after another; the same video gives the same analysis.

    bundle: must hold an exemplar bank. weights_sha256: of the bundle's file. device: where the
    network runs. precision: "float32", "bfloat16" or "auto".
    Raises WeightsError for a bundle without exemplars.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        weights_sha256: str,
        device: torch.device | str = "cpu",
        precision: Precision = "auto",
    ) -> None:
        self._bundle = bundle
        self._sha256 = weights_sha256
        self._device = torch.device(device)
        bank = _usable_bank(bundle)
        bank = dataclasses.replace(bank, features=bank.features.to(self._device))
        self.references = References(bank, weights_sha256)
        network = outline(bundle.config)
        network.load_state_dict(bundle.state, assign=True)
        self._network = prepare(network, precision, self._device)

    @classmethod
    def from_file(
        cls, path: Path, *, device: torch.device | str = "cpu", precision: Precision = "auto"
    ) -> "Analyser":
        """Load a bundle from its file.

        Raises WeightsError if it cannot be read, or holds no exemplars.
        """
        bundle = load_bundle(path)
        return cls(bundle, weights_sha256=sha256_of(path), device=device, precision=precision)

    def provenance(self, source: ExemplarSource = ExemplarSource.BUNDLED) -> Provenance:
        """Return what analyses against these exemplars are made with."""
        card = self._bundle.card
        return Provenance(
            weights_name=card.name,
            weights_sha256=self._sha256,
            training_data=card.training_data,
            simulated_training=card.simulated,
            model=self._bundle.config.name,
            version=__version__,
            device=str(self._device),
            precision=str(self._network.dtype).removeprefix("torch."),
            exemplars_from=source.value,
            own_exemplars_sha256=self.references.own_sha256(source),
            step_fidelity=card.step_fidelity,
        )

    def analyse(
        self, video: Video, request: AnalysisRequest, on_stage: OnStage | None = None
    ) -> DiveAnalysis:
        """Score and explain the dive in a video.

        video: where it lies, or a reader of it. on_stage: told the name of each stage as it begins.
        Of several dives it takes the best supported one. Raises VideoError if the video cannot be
        read, changes meanwhile, is too short or holds no dive, DiveNumberError if the dive asked
        for is none, WeightsError if the network gives no number, UsageError where no exemplar may
        vote.
        """
        return self.judge(self.encode(video, request, on_stage), request, on_stage)

    def encode(
        self, video: Video, request: AnalysisRequest, on_stage: OnStage | None = None
    ) -> EncodedDive:
        """Find the dive in a video and encode it; raises as `analyse`."""
        tell = on_stage or _tell_nobody
        path = path_of(video)
        bank = self.references.bank(request.exemplars_from, path)
        question_by_number(request, bank)  # refuses an impossible dive before any work
        tell("reading")
        geometry = chosen_geometry(request, self._bundle.geometry)
        with opened(video) as source:
            stamp = stamp_of(path)
            dive = read_dive(source, request, geometry)
        require_unchanged(path, stamp)
        tell("encoding")
        return EncodedDive(path, stamp, dive, self._encode(dive))

    def analyse_all(
        self, video: Video, request: AnalysisRequest, on_stage: OnStage | None = None
    ) -> Iterator[DiveAnalysis]:
        """Score and explain every dive of a video, one after another; raises as `analyse`."""
        tell = on_stage or _tell_nobody
        path = path_of(video)
        bank = self.references.bank(request.exemplars_from, path)
        question_by_number(request, bank)
        tell("reading")
        geometry = chosen_geometry(request, self._bundle.geometry)
        with opened(video) as source:
            stamp = stamp_of(path)
            for dive in read_dives(source, request, geometry):
                require_unchanged(path, stamp)
                tell("encoding")
                encoded = EncodedDive(path, stamp, dive, self._encode(dive))
                yield self.judge(encoded, request, on_stage)
                tell("reading")

    def judge(
        self, encoded: EncodedDive, request: AnalysisRequest, on_stage: OnStage | None = None
    ) -> DiveAnalysis:
        """Score and explain an encoded dive; raises as `analyse`."""
        tell = on_stage or _tell_nobody
        tell("comparing")
        bank = self.references.bank(request.exemplars_from, encoded.path)
        question, parts = score_features(self._network, bank, encoded.features, request)
        tell("explaining")
        return self._explain(request, encoded, bank, question, parts)

    def contrast(self, first: EncodedDive, second: EncodedDive) -> StepDeltas:
        """Let the network compare one pair of dives directly, in both directions."""
        return self._network.compare(first.features, second.features)

    @property
    def bundle(self) -> Bundle:
        """The weights."""
        return self._bundle

    def _encode(self, dive: DiveClip) -> Encoding:
        """Run the encoders on one clip."""
        pictures = to_input(dive.clip.frames, dive.geometry)
        with torch.inference_mode():
            return self._network.parse(
                pictures[None].to(self._device), durations_s=torch.tensor([dive.duration_s])
            )

    def _explain(
        self,
        request: AnalysisRequest,
        encoded: EncodedDive,
        bank: ExemplarBank,
        question: Question,
        parts: Breakdown,
    ) -> DiveAnalysis:
        """Say where the score's parts lie in the video, how sure it is, and what made it."""
        dive, encoding = encoded.dive, encoded.encoding
        clip = dive.clip
        masks = encoding.masks[0].to("cpu", torch.float32).numpy()
        probabilities = encoded.transition_probabilities
        boundaries = encoding.features.boundaries[0].cpu().numpy()
        part = scored_part(clip)
        transitions = encoded.transitions
        calibration = self._bundle.calibration
        threshold = None if calibration is None else calibration.plausibility_threshold
        looks = plausibility(masks, probabilities, boundaries)
        flags = {*dive.flags, *question.flags}
        if parts.limit:
            flags.add(Flag.SCORE_LIMITED)
        if threshold is not None and looks < threshold:
            flags.add(Flag.UNLIKE_TRAINING)
        if any(bank.keys[place].startswith(OWN_PREFIX) for place in question.exemplars):
            flags.add(Flag.OWN_EXEMPLARS)
        if self._bundle.card.simulated:
            flags.add(Flag.SIMULATED_TRAINING)
        factor = question.facts.score_factor
        mark = min(max(parts.score / factor, LOWEST_MARK), HIGHEST_MARK)
        size_px = (clip.info.width, clip.info.height)
        if not request.synchro:
            masks = only_diver(masks, dive.windows_px, dive.diver_boxes_px)
        begin_s = (transitions[0].time_s, transitions[1].time_s)
        measures = measure_dive(dive, masks, question.facts, begin_s)
        if height_doubted(measures, question.facts):
            flags.add(Flag.HEIGHT_DOUBTED)
        return DiveAnalysis(
            source=_source_facts(clip, part, encoded.stamp),
            dive=question.facts,
            score_points=parts.score,
            mark=mark,
            band=band(mark),
            interval=conformal_interval(
                parts.score,
                factor,
                calibration,
                request.level,
                group=group_of(question.facts.dive_number),
                own_exemplars=Flag.OWN_EXEMPLARS in flags,
            ),
            exemplar_mean_points=parts.exemplar_mean,
            limit_points=parts.limit,
            steps=step_contributions(part, transitions, parts.steps),
            transitions=transitions,
            votes=_votes(bank, question, parts),
            flags=tuple(flag for flag in Flag if flag in flags),
            plausibility=None if threshold is None else looks,
            measures=measures,
            observations=observe(measures),
            provenance=dataclasses.replace(
                self.provenance(request.exemplars_from),
                geometry=dive.geometry.name,
                request_sha256=request.sha256,
            ),
            masks=track_masks(masks, dive.windows_px, size_px, synchro=request.synchro),
            sample_frames=clip.indices,
            sample_times_s=clip.times_s,
            transition_probabilities=probabilities,
            track=None if request.synchro else dive.track,
        )


def _tell_nobody(stage: str) -> None:
    """Stand in for a caller that does not ask about stages."""


def _usable_bank(bundle: Bundle) -> ExemplarBank:
    """Return the bundle's exemplars, without which nothing can be scored."""
    if bundle.bank is None or len(bundle.bank.keys) == 0:
        raise WeightsError(
            f"The weights {bundle.card.name!r} hold no exemplars, so they cannot score.",
            "Use weights with an exemplar bank: `fineparser weights list` names them.",
        )
    return bundle.bank


def _source_facts(clip: Clip, part: Part, stamp: FileStamp) -> SourceFacts:
    """Gather what is known of the video."""
    info = clip.info
    return SourceFacts(
        path=info.path,
        width_px=info.width,
        height_px=info.height,
        frame_count=info.frame_count,
        duration_s=info.duration_s,
        frame_rate_hz=info.frame_rate,
        rotation_degrees=info.rotation_degrees,
        corrupt_frames=info.corrupt_frames,
        first_frame=part.first_frame,
        last_frame=part.last_frame,
        start_s=part.start_s,
        end_s=part.end_s,
        size_bytes=stamp.size_bytes,
        modified_unix_s=stamp.modified_unix_s,
    )


def _votes(bank: ExemplarBank, question: Question, parts: Breakdown) -> tuple[Vote, ...]:
    """Name each exemplar with its vote, in the order in which they were chosen."""
    return tuple(
        Vote(
            exemplar=bank.keys[place],
            dive_number=bank.dive_numbers[place],
            difficulty=exact_difficulty(bank.difficulties[place]),
            exemplar_mark=float(bank.marks[place]),
            exemplar_points=float(parts.exemplars[voter]),
            step_points=tuple(parts.by_step[voter].tolist()),
            difference_points=float(parts.differences[voter]),
            vote_points=float(parts.votes[voter]),
        )
        for voter, place in enumerate(question.exemplars)
    )
