"""The end of a run: exemplars, calibration and card, joined with the network into a bundle."""

import dataclasses
import math

import numpy as np
import torch

from fpcli.model.fineparser import FineParser
from fpcli.model.inference import InferenceNetwork, prepare
from fpcli.training.bank import choose_for_bank, make_bank
from fpcli.training.measure import Predictions, measure
from fpcli.training.predict import EncodedPool, encode_pool, predict
from fpcli.training.samples import Pool
from fpcli.training.without_video import HABITS, habits_of
from fpcli.video.transform import InputGeometry
from fpcli.weights.bundle import Bundle, Calibration, Card

BANK_CAP = 600  # exemplars; a few kB each
DOUBT_QUANTILE = 0.02  # of validation dives that look less plausible than the threshold


def calibrate(encoded: EncodedPool, predicted: Predictions) -> Calibration:
    """Residuals of validation dives, and the plausibility that nearly all of them reach."""
    marks = np.array([label.mark for label in encoded.labels])
    residuals = np.sort(np.abs(predicted.marks - marks)).astype(np.float32)
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
    exemplars = train.chosen(choose_for_bank(train.labels, BANK_CAP))
    bank = make_bank(exemplars.labels, encode_pool(fast, exemplars, geometry).features)
    held_out = encode_pool(fast, validation, geometry)
    predicted = predict(fast, bank, held_out)
    known = {name: value for name, value in measure(predicted).items() if math.isfinite(value)}
    metrics = {"validation": known, HABITS: habits_of(train.labels)}
    card = dataclasses.replace(card, metrics=metrics)
    state = {name: value.cpu() for name, value in network.state_dict().items()}
    return Bundle(card, network.config, geometry, state, bank, calibrate(held_out, predicted))
