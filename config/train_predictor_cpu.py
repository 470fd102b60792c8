# Phase 1 on a laptop: up to 3 operations, 4 + 4 digits, 30 % English, five minutes on two CPU cores.
out_dir = "out/predictor-cpu"
max_minutes = 5.0               # --max_minutes=15 for the last hundredth of a percent
eval_interval = 500
checkpoint_interval = 500
