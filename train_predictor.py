"""Phase 1: pretrain the plan predictor on the streaming generator of expressions.

    python train_predictor.py config/train_predictor_cpu.py                  # 5 minutes on a laptop
    python train_predictor.py config/train_predictor_config.py               # the full ranges, for a GPU
    torchrun --nproc_per_node=8 train_predictor.py config/train_predictor_config.py

Every name below is a setting: a config file assigns it, --name=value overrides it.
"""
import os

from assembly import (UNNAMED, build_predictor, check_shares, data_config, make_stream, predictor_config, predictor_loss,
                      settle)
from charts import pictures_of
from configurator import ConfigError, clear_errors, configure
from dag_logger import DAGLogger
from data.dagset import get_tokenizer
from devices import resolve_device
from evaluation import evaluate_predictor, plan_rows
from training import check_settings, train

# The run
out_dir = "out/predictor"       # checkpoints and metrics.jsonl
init_from = "scratch"           # "resume"; "auto": resume if there is something to; or a checkpoint, for its weights
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
eval_examples = 10000           # of the validation split, each of other content; the same ones every time
eval_seed = 1                   # of those examples

# Weights & Biases, beside metrics.jsonl
wandb_log = False               # needs `pip install wandb`; whatever goes wrong there never harms the run
wandb_project = "nanogpt-dag"
wandb_run_name = ""             # "" leaves the name to wandb
wandb_mode = ""                 # "online", "offline"; "" takes $WANDB_MODE, else online where there is a key

# The batch: gradient_accumulation_steps micro-batches of batch_size different examples make one iteration
batch_size = 96
hard_share = 1.0                # of a micro-batch that is learned from: the examples of the largest loss; 1.0 is all
random_share = 0.0              # of what is learned from: rows at equal distances in the batch, whatever their loss
gradient_accumulation_steps = 1

# The optimiser
optimizer = "adamw"             # "muon": Muon for hidden matrices, AdamW for the rest
learning_rate = 2e-3
muon_learning_rate = 1e-2       # peak rate of Muon's matrices
min_lr_fraction = 0.02          # of the peak rate, at the end
warmup_iters = 100
flat_fraction = 0.5             # of the run at the peak rate; then linear decay
weight_decay = 0.01
beta1 = 0.9
beta2 = 0.98
grad_clip = 1.0                 # norm; 0.0 turns it off

# Loss weights; 0.0 turns a loss off
sign_weight = 1.0
digit_weight = 1.0              # cross-entropy summed over a number's digits
log_magnitude_weight = 0.0      # absolute error in decades of the expected magnitude; the digits already fix it
operation_weight = 1.0          # summed over a plan's steps
operand_weight = 1.0            # both operands, summed over a plan's steps

# The model
tokenizer = "dag"               # "gpt2": GPT-2's ids, digits split singly
block_size = 512                # longest text, in tokens
n_layer = 3
n_head = 4
n_embd = 96
n_plan_layer = 1                # layers of the plan predictor
dag_depth = 3                   # D: steps of a plan
num_initial_values = 0          # K: numbers a plan can read; 0 is dag_depth + 1
dag_ops = ("add", "subtract", "multiply", "divide", "identity")
number_positions = True         # embed what models/positions.py counts beside the tokens: places, numbers, brackets

# What expressions are made of
min_ops = 1
max_ops = -1                    # -1 is dag_depth
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


def main(settings):
    check_settings(settings)
    check_shares(settings)
    device, settings = resolve_device(settings["device"]), settle(settings)
    model, config = build_predictor(settings), predictor_config(settings)
    stream = make_stream(settings, "train", settings["seed"], device)
    held_out = make_stream(settings, "val", settings["eval_seed"], device, batch_size=256)
    if stream.max_tokens > settings["block_size"]:
        raise ConfigError(f"texts of these ranges and wordings can have {stream.max_tokens} tokens, block_size is "
                          f"{settings['block_size']}: raise --block_size, or lower max_ops, max_digits or max_decimals")
    # Made before training, so that ranges too narrow for it are refused now; only the first process evaluates.
    batches = held_out.evaluation_set(settings["eval_examples"]) if os.environ.get("RANK", "0") == "0" else []

    def evaluate(model):
        return {**evaluate_predictor(model, batches),
                "plans": plan_rows(model, get_tokenizer(settings["tokenizer"]), batches)}

    loss = predictor_loss(settings, model.dag)
    # Batches are sorted by length: one in the middle is as long as most.
    looks = DAGLogger({"dagset": (batches[len(batches) // 2], 1.0)} if batches else {}, loss)
    return train(settings, model, stream, loss, evaluate, score="exact_plan", observe=looks.observe, pictures=pictures_of,
                 unnamed=UNNAMED, checkpoint_extra=dict(phase=1, model_config=config, must_match=config,
                                                        must_match_to_resume=data_config(settings)))


if __name__ == "__main__":
    with clear_errors():
        main(configure(globals()))
