"""What a step is held to: the masks of the very frames that its snippets show."""

import dataclasses

import numpy as np
import pytest
import torch
from made_dives import label
from tiny_network import TINY

from fpcli.model.build import build
from fpcli.model.config import FRAMES, SNIPPET_FRAMES, SNIPPET_STARTS
from fpcli.model.features import DiveFeatures
from fpcli.model.fineparser import TrainingEncoding
from fpcli.training.augment import Batch
from fpcli.training.objective import Objective
from fpcli.training.processes import Processes
from fpcli.training.recipe import RECIPES
from fpcli.training.strategy import strategy_of

BEST = RECIPES["best"]
SIDE = 8


@pytest.fixture(scope="module")
def objective() -> Objective:
    plain = dataclasses.replace(TINY, refiner_width=0)
    return Objective(build(plain), None, strategy_of(BEST), BEST, Processes())


def falling() -> torch.Tensor:
    """(1, 96, 8, 8) a diver of one pixel's height, elsewhere in every frame."""
    places = torch.arange(FRAMES)
    masks = torch.zeros(FRAMES, SIDE, SIDE)
    masks[places, places % SIDE, places // SIDE % SIDE] = 1
    return masks[None]


@pytest.mark.parametrize("phase", [0, 3])
def test_masks_are_compared_with_the_frames_that_their_snippets_show(
    objective: Objective, phase: int
) -> None:
    masks, chosen = falling(), (1, 4, 8)
    starts = [SNIPPET_STARTS[place] for place in chosen]
    batch = Batch(
        clips=torch.zeros(1, 3, FRAMES, SIDE, SIDE), masks=masks,
        transitions=torch.tensor([[30, 60]]), durations_s=torch.tensor([4.0]),
    )  # fmt: skip

    def loss_of(shift: int) -> float:
        shown = [masks[0].roll(shift, dims=0)[start : start + SNIPPET_FRAMES] for start in starts]
        logits = 20 * (2 * torch.stack(shown)[None, :, None] - 1)
        features = DiveFeatures(torch.zeros(1), torch.zeros(1), torch.zeros(1))
        encoding = TrainingEncoding(
            features, torch.zeros(1), logits.expand(1, 3, 5, SNIPPET_FRAMES, SIDE, SIDE),
            tuple(starts),
        )  # fmt: skip
        return float(objective._of_masks(encoding, batch, phase))

    assert loss_of(0) < 1e-3
    assert min(loss_of(1), loss_of(-1)) > 0.5


def test_chance_draws_snippets_phases_and_pairs_alike_for_a_seed(objective: Objective) -> None:
    labels = [label(place) for place in range(4)]
    first, again = (objective.draw(labels, np.random.default_rng(1)) for _ in range(2))
    assert (first.snippets, first.phase) == (again.snippets, again.phase)
    assert all(torch.equal(*sides) for sides in zip(first.pairs, again.pairs, strict=True))
    rng = np.random.default_rng(1)
    drawn = [objective.draw(labels, rng) for _ in range(60)]
    assert {len(set(draw.snippets)) for draw in drawn} == {BEST.mask_snippets}
    assert {place for draw in drawn for place in draw.snippets} == set(range(len(SNIPPET_STARTS)))
    assert {draw.phase for draw in drawn} == {0, 1, 2, 3}
