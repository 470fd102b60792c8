# The plain GPT beside train_dag_cpu.py: the same data, batches and time, and as many parameters, all in the backbone.
out_dir = "out/gpt-baseline"
max_minutes = 10.0

dag_depth = 0
max_ops = 3
max_digits = 4
max_decimals = 4
english_conversion_rate = 0.3

n_layer = 5                     # 0.77 M parameters
n_head = 2
n_embd = 96
batch_size = 64
prompt_weight = 0.0
eval_interval = 2000
checkpoint_interval = 1000
