"""Phase 2: train a GPT with the DAG in it as a language model, or, with --dag_depth=0, a plain GPT.

    python train.py config/train_dag_cpu.py                          # exact answers on a laptop, in ten minutes
    python train.py config/train_gpt_baseline.py                     # the plain GPT beside it
    python train.py config/train_default.py --dag_depth=2 --max_iters=100
    torchrun --nproc_per_node=8 train.py config/train_dag_gpt2.py    # GPT-2's shape, on GPUs

Every name below is a setting: a config file assigns it, --name=value overrides it.
"""
import os

from assembly import (UNNAMED, build_gpt, check_shares, dataset_names, gpt_config, gpt_loss, phase1_parameters,
                      settle_phase2, start_from_gpt2, start_from_predictor, stream_config, stream_of, training_stream)
from charts import pictures_of
from checkpoint import has_checkpoints
from configurator import ConfigError, clear_errors, configure
from data.dagset import get_tokenizer
from dag_logger import DAGLogger
from devices import resolve_device
from evaluation import evaluate_gpt, plan_rows
from models.gpt2 import PUBLISHED
from training import check_settings, train

# The run
out_dir = "out/gpt"             # checkpoints and metrics.jsonl
init_from = "scratch"           # "resume"; "auto": resume if there is something to; or a checkpoint, for its weights
init_from_predictor = ""        # a Phase 1 checkpoint or its out_dir: its weights, wherever shapes agree
init_from_gpt2 = ""             # "gpt2", "gpt2-medium", ..., or a file of such weights: a new run's backbone, form="gpt2"
eval_only = False               # evaluate init_from and stop
seed = 1                        # of the weights and of the training stream
device = "auto"                 # "cpu", "cuda", "cuda:1"
dtype = "auto"                  # "float32", "bfloat16", "float16" (CUDA alone); auto is float32 on a CPU
compile = False                 # torch.compile; goes on without where it fails
max_iters = 100000
max_minutes = 0.0               # 0.0 is no limit; the learning rate decays towards whichever end comes first
log_interval = 50               # iterations
eval_interval = 1000            # iterations
checkpoint_interval = 1000      # iterations
dag_log_interval = 250          # iterations between looks inside the model (dag_logger.py); 0 turns them off
eval_examples = 10000           # of the validation split of "dagset", each of other content; the same ones every time
eval_seed = 1                   # of those examples
eval_rows = 400                 # of the validation split of a prepared text

# Weights & Biases, beside metrics.jsonl
wandb_log = False               # needs `pip install wandb`; whatever goes wrong there never harms the run
wandb_project = "nanogpt-dag"
wandb_run_name = ""             # "" leaves the name to wandb
wandb_mode = ""                 # "online", "offline"; "" takes $WANDB_MODE, else online where there is a key

# What is learned: "dagset" (expressions with answers), "shakespeare", "gsm8k", or a mixture, "dagset:0.7,gsm8k:0.3"
dataset = "dagset"
prompt_weight = 1.0             # of a prompt's tokens in the language model's loss; prose always weighs 1
unlabelled_wording = ""         # an operator's phrase, like "over": texts with it teach by their answers alone

# The batch: gradient_accumulation_steps micro-batches of batch_size different rows make one iteration
batch_size = 64
hard_share = 1.0                # of a micro-batch that is learned from: the expressions of the largest loss; 1.0 is all
random_share = 0.0              # of what is learned from: rows at equal distances in the batch, whatever their loss
gradient_accumulation_steps = 1

# The optimiser
optimizer = "adamw"             # "muon": Muon for hidden matrices, AdamW for the rest
learning_rate = 2e-3
muon_learning_rate = 1e-2       # peak rate of Muon's matrices
predictor_lr_scale = 1.0        # rates of the weights that Phase 1 has, over those of the others; 0.0 leaves them alone
min_lr_fraction = 0.02          # of the peak rate, at the end
warmup_iters = 100
flat_fraction = 0.5             # of the run at the peak rate; then linear decay
weight_decay = 0.01
beta1 = 0.9
beta2 = 0.98
grad_clip = 1.0                 # norm; 0.0 turns it off

# Weights of losses beside the language model's; 0.0 turns one off
sign_weight = 1.0
digit_weight = 1.0              # cross-entropy summed over a number's digits
log_magnitude_weight = 0.0      # absolute error in decades of the expected magnitude; the digits already fix it
operation_weight = 1.0          # summed over a plan's steps
operand_weight = 1.0            # both operands, summed over a plan's steps
router_weight = 1.0             # is an answer due after this token?
gate_weight = 1.0               # is this token part of an answer?
answer_weight = 1.0             # likelihood of plans that come to the answer, where only that is given
answer_gradient = False         # let what an answer's text says reach operations and operands; so, too, answer_weight

