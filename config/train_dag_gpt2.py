# GPT-2's shape, 12 layers of 768, from scratch and with the DAG in it, for GPUs, on texts whose numbers matter. First
# prepare the texts with --tokenizer=gpt2 (data/shakespeare/prepare.py, data/gsm8k/prepare.py); without GPT-2's token file
# in tiktoken's cache they say how to get it. From GPT-2's own weights, fetched once, or out of a file:
#   torchrun --nproc_per_node=8 train.py config/train_dag_gpt2.py [--init_from_gpt2=gpt2]
out_dir = "out/dag-gpt2"
dataset = "dagset:0.5,gsm8k:0.4,shakespeare:0.1"
tokenizer = "gpt2"

n_layer = 12
n_head = 12
n_embd = 768
block_size = 1024
n_read_layer = 4                # what the DAG reads: costs next to nothing here, and the text loses nothing
dag_depth = 6
max_digits = 12
max_decimals = 6
round_rate = 0.1
percent_rate = 0.02
multiple_rate = 0.04

batch_size = 16
gradient_accumulation_steps = 8
max_iters = 20000
warmup_iters = 500
flat_fraction = 0.2
learning_rate = 6e-4
weight_decay = 0.1
beta2 = 0.95
eval_interval = 1000
checkpoint_interval = 1000

english_conversion_rate = 0.3
operator_word_rate = 0.4
prose_rate = 0.35
chain_rate = 0.4
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
sign_word_rate = 0.05
two_hyphens_rate = 0.02
capital_rate = 0.3
