# GPT + DAG on a laptop: expressions of up to dag_depth operations with their answers.
#   python train.py config/train_default.py --dag_depth=2 --max_iters=100     a first look
#   python train.py config/train_default.py --dag_depth=2                     fifteen minutes
out_dir = "out/gpt-default"
max_minutes = 15.0

dag_depth = 2
n_layer = 3
n_head = 2
n_embd = 96
batch_size = 64
answer_gradient = True          # end to end: the answers' text teaches the plan, too

eval_interval = 1000
eval_examples = 2000
