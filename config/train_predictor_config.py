# Phase 1 in full: up to 6 operations, 12 + 6 digits, every wording; about 1.6 M parameters.
# 1024 x 16 = 16,384 different examples an iteration on a GPU; the same command is useful on a laptop's CPU, where many
# small steps beat few large ones.
out_dir = "out/predictor"

import torch

# Write --device=cpu before this file's name to have it seen here.
_on_gpu = device.startswith("cuda") or (device == "auto" and torch.cuda.is_available())
batch_size, gradient_accumulation_steps = (1024, 16) if _on_gpu else (64, 1)

max_iters = 20000
warmup_iters = 200
eval_interval = 500
checkpoint_interval = 500
log_interval = 20
learning_rate = 1e-3

# Sign, log-magnitude and operation losses at once, with digits and operands beside them
log_magnitude_weight = 0.1      # of a whole-number decade; the digits teach the same more sharply

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
currency_rate = 0.04
sign_word_rate = 0.05
two_hyphens_rate = 0.02
capital_rate = 0.3
