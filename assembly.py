"""From flat settings to the things they describe: streams, models and their losses, new or out of a checkpoint.

What scripts share, so that none has a second copy of it. Imports `data`, `models` and `checkpoint`.
"""
import os
import re
from dataclasses import MISSING, fields
from types import SimpleNamespace

import torch
import torch.nn.functional as F

from checkpoint import find_checkpoint, load_checkpoint, load_weights
from data.answers import AnswerBatch, AnswerStream, character_token_ids
from data.dagset import Ranges, Stream, Wording, fingerprint, get_tokenizer, settings_of
from data.dagset.tokenizer import NUMBER_WORDS, SCALE_WORDS
from data.mixture import Mixture, check_names, parse_mixture
from data.text import TextStream
from data.text_file import read_text_file
from models.backbone import ModelConfig
from models.dag_model import GPT, IGNORE
from models.plan import Plan
from models.positions import ROLES
from models.predictor_only_model import PredictorOnlyModel, plan_errors, plan_losses


# Words of operations, for tokens' roles: "the sum of 3 and 4", "adding 3 to 4" by the tokens before "ing", "added to"
NOUN_WORDS = "sum total difference product quotient ratio".split()
GERUND_STEMS = ("add", " add", "ct", "ly", "id")
UNIT_WORDS, TEEN_WORDS, TEN_WORDS = [*NUMBER_WORDS[:10], "oh"], NUMBER_WORDS[10:20], NUMBER_WORDS[20:28]
POWER_WORDS = "thousand million billion trillion quadrillion quintillion".split()
PASSIVE_WORDS = "added subtracted multiplied divided increased decreased reduced".split()
# What a setting was where a checkpoint from before it doesn't name it. So a new setting's default is what was before it came.
UNNAMED = {field.name: field.default for kind in (ModelConfig, Ranges, Wording) for field in fields(kind)
           if field.default is not MISSING}
# What a predictor doesn't have
GPT_ONLY = ("answer_digits", "answer_decimals", "character_token_ids", "form", "n_read_layer", "n_read_embd",
            "n_read_head")


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
    return single_token_ids(tokenizer, *texts)


def single_token_ids(tokenizer, *texts):
    """Ids of those of the texts that are one token, ascending."""
    encoded = (tokenizer.encode(text) for text in texts)
    return tuple(sorted({ids[0] for ids in encoded if len(ids) == 1}))


def token_roles(settings, tokenizer):
    """The fields of a ModelConfig that say which tokens numbers, brackets and nouns of operations are written
    with; none where their positions aren't wanted."""
    if not settings["number_positions"]:
        return {}
    scales = [before + word for word in SCALE_WORDS for before in ("", " ")]
    def of_words(*words):
        return single_token_ids(tokenizer, *(before + form for word in words for before in ("", " ")
                                             for form in (word, word.capitalize())))

    nouns = [spelling for word in NOUN_WORDS for spelling in (word, " " + word, word.capitalize())]
    return dict(number_token_ids=number_token_ids(tokenizer), digit_token_ids=single_token_ids(tokenizer, *"0123456789"),
                comma_token_ids=single_token_ids(tokenizer, ","), point_token_ids=single_token_ids(tokenizer, ".", " ."),
                open_token_ids=single_token_ids(tokenizer, "(", " (", "[", " ["),
                close_token_ids=single_token_ids(tokenizer, ")", "]"), hyphen_token_ids=single_token_ids(tokenizer, "-"),
                and_token_ids=single_token_ids(tokenizer, " and"), scale_token_ids=single_token_ids(tokenizer, *scales),
                noun_token_ids=single_token_ids(tokenizer, *nouns, *GERUND_STEMS),
                of_token_ids=single_token_ids(tokenizer, " of", " between", "ing"),
                joint_token_ids=single_token_ids(tokenizer, " and", " to", " from", " by"),
                annotation_token_ids=single_token_ids(tokenizer, "<<", " <<"),
                half_token_ids=single_token_ids(tokenizer, "<", " <"),
                annotated_token_ids=single_token_ids(tokenizer, ">", ">>", "\n", "\n\n"),
                break_token_ids=single_token_ids(tokenizer, "\n", "\n\n"),
                passive_token_ids=single_token_ids(tokenizer, *(" " + word for word in PASSIVE_WORDS)),
                unit_token_ids=of_words(*UNIT_WORDS), teen_token_ids=of_words(*TEEN_WORDS), ten_token_ids=of_words(*TEN_WORDS),
                hundred_token_ids=of_words("hundred"), spoken_point_token_ids=of_words("point"),
                power_token_ids=tuple(tuple(tuple(tokenizer.encode(before + spelling)) for before, spelling in (
                    (" ", word), ("", word), ("", word.capitalize()))) for word in POWER_WORDS))


