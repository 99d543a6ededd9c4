"""Encoded features become a score: settle what is dived, let the exemplars vote, add up."""

import numpy as np
import torch

from fpcli.analysis.breakdown import Breakdown, break_down
from fpcli.analysis.compare import contributions_against
from fpcli.analysis.facts import Question, settle_question
from fpcli.analysis.request import AnalysisRequest
from fpcli.model.features import DiveFeatures
from fpcli.model.inference import InferenceNetwork
from fpcli.weights.bundle import ExemplarBank

MARK_TARGET = "mark"  # of a model that predicts differences in execution marks


def score_features(
    network: InferenceNetwork, bank: ExemplarBank, query: DiveFeatures, request: AnalysisRequest
) -> tuple[Question, Breakdown]:
    """Score one encoded dive against a bank whose features lie on the network's device.

    query: features of one dive. Raises DiveNumberError for a dive that the rules do not allow,
    WeightsError if the network's answer is not a number.
    """
    question = settle_question(request, bank, query)
    chosen = list(question.exemplars)
    places = torch.tensor(chosen, device=bank.features.dynamic.device)
    contributions = contributions_against(network, query, bank.features[places])
    factor = question.facts.score_factor
    parts = break_down(
        np.asarray(bank.marks, dtype=np.float64)[chosen],
        contributions,
        score_factor=factor,
        points_a_unit=factor if network.config.target == MARK_TARGET else 1.0,
    )
    return question, parts
