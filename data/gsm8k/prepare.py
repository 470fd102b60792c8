"""GSM8K's training problems (Cobbe et al. 2021), with calculator annotations, as token files: train.bin, val.bin,
test.bin.

    python data/gsm8k/prepare.py                             # downloads the problems
    python data/gsm8k/prepare.py --input=FILE                # a copy: {"question": ..., "answer": ...}, one a line
    python data/gsm8k/prepare.py --tokenizer=gpt2
    python data/gsm8k/prepare.py --told=data/dagset/told/gsm8k.txt --untold=gsm8k_untold.txt

A document is a question, its answer with the annotations, "<<48/2=24>>", and the end-of-text token. Annotations'
results are rewritten as calculators print them: ".40" becomes "0.4"; the prose around them stays. A hash of the
question says the split: 90 % train, 5 % validate, 5 % test. All are from GSM8K's train.jsonl; its test.jsonl stays
untouched.

With `--told` the training split's questions are written as scenes, too (`scenes.py`): in the stream's folder of scenes they are told
with other numbers as all of its own are, by every run from then on: one that is resumed needs the file that it began with. `--untold` takes those of the other two splits, which ask what a model makes of questions
that it was never trained on: `python -m data.dagset.check_scenes FILE --prompts=OUT.jsonl`.
"""
import hashlib
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))      # so that it runs from anywhere

from checkpoint import write_atomically
from configurator import clear_errors, configure
from data.dagset.formulas import FOLDER, as_file
from data.dagset.tokenizer import END_OF_TEXT, get_tokenizer
from data.gsm8k.scenes import scenes_of
from data.text import TextStream, minimal
from data.text_file import TextError, read_source, read_text_file, write_text_file

input = ""              # a copy of train.jsonl; "" downloads it
tokenizer = "dag"       # or "gpt2": what the run's --tokenizer says
told = ""               # a file to write the training split's questions to, as scenes; "": none
untold = ""             # the same of the validation and test split's

_URL = "https://raw.githubusercontent.com/openai/grade-school-math/master/grade_school_math/data/train.jsonl"
_LABELS = dict(num_initial_values=7, dag_depth=6, places=(12, 6))      # of the counts printed; a run has its own


def read_problems(content, source):
    """[(question, answer), ...] of line-JSON in bytes; blank lines are skipped. Raises TextError naming the line."""
    problems = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            problem = json.loads(line)
            question, answer = problem["question"], problem["answer"]
            if not isinstance(question, str) or not isinstance(answer, str):
                raise TypeError
        except (ValueError, KeyError, TypeError):
            shown = line[:40].decode(errors="replace")
            raise TextError(f'{source}, line {number}: expected {{"question": "...", "answer": "..."}}, found '
                            f"{shown!r}; correct that line, or fetch {_URL} anew") from None
        problems.append((question, answer))
    return problems


def with_minimal_results(answer):
    """The text with the results of its annotations in their shortest form, where they are numbers."""
    return re.sub(r"(<<[^<>=]*=)([^<>]*)(>>)", lambda found: found[1] + (minimal(found[2]) or found[2]) + found[3],
                  answer)


def split_of(question):
    bucket = int.from_bytes(hashlib.sha256(question.encode(errors="surrogatepass")).digest()[:8], "big") % 100
    return "train" if bucket < 90 else "val" if bucket < 95 else "test"


def prepare(folder):
    """Write the three files into `folder` and say what is in them."""
    for name, path in (("told", told), ("untold", untold)):
        check_target(name, path)
    content, source = read_source(_URL, input)
    encoding = get_tokenizer(tokenizer)
    end = encoding.encode_single_token(END_OF_TEXT)
    documents = {"train": [], "val": [], "test": []}
    problems = read_problems(content, source)
    for question, answer in problems:
        text = f"{question}\n{with_minimal_results(answer)}\n"
        documents[split_of(question)].append([*encoding.encode_ordinary(text), end])
    if not all(documents.values()):
        counts = ", ".join(f"{split} {len(of_split)}" for split, of_split in documents.items())
        raise TextError(f"{source} has too few problems for three splits ({counts}); fetch {_URL} anew")
    note = f"{source}, SHA-256 {hashlib.sha256(content).hexdigest()}, split 90/5/5 by a hash of the question"
    for split, of_split in documents.items():
        path = Path(folder) / f"{split}.bin"
        write_text_file(path, "gsm8k", "documents", of_split, tokenizer, encoding, note)
        lengths = [len(ids) for ids in of_split]
        stream = TextStream(read_text_file(path, tokenizer, encoding), encoding, seed=0, split=split, batch_size=1,
                            block_size=max(lengths), **_LABELS)
        print(f"{path}: {len(of_split):,} documents, {sum(lengths):,} tokens (the longest document {max(lengths)}), "
              f"{stream.n_annotations:,} annotations, {stream.n_exact:,} exact, {stream.n_labelled:,} with plan labels")
        for reason, count in stream.reasons.most_common():
            print(f"    {count:,} without: {reason}")
    for path, splits in ((told, ["train"]), (untold, ["val", "test"])):
        if path:
            write_questions(path, [problem for problem in problems if split_of(problem[0]) in splits])


def check_target(name, path):
    """Raises TextError where a file of scenes can't be written, before the long work."""
    if path and not Path(path).absolute().parent.is_dir():
        raise TextError(f"--{name}={path}: there is no folder {Path(path).parent}; make it, or name a file elsewhere")
    if path and Path(path).exists() and Path(path).resolve().parent == FOLDER.resolve():
        raise TextError(f"--{name}={path}: what that file tells is in the stream already, and new scenes would be checked beside it; "
                        "delete it first")


def write_questions(path, problems):
    """Write those of the problems that make scenes and say what is in the file."""
    pairs, reasons = scenes_of(problems)
    write_atomically(str(path), as_file(pairs).encode())
    n_expressions = len({expression for expression, _ in pairs})
    print(f"{path}: {len(pairs):,} scenes of {n_expressions:,} expressions, of {len(problems):,} questions")
    for reason, count in reasons.most_common():
        print(f"    {count:,} not: {reason}")


if __name__ == "__main__":
    with clear_errors():
        configure(globals())
        prepare(Path(__file__).resolve().parent)
