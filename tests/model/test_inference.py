"""The fast network says what the plain one says."""

import pytest
import torch
from torch.nn import functional as F

from fpcli.errors import DeviceError
from fpcli.model.features import DiveFeatures
from fpcli.model.folding import Arithmetic, fold_unit
from fpcli.model.i3d import Unit3d
from fpcli.model.inference import choose_dtype, prepare
from fpcli.model.minimal_filtering import TiledConv

TOLERANCE = 1e-3  # of an array's largest magnitude
BFLOAT16_TOLERANCE = 5e-2


def assert_close(actual: torch.Tensor, expected: torch.Tensor, tolerance: float) -> None:
    assert actual.shape == expected.shape
    assert actual.dtype == torch.float32
    assert (actual - expected).abs().max() <= tolerance * expected.abs().max()


def assert_features_close(actual: DiveFeatures, expected: DiveFeatures, tolerance: float) -> None:
    for name in ("dynamic", "static", "transitions"):
        assert_close(getattr(actual, name), getattr(expected, name), tolerance)


@pytest.fixture(scope="module")
def fast(small_network):
    return prepare(small_network, "float32")


@pytest.fixture(scope="module")
def plain(small_network, two_clips):
    with torch.inference_mode():
        return small_network.parse(two_clips)


def test_small_network_is_equal(fast, plain, two_clips):
    actual = fast.parse(two_clips)
    assert_features_close(actual.features, plain.features, TOLERANCE)
    assert_close(actual.masks, plain.masks, TOLERANCE)


def test_encode_gives_what_parse_gives(fast, two_clips, plain):
    assert_features_close(fast.encode(two_clips), plain.features, TOLERANCE)


def test_given_transitions_are_followed(fast, small_network, two_clips):
    transitions = torch.tensor([[10, 50], [40, 90]])
    with torch.inference_mode():
        expected = small_network.encode(two_clips, transitions)
    assert_features_close(fast.encode(two_clips, transitions), expected, TOLERANCE)


def test_comparison_is_equal(fast, small_network, plain):
    with torch.inference_mode():
        expected = small_network.compare(plain.features[:1], plain.features)
    actual = fast.compare(plain.features[:1], plain.features)
    assert_close(actual.dynamic, expected.dynamic, TOLERANCE)
    assert_close(actual.static, expected.static, TOLERANCE)


def test_published_network_is_equal(eager):
    fast = prepare(eager.network, "float32")
    actual = fast.parse(eager.clips["query"])
    assert_features_close(actual.features, eager.encodings["query"].features, TOLERANCE)
    assert_close(actual.masks, eager.encodings["query"].masks, TOLERANCE)
    assert torch.equal(actual.features.boundaries, eager.features.boundaries[:1])


def test_bfloat16_is_near_and_answers_in_float32(small_network, plain, two_clips):
    actual = prepare(small_network, "bfloat16").parse(two_clips)
    assert_features_close(actual.features, plain.features, BFLOAT16_TOLERANCE)
    # Single pixels of random masks sit on steep edges: the mean tells more than the worst.
    assert (actual.masks - plain.masks).abs().mean() < BFLOAT16_TOLERANCE / 10


def test_preparing_leaves_the_network_as_it_was(small_network, two_clips):
    before = {name: value.clone() for name, value in small_network.state_dict().items()}
    prepare(small_network, "bfloat16").encode(two_clips[:1])
    for name, value in small_network.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(parameter.requires_grad for parameter in small_network.parameters())


@pytest.mark.parametrize(
    ("kernel", "stride"), [((7, 7, 7), (2, 2, 2)), ((3, 3, 3), (1, 1, 1)), ((1, 1, 1), (1, 1, 1))]
)
def test_folding_a_unit_changes_nothing(kernel, stride):
    torch.manual_seed(0)
    unit = Unit3d(4, 6, kernel, stride).eval()
    torch.nn.init.uniform_(unit.norm.running_var, 0.5, 2)
    torch.nn.init.normal_(unit.norm.running_mean)
    torch.nn.init.normal_(unit.norm.weight)
    x = torch.randn(2, 4, 8, 12, 12)
    with torch.inference_mode():
        folded = fold_unit(unit, Arithmetic(torch.float32))(x)
        torch.testing.assert_close(folded, unit(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "convolve"),
    [
        ((2, 5, 8, 12, 12), F.conv3d),  # whole tiles
        ((1, 5, 7, 9, 6), F.conv3d),  # ragged along every axis
        ((3, 5, 4, 4), F.conv2d),
        ((3, 5, 7, 9), F.conv2d),
    ],
)
def test_tiles_give_the_plain_convolution(shape, convolve):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(shape, generator=generator)
    weight = torch.randn(6, 5, *[3] * (len(shape) - 2), generator=generator)
    bias = torch.randn(6, generator=generator)
    expected = convolve(x, weight, bias, padding=1)
    for relu in (False, True):
        actual = TiledConv(weight, bias, relu=relu)(x)
        assert_close(actual, expected.relu() if relu else expected, 5e-5)


def test_only_float32_on_the_processor_is_tiled(published_network):
    def tiled(precision: str) -> int:
        fast = prepare(published_network, precision)
        return sum(isinstance(each, TiledConv) for each in fast.modules())

    assert tiled("float32") == 2 * 3 + 11 + 5  # two trunks, the ResNet's last two stages
    assert tiled("bfloat16") == 0


def test_auto_precision_follows_the_processor(monkeypatch):
    cpu = torch.device("cpu")
    for abilities, expected in (
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({"avx512_f": True, "avx512_bf16": False}, torch.float32),
    ):
        monkeypatch.setattr(
            torch.cpu, "get_capabilities", lambda abilities=abilities: abilities, raising=False
        )
        assert choose_dtype("auto", cpu) == expected
        assert choose_dtype("float32", cpu) == torch.float32


def test_an_absent_device_is_refused(small_network):
    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    with pytest.raises(DeviceError, match="cuda"):
        prepare(small_network, "float32", "cuda")


def test_the_duration_is_read_alike(fast, small_network, two_clips, plain):
    durations_s = torch.tensor([3.0, torch.nan])
    with torch.inference_mode():
        expected = small_network.encode(two_clips, durations_s=durations_s)
    actual = fast.encode(two_clips, durations_s=durations_s)
    assert_features_close(actual, expected, TOLERANCE)
    changed = (actual.dynamic - plain.features.dynamic).abs().amax(dim=(1, 2))
    assert changed[0] > 0.1
    assert changed[1] < 1e-3  # not known is the same as not given
