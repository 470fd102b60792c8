"""The two tokenisers of the project, both `tiktoken.Encoding`s that split digits and punctuation singly.

`dag`   2,048 tokens, built from `dag.tiktoken` in this folder, so nothing is ever downloaded.
`gpt2`  GPT-2's ranks, read from tiktoken's cache folder; never a silent download.

Imports nothing of ours. `build_ranks.py` beside it made `dag.tiktoken`.
"""
import base64
import functools
import hashlib
import json
import os
import tempfile
from pathlib import Path

import tiktoken

END_OF_TEXT = "<|endoftext|>"
RANKS_FILE = Path(__file__).with_name("dag.tiktoken")

# GPT-2's pattern with two changes: digits are single, so a number's digits line up with its tokens, and punctuation
# is single, so that "((-3" has one tokenisation whatever pieces a text was assembled from. Ids stay GPT-2's.
PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]|\s+(?!\S)|\s+"""

# GPT-2's encoder.json in tiktoken's cache folder (a file is named by the sha1 of its URL there), and what it holds.
GPT2_ENCODER_FILE = "6c7ea1a7e38e3a7f062df639a5b80947f075ffe6"
GPT2_ENCODER_SHA256 = "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783"

# The words numbers are spelled with: what a run of number characters is made of, beside digits.
NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion "
    "point"
).split()

SCALE_WORDS = NUMBER_WORDS[NUMBER_WORDS.index("hundred"):NUMBER_WORDS.index("point")]


class TokenizerError(Exception):
    """The asked-for tokeniser can't be had; the message says what to do."""
    is_user_error = True


def get_tokenizer(name="dag"):
    """The `tiktoken.Encoding` called `name`: "dag" or "gpt2". Raises `TokenizerError` where it can't be had."""
    return _get_tokenizer(name)


@functools.lru_cache(maxsize=None)
def _get_tokenizer(name):
    if name == "dag":
        ranks = read_ranks(RANKS_FILE)
    elif name == "gpt2":
        ranks = read_gpt2_ranks()
    else:
        raise TokenizerError(f"unknown tokenizer {name!r}; there are 'dag' (in this repository) and 'gpt2'")
    return tiktoken.Encoding(name, pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={END_OF_TEXT: len(ranks)})


def read_ranks(path):
    """{token bytes: rank} of a ranks file: a line a token, base64 and rank."""
    with open(path, "rb") as file:
        pairs = (line.split() for line in file if line.strip())
        return {base64.b64decode(token): int(rank) for token, rank in pairs}


def gpt2_cache_dir():
    """The folder tiktoken caches in: `TIKTOKEN_CACHE_DIR`, `DATA_GYM_CACHE_DIR`, else the system's temporary one."""
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if os.environ.get(variable):
            return Path(os.environ[variable])
    return Path(tempfile.gettempdir()) / "data-gym-cache"


def read_gpt2_ranks():
    """GPT-2's ranks from tiktoken's cache. `tiktoken.get_encoding` downloads without a time-out, so it isn't called."""
    folder = gpt2_cache_dir()
    path = folder / GPT2_ENCODER_FILE
    if not path.is_file():
        raise TokenizerError(
            f"tokenizer 'gpt2' is not cached: no {path} (encoder.json); on a machine with a network run "
            f"TIKTOKEN_CACHE_DIR={folder} python -c \"import tiktoken; tiktoken.get_encoding('gpt2')\", "
            "copy that folder here, or use --tokenizer=dag")
    # tiktoken's own reader copies what it reads into the cache folder; a copy of a damaged file would outlive it.
    contents = path.read_bytes()
    if hashlib.sha256(contents).hexdigest() != GPT2_ENCODER_SHA256:
        raise TokenizerError(f"tokenizer 'gpt2': {path} is damaged (its SHA-256 isn't "
                             f"{GPT2_ENCODER_SHA256[:12]}...); delete it, fetch it again, or use --tokenizer=dag")
    return ranks_of(json.loads(contents))


def ranks_of(encoder):
    """{token bytes: rank} of GPT-2's {token text: rank}, where a byte is a character: printable ones themselves, the
    others from 256 on."""
    printable = [b for b in range(256) if chr(b).isprintable() and chr(b) != " "]
    others = [b for b in range(256) if b not in printable]
    byte_of = {chr(b): b for b in printable} | {chr(256 + n): b for n, b in enumerate(others)}
    return {bytes(byte_of[c] for c in token): rank for token, rank in encoder.items() if token != END_OF_TEXT}


def fingerprint(tokenizer):
    """A short hash of a tokeniser's pattern, ranks and special tokens: what a checkpoint compares."""
    digest = hashlib.sha256()
    digest.update(tokenizer._pat_str.encode())
    for token, rank in sorted(tokenizer._mergeable_ranks.items()):
        digest.update(len(token).to_bytes(4, "little") + token + rank.to_bytes(4, "little"))
    digest.update(json.dumps(sorted(tokenizer._special_tokens.items())).encode())
    return digest.hexdigest()[:16]
