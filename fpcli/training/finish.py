"""The end of a run: exemplars, calibration and card, joined with the network into a bundle."""

import dataclasses

import numpy as np
import torch

from fpcli.model.fineparser import FineParser
from fpcli.model.inference import InferenceNetwork, prepare
from fpcli.training.bank import make_bank
from fpcli.training.evaluate import EncodedPool, ScoredPool, encode_pool, measure, score_pool
from fpcli.training.samples import Pool
from fpcli.video.transform import InputGeometry
from fpcli.weights.bundle import Bundle, Calibration, Card

BANK_CAP = 300  # exemplars; a few kB each
DOUBT_QUANTILE = 0.02  # of validation dives that look less plausible than the threshold


def calibrate(encoded: EncodedPool, scored: ScoredPool) -> Calibration:
    """Residuals of validation dives, and the plausibility that nearly all of them reach."""
    marks = np.array([label.mark for label in encoded.labels])
    residuals = np.sort(np.abs(scored.marks - marks)).astype(np.float32)
    threshold = float(np.quantile(encoded.plausibility, DOUBT_QUANTILE))
    return Calibration(residual_marks=residuals, plausibility_threshold=threshold)


def finish(
    network: FineParser,
    geometry: InputGeometry,
    train: Pool,
    validation: Pool,
    card: Card,
    *,
    device: torch.device | str = "cpu",
) -> Bundle:
    """Make the bundle: bank from training dives, interval and doubt from validation dives.

    card: its metrics are filled in here, from the validation dives.
    """
    fast: InferenceNetwork = prepare(network, "float32", torch.device(device))
    known = encode_pool(fast, train, geometry)
    bank = make_bank(known.labels, known.features, BANK_CAP)
    held_out = encode_pool(fast, validation, geometry)
    near = dataclasses.replace(bank, features=bank.features.to(fast.device))
    scored = score_pool(fast, near, held_out)
    card = dataclasses.replace(card, metrics={"validation": measure(held_out, scored)})
    state = {name: value.cpu() for name, value in network.state_dict().items()}
    return Bundle(card, network.config, geometry, state, bank, calibrate(held_out, scored))
