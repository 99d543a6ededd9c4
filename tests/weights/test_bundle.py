"""A bundle survives its file, and a wrong file is named for what is wrong with it."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from rewriting import rewritten
from safetensors import safe_open

from fpcli.errors import WeightsError
from fpcli.model.build import build
from fpcli.model.config import CONFIGS, FRAMES, SNIPPETS
from fpcli.model.features import DiveFeatures
from fpcli.video.transform import CENTRE, PUBLISHED
from fpcli.weights.bundle import Bundle, Calibration, Card, ExemplarBank, load_bundle, save_bundle
from fpcli.weights.storage import SCALE, Storage

CONFIG = CONFIGS["xs"]
CARD = Card(
    name="for tests",
    training_data="nothing",
    simulated=True,
    licence="MIT",
    origin="this test",
    recipe="none",
    metrics={"spearman, held-out simulated dives": 0.5},
    created="2026-01-01",
    version="0",
)


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        ({"fidelity_takeoff": 0.1, "fidelity_flight": 0.3, "fidelity_entry": 0.7}, (0.1, 0.3, 0.7)),
        ({"fidelity_takeoff": 0.1, "fidelity_flight": 0.3}, None),
        ({"fidelity_takeoff": float("nan"), "fidelity_flight": 0.3, "fidelity_entry": 0.7}, None),
        ("unreadable", None),
    ],
    ids=["measured", "a step missing", "no number", "no measures"],
)
def test_the_card_tells_how_far_steps_can_be_trusted_where_that_was_measured(measured, expected):
    card = dataclasses.replace(CARD, metrics={"validation": measured})
    assert card.step_fidelity == expected
    assert CARD.step_fidelity is None


@pytest.fixture(scope="module")
def state():
    torch.manual_seed(0)
    return build(CONFIG).state_dict()


@pytest.fixture
def bank():
    generator = torch.Generator().manual_seed(1)
    features = DiveFeatures(
        torch.randn(3, SNIPPETS, CONFIG.dynamic_width, generator=generator),
        torch.randn(3, 3, 4, CONFIG.token_width, generator=generator),
        torch.rand(3, FRAMES, 2, generator=generator),
    )
    return ExemplarBank(
        keys=("a", "b", "c"),
        dive_numbers=("107B", "5253B", "101A"),
        heights_m=np.float32([3, 10, 1]),
        difficulties=np.float32([3.1, 3.2, 1.4]),
        marks=np.float32([8.5, 7, 0]),
        features=features,
    )


@pytest.fixture
def bundle(state, bank):
    return Bundle(
        CARD, CONFIG, CENTRE, state, bank, Calibration(np.float32([0.1, 0.4, 2.5]), -3.25)
    )


@pytest.fixture
def file(bundle, tmp_path):
    path = tmp_path / "good.safetensors"
    save_bundle(bundle, path)
    return path


def test_everything_comes_back_as_it_was(bundle, file):
    back = load_bundle(file)
    assert (back.card, back.config, back.geometry) == (CARD, CONFIG, CENTRE)
    assert back.state.keys() == bundle.state.keys()
    for name, tensor in bundle.state.items():
        assert torch.equal(back.state[name], tensor), name
        assert back.state[name].dtype == tensor.dtype, name
    assert back.bank.keys == bundle.bank.keys
    assert back.bank.dive_numbers == bundle.bank.dive_numbers
    for name in ("heights_m", "difficulties", "marks"):
        np.testing.assert_array_equal(getattr(back.bank, name), getattr(bundle.bank, name))
    for name in ("dynamic", "static", "transitions"):
        assert torch.equal(getattr(back.bank.features, name), getattr(bundle.bank.features, name))
    np.testing.assert_array_equal(
        back.calibration.residual_marks, bundle.calibration.residual_marks
    )
    assert back.calibration.plausibility_threshold == -3.25


def test_the_state_rebuilds_the_network(file):
    back = load_bundle(file)
    build(back.config).load_state_dict(back.state)


def test_an_imported_network_has_neither_bank_nor_calibration(state, tmp_path):
    path = tmp_path / "imported.safetensors"
    save_bundle(Bundle(CARD, CONFIG, PUBLISHED, state), path)
    back = load_bundle(path)
    assert back.geometry == PUBLISHED
    assert back.bank is None
    assert back.calibration is None


def test_half_is_half_the_size_and_nearly_the_same(bundle, file, tmp_path):
    path = tmp_path / "half.safetensors"
    save_bundle(bundle, path, Storage.FLOAT16)
    assert path.stat().st_size < 0.55 * file.stat().st_size
    back = load_bundle(path)
    for name, tensor in bundle.state.items():
        found = back.state[name]
        assert found.dtype == tensor.dtype, name
        if tensor.is_floating_point():
            assert (found - tensor).abs().max() <= tensor.abs().max() * 2**-10, name
        else:
            assert torch.equal(found, tensor), name
    # A rounded probability could tie with its neighbour and move a transition.
    assert torch.equal(back.bank.features.transitions, bundle.bank.features.transitions)


def test_bytes_are_a_quarter_of_the_size_and_near(bundle, file, tmp_path):
    path = tmp_path / "bytes.safetensors"
    save_bundle(bundle, path, Storage.INT8)
    half = tmp_path / "half.safetensors"
    save_bundle(bundle, half, Storage.FLOAT16)
    assert path.stat().st_size < 0.8 * half.stat().st_size
    back = load_bundle(path)
    assert back.state.keys() == bundle.state.keys()
    for name, tensor in bundle.state.items():
        found = back.state[name]
        assert found.dtype == tensor.dtype, name
        if tensor.ndim > 1:
            largest = tensor.abs().flatten(1).amax(dim=1)
            error = (found - tensor).abs().flatten(1).amax(dim=1)
            assert (error <= largest / 250 + 1e-9).all(), name
        else:
            assert torch.equal(found, tensor), name


def test_bytes_without_their_scale_are_refused(bundle, tmp_path):
    path = tmp_path / "bytes.safetensors"
    save_bundle(bundle, path, Storage.INT8)
    with safe_open(path, framework="pt") as stored:
        metadata = stored.metadata()
        # Copies: the file they are mapped from is written over below.
        tensors = {name: stored.get_tensor(name).clone() for name in stored.keys()}  # noqa: SIM118
    scale = next(name for name in tensors if name.endswith(SCALE))
    for wrong in (None, tensors[scale][:-1]):
        broken = {name: value for name, value in tensors.items() if name != scale}
        if wrong is not None:
            broken[scale] = wrong.contiguous()
        path.write_bytes(safetensors.torch.save(broken, metadata))
        with pytest.raises(WeightsError):
            load_bundle(path)


def test_half_keeps_what_float16_cannot_hold(bundle, tmp_path):
    name = next(name for name, tensor in bundle.state.items() if tensor.ndim >= 2)
    state = {key: tensor.clone() for key, tensor in bundle.state.items()}
    state[name].flatten()[0] = 1e6  # float16 ends at 65504
    path = tmp_path / "half.safetensors"
    save_bundle(dataclasses.replace(bundle, state=state), path, Storage.FLOAT16)
    assert torch.equal(load_bundle(path).state[name], state[name])


def a_network_tensor(tensors):
    return next(
        name for name in sorted(tensors) if name.startswith("network.") and "weight" in name
    )


def drop_network(tensors):
    del tensors[a_network_tensor(tensors)]


def add_network(tensors):
    tensors["network.surprise"] = torch.zeros(1)


def add_other(tensors):
    tensors["surprise"] = torch.zeros(1)


def misshape_network(tensors):
    name = a_network_tensor(tensors)
    tensors[name] = tensors[name].flatten()[:-1].clone()


def spoil_network(tensors):
    tensors[a_network_tensor(tensors)].flatten()[0] = float("nan")


def change_kind(tensors):
    name = next(name for name in tensors if name.endswith("num_batches_tracked"))
    tensors[name] = tensors[name].float()


def drop_marks(tensors):
    del tensors["bank.marks"]


def misshape_bank(tensors):
    tensors["bank.static"] = tensors["bank.static"][:, :, :2].clone()


def shorten_bank(tensors):
    tensors["bank.transitions"] = tensors["bank.transitions"][:2].clone()


def spoil_bank(tensors):
    tensors["bank.dynamic"][0, 0, 0] = float("inf")


def raise_marks(tensors):
    tensors["bank.marks"] += 10


def disorder_residuals(tensors):
    tensors["calibration.residual_marks"] = tensors["calibration.residual_marks"].flip(0)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (drop_network, "lacks 1 tensors of the network, first '"),
        (add_network, "surprise"),
        (add_other, "surprise"),
        (misshape_network, "weight' is"),
        (spoil_network, "weight' holds values that are not numbers"),
        (change_kind, "num_batches_tracked"),
        (drop_marks, "bank.marks"),
        (misshape_bank, "bank.static"),
        (shorten_bank, "an exemplar lacks its features"),
        (spoil_bank, "bank.dynamic"),
        (raise_marks, "outside 0 to 10"),
        (disorder_residuals, "ascending"),
    ],
)
def test_a_wrong_tensor_is_named(file, change, named):
    with pytest.raises(WeightsError, match=named):
        load_bundle(rewritten(file, change=change))


@pytest.mark.parametrize(
    "describe",
    [
        lambda description: description.pop("card"),
        lambda description: description["card"].pop("licence"),
        lambda description: description["card"].update(simulated="yes"),
        lambda description: description["config"].update(unknown=1),
        lambda description: description["config"].update(token_width=33),
        lambda description: description["config"].update(trunk_width="wide"),
        lambda description: description["config"].update(static_blocks=[2, 2]),
        lambda description: description["geometry"].update(unknown=1),
        lambda description: description["bank"].update(keys=["a", "a", "c"]),
        lambda description: description["bank"].update(dive_numbers=None),
        lambda description: description.update(bank=None),  # its tensors are then nobody's
        lambda description: description.update(config=[]),
    ],
)
def test_a_wrong_description_is_refused(file, describe):
    with pytest.raises(WeightsError):
        load_bundle(rewritten(file, describe=describe))


def test_an_unknown_format_is_refused_by_its_number(file):
    path = rewritten(file, describe=lambda description: description.update(format=99))
    with pytest.raises(WeightsError, match="99"):
        load_bundle(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 7,
        b"text, renamed",
        b"\x10" + b"\x00" * 7 + b"not JSON at all!",
        b"PK\x03\x04" * 9,
    ],
)
def test_what_is_no_safetensors_file_is_refused(tmp_path, content):
    path = tmp_path / "no.safetensors"
    path.write_bytes(content)
    with pytest.raises(WeightsError):
        load_bundle(path)


def test_a_cut_file_is_refused(file):
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(WeightsError, match="cut"):
        load_bundle(file)


def test_a_safetensors_file_of_another_program_is_refused(tmp_path):
    path = tmp_path / "theirs.safetensors"
    safetensors.torch.save_file({"weight": torch.zeros(2)}, path)
    with pytest.raises(WeightsError, match="not a fineparser bundle"):
        load_bundle(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="no file of weights"):
        load_bundle(tmp_path / "missing.safetensors")


def test_a_file_that_may_not_be_read_is_not_called_absent(file, monkeypatch):
    """Refused by hand, as root may read whatever its mode forbids."""

    def refused(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(WeightsError, match=r"safetensors' cannot be read: permission denied\."):
        load_bundle(file)


def test_a_state_that_does_not_fit_is_not_written(bundle, tmp_path):
    path = tmp_path / "wrong.safetensors"
    wrong = dataclasses.replace(bundle, config=CONFIGS["s"])
    with pytest.raises(WeightsError):
        save_bundle(wrong, path)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_while_writing_leaves_the_old_file(bundle, file, monkeypatch):
    def fail(*args):
        raise OSError(28, "No space left on device")

    before = file.read_bytes()
    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        save_bundle(bundle, file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_bundles_work_where_video_and_platform_libraries_are_not_installed():
    program = (
        "import sys\n"
        "for name in ('av', 'cv2', 'platformdirs', 'matplotlib'): sys.modules[name] = None\n"
        "import fpcli.weights.bundle"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
