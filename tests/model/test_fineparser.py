"""The network's promises: shapes, encoders that never see the pair, both directions, gradients."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from fpcli.model.composed_masks import composed_masks
from fpcli.model.contrastive_regression import pair_boundaries, segment_positions
from fpcli.model.features import DiveFeatures
from fpcli.model.mask_refiner import refined_logits
from fpcli.model.spatial_parser import frame_masks, snippet_frame_counts
from fpcli.model.static_encoder import resample, spread


@pytest.fixture(scope="module")
def encoding(small_network, two_clips):
    with torch.inference_mode():
        return small_network.parse(two_clips)


def random_features(network, count: int, seed: int = 0) -> DiveFeatures:
    generator = torch.Generator().manual_seed(seed)
    config = network.config
    return DiveFeatures(
        torch.randn(count, 9, config.dynamic_width, generator=generator),
        torch.randn(count, 3, 4, config.token_width, generator=generator),
        torch.rand(count, 96, 2, generator=generator),
    )


def test_shapes_of_an_encoding(small_network, encoding):
    width = small_network.config.dynamic_width
    assert encoding.features.dynamic.shape == (2, 9, width)
    assert encoding.features.static.shape == (2, 3, 4, small_network.config.token_width)
    assert encoding.features.transitions.shape == (2, 96, 2)
    assert encoding.masks.shape == (2, 96, 112, 112)
    assert 0 <= encoding.masks.min() < encoding.masks.max() <= 1


def test_clips_in_a_batch_do_not_touch(small_network, two_clips, encoding):
    with torch.inference_mode():
        alone = small_network.encode(two_clips[1:])
    for name in ("dynamic", "static", "transitions"):
        together = getattr(encoding.features, name)[1:]
        rounding = 1e-4 * float(together.abs().max())  # of sums in another order
        torch.testing.assert_close(getattr(alone, name), together, rtol=0, atol=rounding)


def test_given_transitions_cut_the_static_tokens_only(small_network, two_clips, encoding):
    with torch.inference_mode():
        cut = small_network.encode(two_clips, torch.tensor([[10, 50], [40, 90]]))
    assert torch.equal(cut.transitions, encoding.features.transitions)
    assert torch.equal(cut.dynamic, encoding.features.dynamic)
    assert not torch.allclose(cut.static, encoding.features.static)


def test_one_query_against_many_equals_pair_by_pair(small_network):
    query, exemplars = random_features(small_network, 1), random_features(small_network, 5, seed=1)
    with torch.inference_mode():
        together = small_network.compare(query, exemplars)
        single = [small_network.compare(query, exemplars[n : n + 1]) for n in range(5)]
    for name in ("dynamic", "static"):
        joined = torch.cat([getattr(each, name) for each in single], dim=1)
        torch.testing.assert_close(getattr(together, name), joined, rtol=1e-4, atol=1e-5)


def test_swapping_roles_swaps_directions(small_network):
    query, exemplars = random_features(small_network, 4), random_features(small_network, 4, seed=1)
    with torch.inference_mode():
        forward = small_network.compare(query, exemplars)
        backward = small_network.compare(exemplars, query)
    torch.testing.assert_close(forward.dynamic, backward.dynamic.flip(0))
    torch.testing.assert_close(forward.static, backward.static.flip(0))


def test_given_boundaries_move_the_dynamic_cuts_only(small_network):
    query, exemplars = random_features(small_network, 1), random_features(small_network, 3, seed=1)
    with torch.inference_mode():
        predicted = small_network.compare(query, exemplars)
        same = small_network.compare(query, exemplars, (query.boundaries, exemplars.boundaries))
        moved = small_network.compare(
            query, exemplars, (torch.tensor([[5, 52]]), torch.tensor([[9, 60]]))
        )
    assert torch.equal(predicted.dynamic, same.dynamic)
    assert torch.equal(predicted.static, moved.static)
    assert not torch.allclose(predicted.dynamic, moved.dynamic)


@pytest.mark.parametrize(
    ("cuts", "expected"),
    [
        ((28, 62), [(0, 2), (2, 6), (5, 8)]),  # the usual dive
        ((0, 48), [(0, 0), (0, 4), (3, 8)]),  # nothing before the first transition
        ((47, 95), [(0, 4), (4, 8), (8, 8)]),  # the second at the very end
        ((58, 60), [(0, 5), (5, 6), (5, 8)]),  # transitions close together
    ],
)
def test_segments_in_snippets(cuts, expected):
    both = torch.tensor([cuts])
    positions = segment_positions(*pair_boundaries(both, both))
    ends = [(step[0].item(), step[-1].item()) for step in positions[0]]
    assert ends == [pytest.approx(pair) for pair in expected]


def test_pair_boundaries_average_both_dives():
    a, b = pair_boundaries(torch.tensor([[29, 60]]), torch.tensor([[30, 79]]))
    assert (a.item(), b.item()) == (59 // 20, 139 // 20)


@pytest.mark.parametrize(("start", "stop", "samples"), [(0, 33, 36), (28, 72, 60), (91, 96, 48)])
def test_resampling_is_aligned_linear_interpolation(start, stop, samples):
    sequence = torch.randn(1, 96, 7, generator=torch.Generator().manual_seed(0))
    places = spread(torch.tensor([float(start)]), torch.tensor([stop - 1.0]), samples)
    expected = F.interpolate(
        sequence[:, start:stop].transpose(1, 2), samples, mode="linear", align_corners=True
    ).transpose(1, 2)
    torch.testing.assert_close(resample(sequence, places), expected, rtol=1e-4, atol=1e-5)


def test_every_frame_is_masked_by_the_mean_of_its_snippets():
    logits = torch.randn(1, 9, 16, 112, 112, generator=torch.Generator().manual_seed(0))
    pictures = frame_masks(logits)
    assert sorted(set(snippet_frame_counts().tolist())) == [1, 2]
    probabilities = logits.sigmoid()[0]
    torch.testing.assert_close(pictures[0, 5], probabilities[0, 5])
    torch.testing.assert_close(pictures[0, 42], (probabilities[3, 12] + probabilities[4, 2]) / 2)
    torch.testing.assert_close(pictures[0, 95], probabilities[8, 15])


@pytest.mark.parametrize("size", ["small_network", "published_network"])
def test_composed_masks_equal_the_plain_ones(size, request):
    network = request.getfixturevalue(size)
    shapes = [(8, 56, 56), (8, 28, 28), (8, 14, 14), (4, 7, 7)]
    generator = torch.Generator().manual_seed(0)
    sides = tuple(
        torch.randn(1, channels, *shape, generator=generator)
        for channels, shape in zip(network.spatial_trunk.side_channels, shapes, strict=True)
    )
    with torch.inference_mode():
        plain = network.mask_head(sides)
        composed = composed_masks(network.mask_head, sides)
    scale = plain.abs().amax()
    assert (plain - composed).abs().amax() < 1e-5 * scale


def test_training_reaches_every_parameter(small_network, two_clips):
    network = small_network
    network.train()
    state = {name: value.clone() for name, value in network.state_dict().items()}
    try:
        encoding = network.parse_for_training(two_clips, torch.tensor([[30, 60], [20, 70]]))
        pairs = torch.cartesian_prod(torch.arange(2), torch.arange(2))
        deltas = network.compare(encoding.features[pairs[:, 0]], encoding.features[pairs[:, 1]])
        fused = encoding.mask_logits[:, 0, -1]
        loss = (
            deltas.directions.square().mean()
            + encoding.mask_logits.square().mean()
            + refined_logits(network.refiner, fused, two_clips[:, :, :16]).square().mean()
            + encoding.transition_logits.square().mean()
        )
        loss.backward()
        assert encoding.mask_logits.shape == (2, 9, 5, 16, 56, 56)
        assert np.isfinite(loss.item())
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.isfinite().all(), name
    finally:
        network.load_state_dict(state)
        network.zero_grad(set_to_none=True)
        network.eval()
