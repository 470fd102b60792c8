# Phase 2 of the published checkpoint, from the weights of config/train_release_predictor.py: a GPT that prints answers of
# up to 24 + 6 digits, in prose where one is due. First python data/gsm8k/prepare.py.
#   python train.py config/train_release.py --init_from_predictor=out/release-predictor-2
#   python train.py config/train_release.py --init_from=out/release --out_dir=out/release-2 --dataset=dagset:0.8,gsm8k:0.2 \
#       --long_rate=0.5 --long_number_rate=0.15 --batch_size=128 --hard_share=0.25 --predictor_lr_scale=1.0 \
#       --learning_rate=4e-4 --flat_fraction=0.25 --warmup_iters=30 --max_minutes=14
#   and once more, which is the last 110 minutes of it in one:
#   python train.py config/train_release.py --init_from=out/release-2 --out_dir=out/release-3 --dataset=dagset:0.8,gsm8k:0.2 \
#       --long_rate=0.5 --long_number_rate=0.2 --question_rate=0.15 --annotation_rate=0.1 --batch_size=192 --hard_share=0.25 \
#       --predictor_lr_scale=1.0 --learning_rate=5e-4 --flat_fraction=0.3 --warmup_iters=30 --max_minutes=110
#   and for the wordings that came later, 95 minutes of it in all (RESULTS.md has the three commits):
#   python train.py config/train_release.py --init_from=out/release-3 --out_dir=out/release-4 --dataset=dagset:0.8,gsm8k:0.2 \
#       --long_rate=0.5 --long_number_rate=0.2 --question_rate=0.2 --prose_rate=0.4 --chain_rate=0.5 --sentence_rate=0.35 \
#       --multiple_rate=0.06 --english_conversion_rate=0.35 --annotation_rate=0.1 --chat_rate=0.1 --batch_size=192 \
#       --hard_share=0.25 --random_share=0.3 --predictor_lr_scale=1.0 --learning_rate=5e-4 --flat_fraction=0.3 \
#       --warmup_iters=30 --max_minutes=95
#   and for stories and unknown numbers, 108 minutes:
#   python train.py config/train_release.py --init_from=out/release-4 --out_dir=out/release-5 ... --story_rate=0.6 \
#       --equals_rate=0.3 --max_minutes=108              # all else as in the stage before
#   python train.py config/train_release.py --init_from=out/release-5 --out_dir=out/release-6 ... --story_rate=0.35 \
#       --equals_rate=1.0 --learning_rate=4e-4 --flat_fraction=0.1 --max_minutes=25
#   and for formulas and more scenes 14 minutes, then 86 since number words know their digits' places:
#   python train.py config/train_release.py --init_from=out/release-6 --out_dir=out/release-7 ... --formula_rate=0.06 \
#       --learning_rate=4e-4 --flat_fraction=0.3 --warmup_iters=100         # stopped after 14 minutes
#   python train.py config/train_release.py --init_from_predictor=out/release-7 --out_dir=out/release-8 ... --max_minutes=86
#   and for 5,500 scenes and numbers of 12 decimals nine minutes on a GPU, then 58 on two CPU cores (RESULTS.md, P13):
#   python train.py config/train_release.py --init_from_predictor=out/release-8 --out_dir=out/release-9 ... --device=cuda --batch_size=2048 \
#       --learning_rate=1e-3 --warmup_iters=200 --flat_fraction=0.3 --story_rate=0.6 --formula_rate=0.2 --long_rate=0.4 --max_minutes=9
#   python train.py config/train_release.py --init_from=out/release-9 --out_dir=out/release-10 ... --batch_size=256 --learning_rate=3e-4 \
#       --flat_fraction=0.1 --warmup_iters=50 --max_minutes=58
#   and for 16,000 scenes, each as likely, two hours on two CPU cores in four stages, the last of them (RESULTS.md, P14):
#   python train.py config/train_release.py --init_from=out/release-10 --out_dir=out/release-11 ... --dataset=dagset:0.95,gsm8k:0.05 \
#       --formula_rate=0.7 --short_rate=0.7 --hard_share=0.5 --batch_size=192 --learning_rate=8e-4 --flat_fraction=0.3 --max_minutes=72
#   python train.py config/train_release.py --init_from=out/release-11 --out_dir=out/release-12 ... --dataset=dagset:0.9,gsm8k:0.1 \
#       --formula_rate=0.25 --short_rate=0.2 --hard_share=0.25 --batch_size=256 --learning_rate=2.5e-4 --flat_fraction=0.2 --max_minutes=16
#   and for 22,600 scenes, some with words put for others, 119 minutes in four stages, the last two of them (RESULTS.md, P15):
#   python train.py config/train_release.py --init_from=out/release-12 --out_dir=out/release-13 ... --dataset=dagset:0.93,gsm8k:0.07 \
#       --formula_rate=0.6 --swap_rate=0.6 --short_rate=0.5 --hard_share=0.5 --batch_size=192 --learning_rate=8e-4 --flat_fraction=0.4 --max_minutes=56
#   python train.py config/train_release.py --init_from=out/release-13 --out_dir=out/release-14 ... --dataset=dagset:0.9,gsm8k:0.1 \
#       --formula_rate=0.27 --swap_rate=0.25 --short_rate=0.2 --hard_share=0.25 --batch_size=256 --learning_rate=3e-4 --flat_fraction=0.2 --max_minutes=31
#   and for 25,700 scenes 127 minutes in two stages (RESULTS.md, P16):
#   python train.py config/train_release.py --init_from=out/release-14 --out_dir=out/release-15 ... --dataset=dagset:0.93,gsm8k:0.07 \
#       --formula_rate=0.6 --swap_rate=0.4 --short_rate=0.5 --hard_share=0.5 --batch_size=192 --learning_rate=8e-4 --flat_fraction=0.4 --max_minutes=82
#   python train.py config/train_release.py --init_from=out/release-15 --out_dir=out/release-16 ... --dataset=dagset:0.9,gsm8k:0.1 \
#       --formula_rate=0.27 --swap_rate=0.2 --short_rate=0.2 --hard_share=0.25 --batch_size=256 --learning_rate=3e-4 --flat_fraction=0.2 --max_minutes=45
#   and with numbers as people's are 76 minutes in four stages, of which these two matter (RESULTS.md, P17):
#   python train.py config/train_release.py --init_from=out/release-16 --out_dir=out/release-17 ... --dataset=dagset:0.93,gsm8k:0.07 --positive_rate=0.85 \
#       --formula_rate=0.6 --swap_rate=0.4 --short_rate=0.5 --hard_share=0.5 --batch_size=192 --learning_rate=8e-4 --flat_fraction=0.4 --max_minutes=42
#   python train.py config/train_release.py --init_from=out/release-17 --out_dir=out/release-18 ... --dataset=dagset:0.9,gsm8k:0.1 --positive_rate=0.85 \
#       --mixed_number_rate=0.5 --fraction_rate=0.04 --long_rate=0.4 --long_number_rate=0.12 --formula_rate=0.27 --swap_rate=0.2 --short_rate=0.2 \
#       --hard_share=0.25 --batch_size=256 --learning_rate=3e-4 --flat_fraction=0.2 --max_minutes=46
#   python publish.py --ckpt=out/release-18 --dtype=float16
out_dir = "out/release"
dataset = "dagset:0.75,gsm8k:0.25"
dtype = "bfloat16"              # on a CPU without AVX512-BF16 or AMX --dtype=float32 is faster
max_minutes = 24.0
max_iters = 1000000

batch_size = 32
prompt_weight = 0.0             # operands are drawn at random: nothing is to be learned of them
router_weight = 5.0             # it learns last where an answer is due, and what isn't routed isn't answered
gate_weight = 3.0
learning_rate = 1e-3
predictor_lr_scale = 0.3        # what Phase 1 knows is to be kept
warmup_iters = 100
flat_fraction = 0.2
min_lr_fraction = 0.01
eval_interval = 1000
eval_examples = 2000
eval_rows = 100
checkpoint_interval = 500
log_interval = 50
dag_log_interval = 250

n_layer = 4
n_head = 4
n_embd = 128
n_plan_layer = 3
block_size = 1280
dag_depth = 10
answer_digits = 24

usual_ops = 6
long_rate = 0.35
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
