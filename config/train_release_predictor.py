# Phase 1 of the published checkpoint: up to 6 operations in full share and 7 to 10 in a small one, 12 + 6 digits and up
# to 20 in a small share, every wording. Then a second stage on the hardest quarter of the texts, and config/train_release.py.
#   python train_predictor.py config/train_release_predictor.py
#   python train_predictor.py config/train_release_predictor.py --init_from=out/release-predictor \
#       --out_dir=out/release-predictor-2 --seed=2 --batch_size=256 --hard_share=0.25 --long_rate=0.4 \
#       --learning_rate=7e-4 --flat_fraction=0.45 --warmup_iters=40 --max_minutes=58
# On a CPU without bfloat16 of its own (AVX512-BF16, AMX) --dtype=float32 is faster. On a GPU --batch_size=2048
# --warmup_iters=500 and fewer minutes.
out_dir = "out/release-predictor"
dtype = "bfloat16"
max_minutes = 90.0
max_iters = 1000000

batch_size = 64
learning_rate = 2e-3
warmup_iters = 200
flat_fraction = 0.4
min_lr_fraction = 0.01
log_magnitude_weight = 0.0      # the digits teach the same more sharply
eval_interval = 2000
eval_examples = 4000
checkpoint_interval = 500
log_interval = 50
dag_log_interval = 2000

n_layer = 4
n_head = 4
n_embd = 128
n_plan_layer = 3
block_size = 1280               # the longest text there could be has 1,245 tokens; most have 60
dag_depth = 10

usual_ops = 6
long_rate = 0.2
max_digits = 20
usual_digits = 12
long_number_rate = 0.06
short_rate = 0.5
single_digit_rate = 0.25
max_decimals = 12
usual_decimals = 6
round_rate = 0.1
percent_rate = 0.05
multiple_rate = 0.04
fraction_rate = 0.02
list_rate = 0.08
formula_rate = 0.06

english_conversion_rate = 0.3
operator_word_rate = 0.4
prose_rate = 0.35
chain_rate = 0.4
sentence_rate = 0.2
question_rate = 0.1
frame_rate = 0.5
story_rate = 0.35
equals_rate = 1.0
chat_rate = 0.05
typeset_rate = 0.08
times_sign_rate = 0.15
square_bracket_rate = 0.05
implicit_times_rate = 0.15
word_variant_rate = 0.3
compact_rate = 0.25
thousands_separator_rate = 0.15
leading_point_rate = 0.3
and_rate = 0.3
a_for_one_rate = 0.2
oh_rate = 0.1
annotation_rate = 0.06
currency_rate = 0.04
unit_rate = 0.03
sign_word_rate = 0.05
two_hyphens_rate = 0.02
capital_rate = 0.3
