# Phase 1 on a laptop: up to 3 operations, 4 + 4 digits, 30 % English, five minutes on two CPU cores.
out_dir = "out/predictor-cpu"
max_minutes = 5.0               # --max_minutes=15 --flat_fraction=0.2 for the last hundredth of a percent

dag_depth = 3
max_digits = 4
max_decimals = 4
english_conversion_rate = 0.3

batch_size = 64                 # many small steps beat few large ones on a CPU
n_head = 2                      # wide heads: attention over short texts costs by the head
eval_interval = 2000            # evaluating counts as training time
checkpoint_interval = 1000
