"""From flat settings to the things they describe: streams, models and their losses, new or out of a checkpoint.

What scripts share, so that none has a second copy of it. Imports `data.dagset`, `models` and `checkpoint`.
"""
from dataclasses import fields

import torch

from checkpoint import load_weights
from data.dagset import Ranges, Stream, Wording, fingerprint, get_tokenizer, settings_of
from data.dagset.tokenizer import NUMBER_WORDS
from models.dag_model import ModelConfig
from models.predictor_only_model import PredictorOnlyModel, plan_losses


class AssemblyError(Exception):
    """A checkpoint that can't be used here; one line."""
    is_user_error = True


def settle(settings):
    """Settings whose value depends on others, settled in place."""
    if settings["max_ops"] < 0:
        settings["max_ops"] = settings["dag_depth"]
    settings["num_initial_values"] = settings["num_initial_values"] or settings["dag_depth"] + 1
    # Four operations for the model are four for the expressions, too.
    settings["operations"] = tuple(name for name in settings["dag_ops"] if name != "identity")
    return settings


def make_stream(settings, split, seed, device, batch_size=None):
    """The stream of expressions that settled settings describe."""
    return Stream(settings_of(Ranges, settings), settings_of(Wording, settings), get_tokenizer(settings["tokenizer"]),
                  seed=seed, split=split, batch_size=batch_size or settings["batch_size"],
                  num_initial_values=settings["num_initial_values"], dag_depth=settings["dag_depth"],
                  dag_ops=settings["dag_ops"], device=device)


def number_token_ids(tokenizer):
    """Ids of the tokens that numbers are written with: single digits, point and comma, and number words."""
    texts = [*"0123456789.,", " .", *(form for word in NUMBER_WORDS for form in (word, " " + word, word.capitalize(),
                                                                                  " " + word.capitalize()))]
    encoded = (tokenizer.encode(text) for text in texts)
    return tuple(sorted({ids[0] for ids in encoded if len(ids) == 1}))


def predictor_config(settings):
    """What a predictor's weights are meaningless without, as plain values: sizes, operations and tokeniser."""
    tokenizer = get_tokenizer(settings["tokenizer"])
    sizes = vars(ModelConfig.of({**settings, "vocab_size": tokenizer.n_vocab,
                                 "number_token_ids": number_token_ids(tokenizer)}))
    # The tokeniser first: where it differs, so does vocab_size, which is no setting.
    return {"tokenizer": settings["tokenizer"], **sizes, "tokenizer_fingerprint": fingerprint(tokenizer)}


def data_config(settings):
    """What decides which examples a batch number means, as plain values: ranges, wordings and sizes of batches."""
    names = [field.name for kind in (Ranges, Wording) for field in fields(kind)]
    return {name: settings[name] for name in (*names, "num_initial_values", "dag_depth", "dag_ops", "batch_size")}


def build_predictor(settings):
    """A new PredictorOnlyModel; its weights are a function of settings["seed"]."""
    torch.manual_seed(settings["seed"])
    return PredictorOnlyModel(ModelConfig.of(predictor_config(settings)))


def predictor_loss(settings, dag):
    """batch_loss(model, batch) -> (weighted loss, {name: loss}) of Phase 1."""
    identity = settings["dag_ops"].index("identity")
    weights = dict(sign=settings["sign_weight"], digits=settings["digit_weight"],
                   log_magnitude=settings["log_magnitude_weight"], operation=settings["operation_weight"],
                   operands=settings["operand_weight"])

    def batch_loss(model, batch):
        losses = plan_losses(model(batch.ids, batch.lengths), batch, dag, identity)
        # A loss of weight 0 stays in the graph, so that every parameter has a gradient in every process.
        return sum(weights[name] * loss for name, loss in losses.items()), losses

    return batch_loss


def load_predictor(checkpoint, path):
    """(model, tokenizer) of a Phase 1 checkpoint dict. Raises AssemblyError where it isn't one that fits."""
    if checkpoint.get("phase") != 1:
        raise AssemblyError(f"{path} is a checkpoint of phase {checkpoint.get('phase')!r}, this reads phase 1; give one "
                            "that train_predictor.py wrote")
    config = checkpoint["model_config"]
    tokenizer = get_tokenizer(config["tokenizer"])
    if fingerprint(tokenizer) != config["tokenizer_fingerprint"]:
        raise AssemblyError(f"{path} was trained with tokenizer {config['tokenizer']!r} of fingerprint "
                            f"{config['tokenizer_fingerprint']}, here it is {fingerprint(tokenizer)}; use the version "
                            "of this repository that trained it")
    model = PredictorOnlyModel(ModelConfig.of(config))
    load_weights(model, checkpoint, path)
    return model.eval(), tokenizer