# The model
tokenizer = "dag"               # "gpt2": GPT-2's ids, digits split singly
block_size = 512                # longest text, in tokens
n_layer = 3
n_head = 2
n_embd = 96
n_plan_layer = 1                # layers of the plan predictor
n_read_layer = 0                # of a transformer of its own that the DAG reads; 0: it reads the GPT's own states
n_read_embd = 128
n_read_head = 4
form = "modern"                 # of the backbone; "gpt2" is GPT-2's own
dag_depth = 3                   # D: steps of a plan; 0 is a plain GPT
num_initial_values = 0          # K: numbers a plan can read; 0 is one more than its steps
dag_ops = ("add", "subtract", "multiply", "divide", "identity")
number_positions = True         # embed what models/positions.py counts beside the tokens: places, numbers, brackets
answer_digits = 16              # integer digits an answer can have, 1 to 25; more is "too large"
answer_decimals = 6             # that answers are rounded to, 0 to 12

# What expressions are made of
min_ops = 1
max_ops = -1                    # -1 is dag_depth, or 3 in a plain GPT
usual_ops = 0                   # texts of more operations come at long_rate alone; 0: none is unusual
long_rate = 0.1
max_digits = 4                  # integer digits, 1 to 20
usual_digits = 0                # numbers of more integer digits come at long_number_rate alone; 0: none is unusual
long_number_rate = 0.1
short_rate = 0.0                # of texts whose numbers, but percents, all have at most 3 integer digits and 2 decimals
single_digit_rate = 0.0         # of those whose numbers, but percents and fractions, have a single digit
max_decimals = 4                # 0 to 12
usual_decimals = 0              # numbers of more decimals come at long_number_rate alone; 0: none is unusual
integer_rate = 0.5              # of numbers without decimals
round_rate = 0.0                # of integers that keep only some first digits, 30 or 2,500,000; half of it whole texts
negative_rate = 0.15            # of negative numbers
identity_rate = 0.02            # of texts that are a single number
zero_divisor_rate = 0.01        # of divisions by a number where that number is zero
percent_rate = 0.0              # of numbers in percent, 25% for 0.25; four times that before a product
multiple_rate = 0.0             # of products and quotients of a number with a name: twice 8, a third of 8; 8, double it
fraction_rate = 0.0             # of numbers that end in a half or a quarter: two and a half, in digits 2.5 or as mixed_number_rate says
list_rate = 0.0                 # of texts of several operations with a list: the sum of 12, 5 and 9
formula_rate = 0.0              # of texts that come to what scenes are listed under, by how many there are (data/dagset/told/);
                                # with story_rate scenes tell it, some numbers unsaid: the average of 8 and 12
positive_rate = 0.0             # of those whose numbers are such that no step comes to zero or less, as people's do

# How they are written; a rate of 0.0 turns a wording off
english_conversion_rate = 0.3   # share of numbers in English words; half of it comes as whole texts in English
operator_word_rate = 0.3        # of operators as words, in texts that aren't all English
prose_rate = 0.0                # "the sum of a and b", "subtract a from b", "a less than b"
chain_rate = 0.0                # of its imperatives that go on: "add a to b, then multiply by c"
sentence_rate = 0.0             # of those as sentences: "Take a. Subtract b. Then multiply by c."
question_rate = 0.0             # of prose "How much more is a than b?", of frames "Can you ... for me?"
frame_rate = 0.0                # "What is ...?", "Q: ... \n\nA:", "... ="
story_rate = 0.0                # of up to 6 operations on plain numbers, where one tells them: "Tom had 12 apples and ..."
swap_rate = 0.0                 # of scenes among them with some words put for others, in training alone: "N owls" for "N dancers"
equals_rate = 0.0               # of the questions that end in a question mark, with " =" behind it
chat_rate = 0.0                 # texts that a chat's words stand before, and as many behind: Hello! ... Thanks!
redundant_parentheses_rate = 0.02
compact_rate = 0.1              # no spaces round symbols
typeset_rate = 0.0              # × ÷ −
times_sign_rate = 0.0           # x, X, × or · for *: 3 x 4, 3x4
square_bracket_rate = 0.0       # [] for ()
implicit_times_rate = 0.0       # 2(3 + 4), of multiplications by what is in parentheses
word_variant_rate = 0.0         # "multiplied by", "over", "less"
thousands_separator_rate = 0.0  # 1,234
leading_point_rate = 0.0        # .5
and_rate = 0.0                  # one hundred and five
hyphen_rate = 0.5               # twenty-five, against twenty five
a_for_one_rate = 0.0            # "a hundred and five", "a thousand"
oh_rate = 0.0                   # "oh" for zeros after the point
minus_word_rate = 0.2           # "minus three", against "negative three"
annotation_rate = 0.0           # texts as calculator annotations in prose: He has 2*9 = <<2*9=
currency_rate = 0.0             # texts whose numbers in digits have a currency: $5, $1,234.50, -$3
unit_rate = 0.0                 # texts with what is counted behind most numbers: 5 apples plus 3
mixed_number_rate = 0.0         # numbers that end in a half or a quarter, in digits among words, as "2 and a half"
sign_word_rate = 0.0            # "negative 3"
two_hyphens_rate = 0.0          # "--3" is 3
capital_rate = 0.0              # texts that begin with a capital


