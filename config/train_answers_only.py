# Learning from answers alone: "over" ("six over three") is a word that train_dag_cpu.py's texts never hold. Here they
# do, and texts with it come without any plan label. Start from that run's weights:
#   python train.py config/train_answers_only.py --init_from=out/dag-cpu/best.pt
# and beside it with --answer_gradient=False --out_dir=out/answers-detached: the same texts, plans executed and read out
# as well, but nothing that the answers say reaches the plan.
out_dir = "out/answers-only"
max_minutes = 5.0

unlabelled_wording = "over"
answer_gradient = True

dag_depth = 3
max_digits = 4
max_decimals = 4
english_conversion_rate = 0.3
operator_word_rate = 0.5
word_variant_rate = 0.5         # "over" against "divided by"; "less" and "multiplied by" are new, too, but have labels

n_layer = 3
n_head = 2
n_embd = 96
batch_size = 64
prompt_weight = 0.0
learning_rate = 1e-3
flat_fraction = 0.3
eval_interval = 250
eval_examples = 4000
checkpoint_interval = 1000
