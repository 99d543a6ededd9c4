"""How a network is trained, by name."""

import math
from dataclasses import dataclass
from typing import Literal

from fpcli.model.config import SNIPPETS
from fpcli.training import published_training

StrategyName = Literal["ours", "published"]
LOSSES = ("delta", "step_delta", "transition", "mask", "measures")


@dataclass(frozen=True)
class Recipe:
    """Numbers of a training run.

    strategy: what the numbers do not say (`strategy`): pairs, losses, optimizer, rates, input.
    dives_per_batch, dives_per_number: a batch holds several dives of each of a few numbers, so that
    pairs of one number exist in it. Small batches make many steps of the same work, and in a short
    run it is the number of steps that limits masks and transitions.
    pairs: which pairs of a batch are compared: all, or those of one dive number. Encodings are dear
    and comparisons cheap, so B encodings give up to B² comparisons, both directions counted.
    most_pairs: of a batch; those of one dive number are taken first.
    learning_rate: peak, after a linear warm-up over warmup_share of the steps, then cosine to a
    twentieth. weight_decay: AdamW's. gradient_norm: clipping.
    delta_weight, step_weight, transition_weight, mask_weight, measure_weight: of the losses;
    step_weight is of each step's own difference, measure_weight of what can be measured of a dive:
    only simulated dives know either.
    mask_snippets: how many of a dive's nine snippets make masks in a step, drawn anew for each;
    mask_frame_stride: every n-th frame of them is compared: neighbours say the same, and cost as
    much.
    transition_sigma_frames: width of the bell around a transition; one-hot targets over 96 frames
    give a gradient from one frame in a hundred.
    truth_share_start, truth_share_end: chance that a dive is cut at the true transitions instead
    of the predicted ones, at the first and at the last step; prediction has no truth to lean on.
    average_decay: of the exponential moving average whose weights are kept; 0 keeps the last.
    accumulation: batches whose gradients are added up to a step.
    epochs: how often a whole run sees each dive, where the recipe says so.
    silent: streams of the comparing head that stay out of it, "static" or "dynamic".
    late: whether only the layers after the trunks learn, from views made once (`halfway`).
    able_rate: then, rate of the layers that all weights have over that of refiner, duration and
    silhouette, which older ones lack: the former come from more dives than there are now.
    anew: whether, then, all layers after the trunks start from chance, able or not.
    learns: the only parts of the network that learn, by name; all of them where none is named.
    """

    name: str
    strategy: StrategyName = "ours"
    dives_per_batch: int = 4
    dives_per_number: int = 2
    pairs: Literal["all", "same_number"] = "all"
    most_pairs: int = 160
    learning_rate: float = 3e-3
    warmup_share: float = 0.03
    weight_decay: float = 1e-2
    gradient_norm: float = 1.0
    delta_weight: float = 1.0
    step_weight: float = 1.0
    transition_weight: float = 1.0
    mask_weight: float = 1.0
    measure_weight: float = 1.0
    mask_snippets: int = 3
    mask_frame_stride: int = 4
    transition_sigma_frames: float = 2.0
    truth_share_start: float = 1.0
    truth_share_end: float = 0.3
    average_decay: float = 0.99
    accumulation: int = 1
    epochs: int | None = None
    silent: tuple[str, ...] = ()
    late: bool = False
    able_rate: float = 1.0
    anew: bool = False
    learns: tuple[str, ...] = ()

    @property
    def weights(self) -> dict[str, float]:
        """Each loss's weight, by its name."""
        weights = (
            self.delta_weight,
            self.step_weight,
            self.transition_weight,
            self.mask_weight,
            self.measure_weight,
        )
        return dict(zip(LOSSES, weights, strict=True))

    def steps(self, dives: int, otherwise: int) -> int:
        """How many steps a whole run on so many dives has; otherwise: where no epochs are told."""
        if self.epochs is None:
            return otherwise
        return math.ceil(self.epochs * dives / (self.dives_per_batch * self.accumulation))


RECIPES = {
    "best": Recipe(name="best"),
    "best-gpu": Recipe(
        name="best-gpu",
        dives_per_batch=32,
        dives_per_number=4,
        learning_rate=1.5e-3,
        average_decay=0.997,
    ),
    "late": Recipe(
        name="late",
        dives_per_batch=32,
        dives_per_number=4,
        learning_rate=3e-3,
        average_decay=0.997,
        late=True,
        able_rate=0.05,
    ),
    "anew": Recipe(
        name="anew",
        dives_per_batch=32,
        dives_per_number=4,
        average_decay=0.997,
        late=True,
        anew=True,
    ),
    "masks": Recipe(
        name="masks",
        dives_per_batch=8,
        learning_rate=2e-3,
        delta_weight=0.0,
        step_weight=0.0,
        transition_weight=0.0,
        measure_weight=0.0,
        mask_frame_stride=1,
        average_decay=0.995,
        late=True,
        learns=("refiner",),
    ),
    # Sixteen pairs of two dives a step. A published epoch takes each dive as a query and another
    # as its exemplar: twice as many dives. Rates, warm-up and optimizer are the strategy's.
    "paper": Recipe(
        name="paper",
        strategy="published",
        dives_per_batch=16,
        accumulation=2,
        pairs="same_number",
        learning_rate=published_training.LEARNING_RATE,
        weight_decay=0.0,
        gradient_norm=math.inf,
        step_weight=0.0,
        measure_weight=0.0,
        mask_snippets=SNIPPETS,
        truth_share_end=1.0,
        average_decay=0.0,
        epochs=2 * published_training.EPOCHS,
    ),
}
