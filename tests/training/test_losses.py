"""Losses: the right minimum, the right sign, and smaller for what is better."""

import pytest
import torch
from torch import Tensor

from fpcli.model.features import STEP_WEIGHTS, StepDeltas
from fpcli.training.losses import (
    delta_loss,
    mask_loss,
    step_loss,
    transition_loss,
    transition_target,
)


def answers(steps: Tensor) -> StepDeltas:
    """Deltas whose contributions by step are `steps` (N, 3), the same seen from either side."""
    raw = steps / torch.tensor(STEP_WEIGHTS)
    both = torch.stack([raw, -raw])
    return StepDeltas(dynamic=both, static=both)


STEPS = torch.tensor([[0.5, 1.0, -0.25], [-2.0, 0.0, 0.5]])


def test_a_perfect_difference_costs_nothing() -> None:
    assert delta_loss(answers(STEPS), STEPS.sum(dim=1)) == pytest.approx(0, abs=1e-6)
    assert step_loss(answers(STEPS), STEPS) == pytest.approx(0, abs=1e-6)


def test_a_better_query_is_a_positive_difference() -> None:
    query_better = answers(torch.tensor([[1.0, 0.0, 0.0]]))
    assert delta_loss(query_better, torch.tensor([1.0])) < delta_loss(
        query_better, torch.tensor([-1.0])
    )


def test_both_directions_are_held_to_the_truth() -> None:
    right = answers(STEPS)
    deltas = StepDeltas(  # right from the query's side, silent from the exemplar's
        dynamic=right.dynamic * torch.tensor([1.0, 0.0]).view(2, 1, 1),
        static=right.static * torch.tensor([1.0, 0.0]).view(2, 1, 1),
    )
    assert delta_loss(deltas, STEPS.sum(dim=1)) > 0.1


def test_steps_that_trade_places_cost_though_their_sum_is_right() -> None:
    swapped = answers(STEPS.flip(1))
    assert delta_loss(swapped, STEPS.sum(dim=1)) == pytest.approx(0, abs=1e-6)
    assert step_loss(swapped, STEPS) > 0.1


TRANSITIONS = torch.tensor([[30, 60], [10, 80]])


def perfect_logits(sigma: float = 2.0) -> Tensor:
    return torch.logit(transition_target(TRANSITIONS, 96, sigma).clamp(min=1e-9))


def test_a_transition_is_certain_to_lie_somewhere_and_likeliest_at_its_frame() -> None:
    target = transition_target(TRANSITIONS, 96, 2.0)
    assert torch.allclose(target.sum(dim=1), torch.ones(2, 2))
    assert torch.equal(target.argmax(dim=1), TRANSITIONS)


def test_perfect_transitions_cost_nothing_and_others_more_the_farther_they_are() -> None:
    perfect = perfect_logits()
    losses = [
        float(transition_loss(perfect.roll(shift, dims=1), TRANSITIONS, 2.0)) for shift in (0, 1, 4)
    ]
    assert losses[0] == pytest.approx(0, abs=1e-4)
    assert losses[0] < losses[1] < losses[2]


def test_transitions_in_each_others_column_cost() -> None:
    assert transition_loss(perfect_logits().flip(2), TRANSITIONS, 2.0) > 5


def test_the_transition_gradient_leads_to_the_truth() -> None:
    logits = torch.full((2, 96, 2), -4.5, requires_grad=True)
    transition_loss(logits, TRANSITIONS, 2.0).backward()
    assert torch.equal(logits.grad.argmin(dim=1), TRANSITIONS)


def test_losses_of_low_precision_are_computed_in_full() -> None:
    sure = perfect_logits().mul(4).to(torch.bfloat16)
    assert torch.isfinite(transition_loss(sure, TRANSITIONS, 2.0))
    assert mask_loss(torch.full((1, 1, 5, 1, 4, 4), 60.0, dtype=torch.bfloat16),
                     torch.zeros(1, 1, 1, 1, 4, 4)).dtype == torch.float32  # fmt: skip


def square(left: int) -> Tensor:
    """(2, 9, 1, 4, 8, 8): a diver of nine pixels."""
    target = torch.zeros(2, 9, 1, 4, 8, 8)
    target[..., 2:5, left : left + 3] = 1
    return target


def test_a_mask_costs_less_the_better_it_is() -> None:
    target = square(2)
    losses = [
        float(mask_loss(((square(left) * 2 - 1) * 6).expand(2, 9, 5, 4, 8, 8), target))
        for left in (2, 3, 5)
    ]
    assert losses[0] < 0.02
    assert losses[0] < losses[1] < losses[2]


def test_finding_nobody_is_no_way_out() -> None:
    empty = torch.full((2, 9, 5, 4, 8, 8), -6.0)
    assert mask_loss(empty, square(2)) > 0.9


def test_each_of_the_five_masks_is_held_to_the_truth() -> None:
    target = square(2)
    right = ((target * 2 - 1) * 6).expand(2, 9, 5, 4, 8, 8).clone()
    for volume in range(5):
        wrong = right.clone()
        wrong[:, :, volume] = -6
        assert mask_loss(wrong, target) > mask_loss(right, target) + 0.15