def validation_sets(settings, device):
    """{data set: batches} to evaluate on, "dagset" first where it is among them."""
    sets, names = {}, {name for name, _ in dataset_names(settings)}
    for name in (name for name in ("dagset", "gsm8k", "shakespeare") if name in names):     # the first one's answers
        stream = stream_of(settings, name, "val", settings["eval_seed"], device, batch_size=64)     # say what is best
        rows = max(1, min(64, (1 << 14) // settings["block_size"]))       # so that logits fit into memory
        sets[name] = (stream.evaluation_set(settings["eval_examples"]) if name == "dagset"
                      else stream.batches_of_all(rows, settings["eval_rows"]))
    return sets


def main(settings):
    check_settings(settings)
    device, settings = resolve_device(settings["device"]), settle_phase2(settings)
    if settings["eval_rows"] < 1:
        raise ConfigError(f"eval_rows={settings['eval_rows']} must be at least 1")
    if settings["init_from"] in PUBLISHED:
        raise ConfigError(f"init_from={settings['init_from']!r} would be a checkpoint of this project: GPT-2's weights "
                          f"come with --init_from_gpt2={settings['init_from']}, as in config/train_dag_gpt2.py")
    for one, other in (("init_from_gpt2", "init_from_predictor"), ("init_from_predictor", "init_from"),
                       ("init_from_gpt2", "init_from")):
        both = {one, other} == {"init_from_gpt2", "init_from_predictor"} and settings["n_read_layer"] > 0
        if settings[one] and settings[other] not in ("", "scratch", "auto") and not both:
            way_out = ", or give the DAG a transformer of its own with --n_read_layer=4" if "gpt2" in one and (
                "predictor" in other) else ""
            raise ConfigError(f"{one}={settings[one]!r} starts a new run, {other}={settings[other]!r} "
                              f"doesn't go with it: drop one of them{way_out}")
    check_shares(settings)
    if settings["hard_share"] < 1 and not settings["dag_depth"]:
        raise ConfigError(f"hard_share={settings['hard_share']} chooses by how wrong plans are, and dag_depth=0 has none: "
                          "use --hard_share=1.0")
    if not 0 <= settings["predictor_lr_scale"] <= 1:
        raise ConfigError(f"predictor_lr_scale={settings['predictor_lr_scale']} must lie between 0 and 1: it is a share of "
                          "learning_rate")
    resuming = settings["init_from"] == "auto" and has_checkpoints(settings["out_dir"])
    config = gpt_config(settings)
    model = start_from_gpt2(settings) if settings["init_from_gpt2"] and not resuming else build_gpt(settings)
    stream = training_stream(settings, device)
    longest = max(getattr(each, "max_tokens", 0) for each in getattr(stream, "streams", {"": stream}).values())
    if longest > settings["block_size"]:
        raise ConfigError(f"texts of these ranges and wordings can have {longest} tokens, block_size is "
                          f"{settings['block_size']}: raise --block_size, or lower max_ops, max_digits or max_decimals")
    is_first = os.environ.get("RANK", "0") == "0"
    sets = validation_sets(settings, device) if is_first else {}
    if settings["init_from_predictor"] and not resuming:
        said = start_from_predictor(model, settings["init_from_predictor"])
        if is_first:
            print(said, flush=True)
    for parameter in phase1_parameters(model):
        parameter.lr_scale = settings["predictor_lr_scale"]
    score = "negative_loss" if {name for name, _ in dataset_names(settings)} == {"shakespeare"} else "exact_answer"

    def evaluate(model):
        figures = evaluate_gpt(model, sets)
        if score not in figures:
            figures["negative_loss"] = -figures["text_loss"]
        if "dagset" in sets:
            figures["plans"] = plan_rows(model, get_tokenizer(settings["tokenizer"]), sets["dagset"])
        return figures

    loss = gpt_loss(settings, model)
    # A look inside the model is at a few validation rows of each data set, the same ones every time; batches are sorted by
    # length, those in the middle are as long as most.
    weights = dict(dataset_names(settings))
    looks = DAGLogger({name: (batches[len(batches) // 2], weights[name]) for name, batches in sets.items()}, loss)
    to_resume = dict(stream_config(settings), predictor_lr_scale=settings["predictor_lr_scale"])
    return train(settings, model, stream, loss, evaluate, score=score, observe=looks.observe, pictures=pictures_of,
                 unnamed=UNNAMED, checkpoint_extra=dict(phase=2, model_config=config, must_match=config,
                                                        must_match_to_resume=to_resume))


if __name__ == "__main__":
    with clear_errors():
        main(configure(globals()))
