"""The end of a run: exemplars, calibration and card, joined with the network into a bundle."""

import dataclasses
import math

import numpy as np
import torch

from fpcli.diving.numbers import group_of
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
    """Residuals of validation dives with their groups, and the plausibility that most reach."""
    labels = encoded.labels
    residuals = np.abs(predicted.marks - np.array([label.mark for label in labels]))
    order = np.argsort(residuals, kind="stable")
    return Calibration(
        residual_marks=residuals[order].astype(np.float32),
        plausibility_threshold=float(np.quantile(encoded.plausibility, DOUBT_QUANTILE)),
        groups=tuple(group_of(labels[place].dive_number) for place in order),
    )


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