def predictor_config(settings):
    """What a predictor's weights are meaningless without, as plain values: sizes, operations and tokeniser."""
    tokenizer = get_tokenizer(settings["tokenizer"])
    sizes = vars(ModelConfig.of({**settings, "vocab_size": tokenizer.n_vocab, **token_roles(settings, tokenizer)}))
    sizes = {name: value for name, value in sizes.items() if name not in GPT_ONLY}
    # The tokeniser first: where it differs, so does vocab_size, which is no setting.
    return {"tokenizer": settings["tokenizer"], **sizes, "tokenizer_fingerprint": fingerprint(tokenizer)}


def gpt_config(settings):
    """What a GPT's weights are meaningless without, as plain values."""
    tokenizer = get_tokenizer(settings["tokenizer"])
    sizes = vars(ModelConfig.of({**settings, "vocab_size": tokenizer.n_vocab,
                                 **token_roles(settings, tokenizer),
                                 "character_token_ids": character_token_ids(tokenizer)}))
    return {"tokenizer": settings["tokenizer"], **sizes, "tokenizer_fingerprint": fingerprint(tokenizer)}


def data_config(settings):
    """What decides which examples a batch number means, as plain values: ranges, wordings and sizes of batches."""
    names = [field.name for kind in (Ranges, Wording) for field in fields(kind)]
    return {name: settings[name] for name in (*names, "num_initial_values", "dag_depth", "dag_ops", "batch_size")}


def build_predictor(settings):
    """A new PredictorOnlyModel; its weights are a function of settings["seed"]."""
    torch.manual_seed(settings["seed"])
    return PredictorOnlyModel(ModelConfig.of(predictor_config(settings)))


def plan_weights(settings):
    """{loss of `plan_losses`: its weight}."""
    return dict(sign=settings["sign_weight"], digits=settings["digit_weight"],
                log_magnitude=settings["log_magnitude_weight"], operation=settings["operation_weight"],
                operands=settings["operand_weight"])


def numbers_wanted(batch):
    """The most numbers that a text of the batch holds, so that no digits of others are predicted; None on a GPU, which
    asking would wait for."""
    return max(1, int(batch.number_mask.sum(-1).max())) if batch.ids.device.type == "cpu" else None


def check_shares(settings):
    """Raise AssemblyError where hard_share or random_share can't be, or one does nothing without the other."""
    hard, spread = settings["hard_share"], settings["random_share"]
    if not 0 < hard <= 1:
        raise AssemblyError(f"hard_share={hard} must be above 0 and at most 1")
    if not 0 <= spread <= 1:
        raise AssemblyError(f"random_share={spread} must lie between 0 and 1: it is a share of what is learned from")
    if spread and hard == 1:
        raise AssemblyError(f"random_share={spread} does nothing at hard_share=1.0, which learns from every row: lower "
                            "hard_share or drop random_share")


def hard_rows(batch, loss, settings):
    """hard_share of a batch's rows, one at least, in their order: those of the largest losses (B,), but for random_share of
    them, which stand at equal distances in the batch whatever their loss: what nobody looks at is forgotten."""
    count = max(1, round(settings["hard_share"] * len(loss)))
    spread = round(settings["random_share"] * count)
    if spread:
        at = torch.arange(spread, device=loss.device) * len(loss) // spread
        loss = loss.float().index_fill(0, at, float("inf"))
    chosen = loss.topk(count).indices.sort().values
    return type(batch)(**{field.name: getattr(batch, field.name)[chosen] for field in fields(batch)})


