# Phase 2 on a laptop: GPT + DAG learns to print exact answers, up to 3 operations, 4 + 4 digits, 30 % English.
# Ten minutes from scratch on two CPU cores; or three from Phase 1's weights, which a high rate would wear down first:
#   --max_minutes=3 --init_from_predictor=out/predictor-cpu --learning_rate=1e-3 --flat_fraction=0.1
out_dir = "out/dag-cpu"
max_minutes = 10.0

dag_depth = 3
max_digits = 4
max_decimals = 4
english_conversion_rate = 0.3

n_layer = 3
n_head = 2                      # wide heads: attention over short texts costs by the head
n_embd = 96
batch_size = 64                 # many small steps beat few large ones on a CPU
prompt_weight = 0.0             # operands are drawn at random: nothing is to be learned of them
eval_interval = 2000            # evaluating counts as training time
checkpoint_interval = 1000
