"""Tiny Shakespeare (1.1 MB of plays, from Karpathy's char-rnn) as token files: train.bin, val.bin, test.bin.

    python data/shakespeare/prepare.py                       # downloads the text
    python data/shakespeare/prepare.py --input=FILE          # a copy of it, or any UTF-8 text
    python data/shakespeare/prepare.py --tokenizer=gpt2

The first 90 % of the bytes train, the next 5 % validate, the rest tests; cuts are at the ends of lines.
"""
import hashlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))      # so that it runs from anywhere

from configurator import clear_errors, configure
from data.dagset.tokenizer import get_tokenizer
from data.text_file import TextError, read_source, write_text_file

input = ""              # a copy of the text; "" downloads it
tokenizer = "dag"       # or "gpt2": what the run's --tokenizer says

_URL = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
_SHARES = {"train": 0.90, "val": 0.95, "test": 1.0}      # where each split ends


def split_at_lines(text):
    """{split: its bytes} of a text in bytes."""
    parts, start = {}, 0
    for split, share in _SHARES.items():
        newline = text.find(b"\n", max(start, round(share * len(text)) - 1))
        end = newline + 1 if newline >= 0 else len(text)
        parts[split], start = text[start:end], end
    return parts


def prepare(folder):
    """Write the three files into `folder` and say what is in them."""
    content, source = read_source(_URL, input)
    encoding = get_tokenizer(tokenizer)
    documents = {}
    for split, part in split_at_lines(content).items():
        try:
            documents[split] = encoding.encode_ordinary(part.decode())
        except UnicodeDecodeError as error:
            raise TextError(f"{source} is not UTF-8 text ({error.reason}, byte {error.start:,} of the {split} split); "
                            f"give --input=FILE, a copy of {_URL}") from None
        if len(documents[split]) < 2:
            raise TextError(f"{source} is too short: of {len(content):,} bytes the {split} split gets {len(part):,}; "
                            "its lines must allow a cut at 90 % and one at 95 %")
    note = f"{source}, SHA-256 {hashlib.sha256(content).hexdigest()}, split by bytes 90/5/5 at ends of lines"
    for split, ids in documents.items():
        path = Path(folder) / f"{split}.bin"
        write_text_file(path, "shakespeare", "windows", [ids], tokenizer, encoding, note)
        print(f"{path}: {len(ids):,} tokens")


if __name__ == "__main__":
    with clear_errors():
        configure(globals())
        prepare(Path(__file__).resolve().parent)