def predictor_loss(settings, dag):
    """batch_loss(model, batch) -> (weighted loss, {name: loss}) of Phase 1."""
    identity = settings["dag_ops"].index("identity")
    weights = plan_weights(settings)

    @torch.no_grad()
    def hardest(model, batch):
        """The examples of the batch that the model is most wrong about. Labels here are never wrong, so that what is
        hard is worth learning; looking costs a third of learning (selective backpropagation, Jiang et al. 2019,
        arXiv:1910.00762, here without chance)."""
        plan = model(batch.ids, batch.lengths, n_values=numbers_wanted(batch))
        loss = sum((errors * counts).sum(1) for errors, counts in plan_errors(plan, batch, identity).values())
        return hard_rows(batch, loss, settings)

    def batch_loss(model, batch):
        if settings["hard_share"] < 1 and torch.is_grad_enabled():
            batch = hardest(model, batch)
        plan = model(batch.ids, batch.lengths, n_values=numbers_wanted(batch))
        losses = plan_losses(plan, batch, dag, identity)
        # A loss of weight 0 stays in the graph, so that every parameter has a gradient in every process.
        return sum(weights[name] * loss for name, loss in losses.items()), losses

    return batch_loss


def load_predictor(checkpoint, path):
    """(PredictorOnlyModel, tokenizer) of a Phase 1 checkpoint dict."""
    return load_model(checkpoint, path, 1, PredictorOnlyModel)


def load_model(checkpoint, path, phase, kind):
    """(kind(config) with the checkpoint's weights, tokenizer). Raises AssemblyError where it isn't one that fits."""
    if checkpoint.get("phase") != phase:
        script = {1: "train_predictor.py", 2: "train.py"}[phase]
        raise AssemblyError(f"{path} is a checkpoint of phase {checkpoint.get('phase')!r}, this reads phase {phase}; "
                            f"give one that {script} wrote")
    config = checkpoint["model_config"]
    tokenizer = get_tokenizer(config["tokenizer"])
    if fingerprint(tokenizer) != config["tokenizer_fingerprint"]:
        raise AssemblyError(f"{path} was trained with tokenizer {config['tokenizer']!r} of fingerprint "
                            f"{config['tokenizer_fingerprint']}, here it is {fingerprint(tokenizer)}; use the version "
                            "of this repository that trained it")
    model = kind(ModelConfig.of(config))
    load_weights(model, checkpoint, path)
    return model.eval(), tokenizer


# ---- Phase 2 ------------------------------------------------------------------------------------------------------

TEXTS = ("shakespeare", "gsm8k")        # data sets that data/NAME/prepare.py makes


def settle_phase2(settings):
    """`settle` for Phase 2, where dag_depth 0 is a plain GPT: label_depth is what plans of the data need."""
    if settings["max_ops"] < 0:
        settings["max_ops"] = settings["dag_depth"] or 3
    if settings["init_from_gpt2"]:
        settings["form"] = "gpt2"
    settings["label_depth"] = max(settings["dag_depth"] or settings["max_ops"], 1)
    settings["num_initial_values"] = settings["num_initial_values"] or settings["label_depth"] + 1
    return settle(settings)


def stream_config(settings):
    """What decides which rows a batch number means, as plain values; of prepared texts their tokens' hash."""
    names = ("dataset", "label_depth", "unlabelled_wording", "answer_digits", "answer_decimals", "block_size")
    texts = {f"{name}/train.bin": text_file(settings, name, "train").header["sha256"]
             for name, _ in dataset_names(settings) if name in TEXTS}
    return {**{name: settings[name] for name in names}, **texts, **data_config(settings)}


def answer_stream(settings, split, seed, device, batch_size=None, places=None):
    """The stream of expressions with answers that settled settings describe; places: as of `Stream`."""
    return AnswerStream(settings_of(Ranges, settings), settings_of(Wording, settings),
                        get_tokenizer(settings["tokenizer"]), seed=seed, split=split,
                        batch_size=batch_size or settings["batch_size"], dag_ops=settings["dag_ops"],
                        num_initial_values=settings["num_initial_values"], dag_depth=settings["label_depth"],
                        answer_places=(settings["answer_digits"], settings["answer_decimals"]),
                        unlabelled_wording=settings["unlabelled_wording"], places=places, device=device)


def text_file(settings, name, split):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", name, f"{split}.bin")
    return read_text_file(path, settings["tokenizer"], get_tokenizer(settings["tokenizer"]))


