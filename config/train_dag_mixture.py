# Prose and arithmetic together: the gate learns where a result is due. Python data/shakespeare/prepare.py and
# data/gsm8k/prepare.py first. 1.8 million parameters; start it from Phase 1's weights:
#   --init_from_predictor=out/predictor
# The plain GPT beside it: --dag_depth=0 --max_ops=6, with --n_layer=8 for as many parameters
out_dir = "out/dag-mixture"
dataset = "dagset:0.55,gsm8k:0.4,shakespeare:0.05"

max_iters = 3000
warmup_iters = 100
flat_fraction = 0.3
learning_rate = 1e-3
batch_size = 128
eval_interval = 500
checkpoint_interval = 500
log_interval = 20

n_layer = 4
n_head = 4
n_embd = 128
n_plan_layer = 2
block_size = 512
dag_depth = 6

max_digits = 12
max_decimals = 6
round_rate = 0.1
percent_rate = 0.02
multiple_rate = 0.04
list_rate = 0.08

english_conversion_rate = 0.3
operator_word_rate = 0.4
prose_rate = 0.35
chain_rate = 0.4
sentence_rate = 0.2
question_rate = 0.1
frame_rate = 0.5
typeset_rate = 0.1
times_sign_rate = 0.2
square_bracket_rate = 0.05
implicit_times_rate = 0.3
word_variant_rate = 0.3
thousands_separator_rate = 0.15
leading_point_rate = 0.3
and_rate = 0.3
a_for_one_rate = 0.2
oh_rate = 0.1
annotation_rate = 0.06
currency_rate = 0.04
sign_word_rate = 0.05
two_hyphens_rate = 0.02
capital_rate = 0.3
