"""The published network's own numbers, and what is refused as a checkpoint."""

import zipfile

import numpy as np
import pytest
import torch

from fpcli.errors import WeightsError
from fpcli.model.published import import_published, published_name

TOLERANCE = 1e-4  # of an array's largest magnitude: what float32 gives


def assert_agrees(actual: torch.Tensor, expected: np.ndarray) -> None:
    assert tuple(actual.shape) == expected.shape
    scale = np.abs(expected).max()
    assert np.abs(actual.numpy() - expected).max() <= TOLERANCE * scale


def test_trunk_features_agree(eager, expected):
    assert_agrees(eager.dynamic, expected["dynamic"])
    assert_agrees(eager.mask_feature, expected["mask_feature"])


def test_mask_logits_agree(eager, expected):
    by_frame = eager.mask_logits.mean(dim=(3, 4)).transpose(0, 1)
    assert_agrees(by_frame, expected["mask_logits_snippet_frame_mean"])
    assert_agrees(eager.mask_logits[0, 4, 8], expected["mask_logits_snippet4_query_frame8"])


def test_transitions_agree(eager, expected):
    assert_agrees(eager.features.transitions, expected["transition_probs"])
    assert eager.features.boundaries.tolist() == expected["transitions"].tolist()


def test_differences_agree(eager, expected):
    query, exemplar = eager.features[:1], eager.features[1:]
    with torch.inference_mode():
        deltas = eager.network.compare(query, exemplar)
    assert_agrees(deltas.dynamic[:, 0], expected["step_delta_dynamic"])
    assert_agrees(deltas.static[:, 0], expected["step_delta_static"])
    assert_agrees(deltas.directions[:, 0], expected["delta"])


def test_parameters_are_the_published_ones(published_network):
    assert sum(each.numel() for each in published_network.parameters()) == 51_213_549


def hollow(keys: dict[str, dict[str, list[int]]]) -> dict[str, dict[str, torch.Tensor]]:
    """Tensors of the right shapes whose storage is one number: a small file."""
    return {
        part: {key: torch.zeros(()).expand(shape) for key, shape in state.items()}
        for part, state in keys.items()
    }


@pytest.fixture
def checkpoint(published_keys):
    return hollow(published_keys)


@pytest.fixture
def save(tmp_path):
    def write(content):
        path = tmp_path / "best.pth"
        torch.save(content, path)
        return path

    return write


def drop(checkpoint):
    del checkpoint["segmenter"]["side_prep3.weight"]
    return "segmenter.side_prep3.weight"


def drop_part(checkpoint):
    del checkpoint["decoder3"]
    return "decoder3."


def add(checkpoint):
    checkpoint["psnet_model"]["down8.weight"] = torch.zeros(2)
    return "psnet_model.down8.weight"


def reshape(checkpoint):
    checkpoint["dim_reducer2"]["layer0.weight"] = torch.zeros(512, 1000)
    return "dim_reducer2.layer0.weight"


def spoil(checkpoint):
    checkpoint["regressor_delta1"]["layer1.bias"] = torch.full((256,), torch.nan)
    return "regressor_delta1.layer1.bias"


def replace(checkpoint):
    checkpoint["decoder1"]["model.0.norm_q.bias"] = 3
    return "decoder1.model.0.norm_q.bias"


@pytest.mark.parametrize("damage", [drop, drop_part, add, reshape, spoil, replace])
def test_a_checkpoint_that_does_not_fit_is_refused_by_name(checkpoint, save, damage):
    name = damage(checkpoint)
    with pytest.raises(WeightsError) as caught:
        import_published(save(checkpoint))
    assert name in caught.value.message
    assert "best.pth" in caught.value.message
    assert caught.value.hint


def test_unused_tensors_and_counters_may_be_absent(checkpoint, save):
    del checkpoint["regressor_delta3"]
    for key in ("backbone.fc.weight", "backbone.fc.bias", "backbone.bn1.num_batches_tracked"):
        del checkpoint["video_encoder"][key]
    _, state = import_published(save(checkpoint))
    assert state["static_encoder.backbone.bn1.num_batches_tracked"] == 0
    assert not any("fc" in name for name in state if name.startswith("static_encoder.backbone"))


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64])
def test_numpy_scalars_in_the_bookkeeping_are_harmless(checkpoint, save, kind):
    import_published(save(checkpoint | {"rho_best": kind(1), "L2_min": kind(2), "epoch": 3}))


class Intruder:
    """Stands for any object that unpickling would have to run code for."""


def test_other_objects_are_not_loaded(checkpoint, save):
    with pytest.raises(WeightsError, match="plain tensors"):
        import_published(save(checkpoint | {"epoch": Intruder()}))


@pytest.mark.parametrize("content", [b"", b"not a checkpoint at all", b"PK\x03\x04 cut short"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "best.pth"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"^best"):
        import_published(path)


def test_a_file_that_unpacks_to_much_more_is_refused_unread(
    tmp_path, checkpoint, save, monkeypatch
):
    tight = tmp_path / "tight.pth"
    with (
        zipfile.ZipFile(save(checkpoint)) as plain,
        zipfile.ZipFile(tight, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for entry in plain.infolist():
            packed.writestr(entry.filename, plain.read(entry))
        packed.writestr("archive/data/extra", bytes(2**24))
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(WeightsError, match="packed tightly"):
        import_published(tight)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="cannot be read"):
        import_published(tmp_path / "absent.pth")


def test_every_name_is_mapped_once(published_network, published_keys):
    theirs = [published_name(name) for name in published_network.state_dict()]
    known = {f"{part}.{key}" for part, state in published_keys.items() for key in state}
    assert len(set(theirs)) == len(theirs)
    assert set(theirs) <= known