def text_stream(settings, name, split, seed, device, batch_size=None):
    """The stream of a prepared text."""
    return TextStream(text_file(settings, name, split), get_tokenizer(settings["tokenizer"]), seed=seed, split=split,
                      batch_size=batch_size or settings["batch_size"], block_size=settings["block_size"],
                      num_initial_values=settings["num_initial_values"], dag_depth=settings["label_depth"],
                      dag_ops=settings["dag_ops"], places=(settings["max_digits"], settings["max_decimals"]),
                      answer_places=(settings["answer_digits"], settings["answer_decimals"]), device=device)


def stream_of(settings, name, split, seed, device, batch_size=None):
    """The stream of the data set called `name`."""
    if name == "dagset":
        return answer_stream(settings, split, seed, device, batch_size)
    return text_stream(settings, name, split, seed, device, batch_size)


def dataset_names(settings):
    """[(name, weight)] of settings["dataset"]. Raises TextError for one that doesn't parse or that there isn't."""
    mixture = parse_mixture(settings["dataset"])
    check_names([name for name, _ in mixture], ("dagset", *TEXTS))
    return mixture


def training_stream(settings, device):
    """The stream that settings["dataset"] names: one data set, or a mixture by weights."""
    mixture = dataset_names(settings)
    streams = {name: stream_of(settings, name, "train", settings["seed"], device) for name, _ in mixture}
    if len(streams) == 1:
        return next(iter(streams.values()))
    return Mixture(streams, dict(mixture), settings["seed"])


def build_gpt(settings):
    """A new GPT; its weights are a function of settings["seed"]."""
    torch.manual_seed(settings["seed"])
    return GPT(ModelConfig.of(gpt_config(settings)))


def phase1_parameters(model):
    """Those of a GPT's parameters that Phase 1 trains, too: of the plan predictor and of the transformer it reads."""
    read = "backbone." if model.reading is None else "reading."
    return [parameter for name, parameter in model.named_parameters() if name.startswith((read, "predictor."))
            ] if model.config.dag_depth else []


def gpt_loss(settings, model):
    """batch_loss(model, batch) -> (weighted loss, {name: loss}) of Phase 2, for the GPT `model`, compiled or not.

    The language model's loss is a mean over tokens, those of prompts weighing prompt_weight. Where the batch labels
    plans, the right answers are read out in place of executed ones: from wrong ones nobody learns to read.
    """
    identity, weights = settings["dag_ops"].index("identity"), {
        **plan_weights(settings), **{name: settings[f"{name}_weight"] for name in ("router", "gate", "answer")}}
    has_dag, dag = settings["dag_depth"] > 0, getattr(model, "dag", None)
    # A step executes plans only where it must: thousands of small operations, which a GPU feels.
    executes = settings["answer_gradient"] or bool(settings["unlabelled_wording"])

    def token_weights(batch):
        known = batch.targets != IGNORE
        is_prompt = known & ~batch.answering & batch.has_prompts
        return known.float() - (1 - settings["prompt_weight"]) * is_prompt.float()

    def language_loss(logits, only, batch):
        targets, share, answering = batch.targets, token_weights(batch), batch.answering.float()
        if only is not None:
            targets, share, answering = targets[only], share[only], answering[only]
        errors = F.cross_entropy(logits.float().flatten(0, -2), targets.flatten(), ignore_index=IGNORE,
                                 reduction="none").view(targets.shape)
        figures = dict(answer_loss=(errors * answering).sum() / answering.sum().clamp(min=1))
        return (errors * share).sum() / share.sum().clamp(min=1), figures

    def binary_loss(logits, target, known):
        errors = F.binary_cross_entropy_with_logits(logits.float(), target.float(), reduction="none")
        return (errors * known).sum() / known.sum().clamp(min=1)

    def labels_of(batch):
        return SimpleNamespace(number_mask=(batch.number_mask & batch.labelled[..., None]).flatten(0, 1), **{
            name: getattr(batch, name).flatten(0, 1) for name in ("negative", "digits", "operation", "operand1",
                                                                  "operand2")})

    @torch.no_grad()
    def hardest(model, batch):
        """The expressions of the batch whose plans the model is most wrong about, or where it sees no answer due; as in
        `predictor_loss`. Of prepared texts, whose rows hold many plans or none, as many rows, mostly the first ones."""
        if not isinstance(batch, AnswerBatch):
            return hard_rows(batch, -torch.arange(len(batch.ids), device=batch.ids.device), settings)
        # No token's logits are wanted; on a GPU saying so would wait for it (see `only` below).
        none = torch.zeros_like(batch.answering) if batch.ids.device.type == "cpu" else None
        *_, seen = model(batch.ids, readers=batch.readers, n_values=numbers_wanted(batch), answering=batch.answering,
                         only=none, answers=(batch.characters, batch.labelled), execute=False, details=True)
        plans = Plan(*(field.flatten(0, 1) for field in vars(seen.plan).values()))
        errors = plan_errors(plans, labels_of(batch), identity, batch.labelled.flatten()).values()
        missed = F.softplus(-seen.router_logits.gather(1, batch.readers)[:, 0].float())
        loss = missed + sum((error * counts).sum(1) for error, counts in errors)
        return hard_rows(batch, loss, settings)

    def batch_loss(model, batch):
        if settings["hard_share"] < 1 and torch.is_grad_enabled():
            batch = hardest(model, batch)
        # Choosing tokens waits for the device. On a CPU there is none to wait for, and a head costs by the token.
        only = token_weights(batch) > 0 if settings["prompt_weight"] == 0 and batch.ids.device.type == "cpu" else None
        if not has_dag:
            logits, _ = model(batch.ids, only=only)
            return language_loss(logits, only, batch)
        readers = torch.where(batch.reader_mask, batch.readers, -1)
        # Without a reader the plan's parameters would have no gradient in some processes: the first token stands in.
        readers[0, 0] = torch.where(batch.reader_mask.any(), readers[0, 0], 0)
        n_values = None if executes else numbers_wanted(batch)
        logits, _, seen = model(batch.ids, readers=readers, n_values=n_values, answering=batch.answering, only=only,
                                answers=(batch.characters, batch.labelled), execute=executes,
                                answer_gradient=settings["answer_gradient"], details=True)
        loss, figures = language_loss(logits, only, batch)
        plans = Plan(*(field.flatten(0, 1) for field in vars(seen.plan).values()))
        losses = plan_losses(plans, labels_of(batch), dag, identity, batch.labelled.flatten())
        if settings["answer_gradient"]:
            losses["answer"] = answer_loss(*seen.neighbours, batch)
        known = (batch.targets != IGNORE).float()
        due = torch.zeros_like(batch.answering).scatter(1, readers.clamp(min=0), batch.reader_mask)
        losses["router"] = binary_loss(seen.router_logits, due, known)
        losses["gate"] = binary_loss(seen.gate_logits, batch.answering, known * seen.active)
        total = loss + sum(weights[name] * value for name, value in losses.items())
        return total, {**figures, "text_loss": loss, **losses}

    return batch_loss


def start_from_gpt2(settings):
    """A GPT whose backbone has GPT-2's published weights, settings["init_from_gpt2"]; the DAG's are new."""
    torch.manual_seed(settings["seed"])
    return GPT.from_pretrained(settings["init_from_gpt2"], vars(ModelConfig.of(gpt_config(settings))))


def start_from_predictor(model, path):
    """Copy a Phase 1 checkpoint's weights, or a GPT's, into a GPT wherever names and shapes agree; says what was done.

    Its backbone becomes the transformer that the GPT's DAG reads, the GPT's own or, where it has one, the other. Raises
    AssemblyError where the checkpoint is of another tokeniser or form, or agrees in nothing.
    """
    path = find_checkpoint(path)
    checkpoint = load_checkpoint(path)
    reading = model.config.reading
    if reading.form != "modern":
        raise AssemblyError(f"{path} has weights of a 'modern' backbone, this model's form is {reading.form!r}: use "
                            "--n_read_layer=N, so that it has a transformer for them")
    predictor, tokenizer = (load_gpt if checkpoint.get("phase") == 2 else load_predictor)(checkpoint, path)
    if predictor.config.form != "modern":
        raise AssemblyError(f"{path} has weights of a {predictor.config.form!r} backbone, this model's form is 'modern'")
    if tokenizer.n_vocab != model.config.vocab_size:
        raise AssemblyError(f"{path} was trained with a vocabulary of {tokenizer.n_vocab}, this model has "
                            f"{model.config.vocab_size}: use --tokenizer={checkpoint['model_config']['tokenizer']}")
    # What decides what weights mean, though shapes may agree without it. A model may read more decimals than it did.
    for name in ("dag_ops", "max_digits", "max_decimals", "n_head"):
        was, now = getattr(predictor.config.reading, name), getattr(reading, name)
        if was != now and not (name == "max_decimals" and was < now):
            if name == "n_head" and model.reading is not None:
                name = "n_read_head"
            raise AssemblyError(f"{path} was trained with {name}={was}, this model has {name}={now}: its weights would "
                                f"mean something else; use --{name}={','.join(was) if name == 'dag_ops' else was}")
    mine, theirs = model.state_dict(), predictor.state_dict()
    if predictor.config.reading.max_decimals < reading.max_decimals:
        # More decimals are the last of the places, behind those it knows. A query that looks for one is new, and the key of one
        # begins by changing nothing.
        for name, known in theirs.items():
            if name.endswith(("place_embedding.weight", "digit_places.embedding.weight")) and name in mine and (
                    mine[name].shape[1:] == known.shape[1:]):
                rest = mine[name][len(known):]
                theirs[name] = torch.cat((known, torch.zeros_like(rest) if "digit_places" in name else rest))
    if model.reading is not None and not predictor.config.n_read_layer:
        theirs = {re.sub(r"^backbone\.", "reading.", name): value for name, value in theirs.items()}
    fits = {name for name, value in theirs.items() if name in mine and mine[name].shape == value.shape}
    if (predictor.config.num_initial_values, predictor.config.dag_depth) != (
            model.config.num_initial_values, model.config.dag_depth):       # slots of other meaning, if as many
        fits = {name for name in fits if "query_embedding" not in name and "operand_head" not in name}
    places = "answer_digits", "answer_decimals"
    if [getattr(predictor.config, name) for name in places] != [getattr(model.config, name) for name in places]:
        fits = {name for name in fits if not name.startswith("readout.")}       # as many characters, of other meaning
    if not fits:
        raise AssemblyError(f"{path}: no weight of it has the shape of this model's; train with the sizes it has")
    # Positions that it wasn't trained with begin by changing nothing.
    of_positions = {name for name in set(mine) - set(theirs)
                    if name.endswith(("depth_embedding.weight", "count_embedding.weight", "waiting_embedding.weight",
                                     "digit_places.embedding.weight"))}
    mine.update({name: torch.zeros_like(mine[name]) for name in of_positions})
    lacking = [role for role in (*ROLES, "power") if getattr(model.config, f"{role}_token_ids") != getattr(predictor.config,
                                                                                              f"{role}_token_ids")]
    model.load_state_dict({**mine, **{name: theirs[name] for name in fits}})
    left = sorted({name.rsplit(".", 1)[0] for name in theirs if name not in fits})
    of_other_shape = f"; of another shape and left as they were: {', '.join(left)}" if left else ""
    new = f"; it was trained without this model's positions by {', '.join(lacking)}" if lacking else ""
    return (f"{path}: took {len(fits)} of its {len(theirs)} tensors, {sum(theirs[name].numel() for name in fits):,} of "
            f"this model's {model.get_num_params():,} parameters{of_other_shape}{new}")


def answer_loss(log_shares, characters, batch):
    """How unlikely the plans are that come to the right answer, in nats: a mean over readers without plan labels.

    The likelihood of an answer is marginal: a sum over the plans that `DifferentiableDAG.neighbours` tried. Where none
    of them comes to it, nothing is learned. Maximum marginal likelihood, as in semantic parsing from answers (Liang,
    Jordan and Klein 2011, "Learning dependency-based compositional semantics").
    """
    right = (characters == batch.characters[:, :, None]).all(-1)                           # (B, R, N)
    counts = right.any(-1) & batch.reader_mask & ~batch.labelled
    likelihood = log_shares.masked_fill(~right, -1e9).logsumexp(-1).masked_fill(~counts, 0.0)
    return -likelihood.sum() / counts.sum().clamp(min=1)


def load_gpt(checkpoint, path):
    """(GPT, tokenizer) of a Phase 2 checkpoint dict."""
    model, tokenizer = load_model(checkpoint, path, 2, GPT)
    # Where it has seen "How many are left? =", a question mark may stand without an answer due, and prompts ask with both.
    model.asks_again = any(checkpoint["settings"].get(rate, 0.0) > 0 for rate in ("equals_rate", "story_rate"))
    return model, tokenizer
