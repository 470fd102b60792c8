"""Prepared texts on disk: the tokens of one split, made once by `data/NAME/prepare.py`, with a header that is checked.

Imports `checkpoint` and `data.dagset`.
"""
import hashlib
import http.client
import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from checkpoint import CheckpointError, write_atomically
from data.dagset.tokenizer import fingerprint

MAGIC = b"dagtext\n"     # the first 8 bytes of a text file
FORMAT = 1
KINDS = ("windows", "documents")


class TextError(Exception):
    """A text file, source or mixture that can't be used: in one line what is wrong, both values and the way out."""

    is_user_error = True


@dataclass
class TextFile:
    """Document i is tokens[offsets[i]:offsets[i + 1]]."""
    tokens: torch.Tensor      # (n_tokens,) int32
    offsets: torch.Tensor     # (n_documents + 1,) int64
    header: dict
    path: str


def write_text_file(path, name, kind, documents, tokenizer_name, tokenizer, note=""):
    """Write `documents`, a list of lists of token ids, to `path`, whole or not at all.

    name: of the text. kind: "windows" (running text, cut anywhere) or "documents". note: how the file was made.
    The file: magic, header length (8 bytes, little-endian), JSON header, tokens (uint16, or uint32 for a vocabulary
    that needs it), offsets (int64). Raises TextError where it can't be written.
    """
    if kind not in KINDS:
        raise TextError(f"unknown kind {kind!r} of text; there are {', '.join(KINDS)}")
    dtype = "uint16" if tokenizer.n_vocab < 1 << 16 else "uint32"
    offsets = np.cumsum([0, *map(len, documents)], dtype="<i8")
    tokens = np.empty(offsets[-1], np.dtype(dtype).newbyteorder("<"))
    for ids, start, end in zip(documents, offsets, offsets[1:]):
        tokens[start:end] = ids
    payload = tokens.tobytes() + offsets.tobytes()
    header = dict(format=FORMAT, name=name, kind=kind, tokenizer=tokenizer_name, fingerprint=fingerprint(tokenizer),
                  n_tokens=len(tokens), n_documents=len(documents), dtype=dtype,
                  sha256=hashlib.sha256(payload).hexdigest(), note=note)
    packed = json.dumps(header, indent=1).encode()
    try:
        write_atomically(str(path), MAGIC + len(packed).to_bytes(8, "little") + packed + payload)
    except CheckpointError as error:      # whose own words are about checkpoints
        raise TextError(f"could not write {path}: {error.__cause__.strerror}") from error


def read_text_file(path, tokenizer_name, tokenizer):
    """The `TextFile` at `path`. Raises TextError: missing, not a text file, damaged, or of another tokeniser."""
    command = f"python data/{Path(path).resolve().parent.name}/prepare.py"
    again = f"make it anew with `{command}`"
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise TextError(f"there is no {path}: make it with `{command}`") from None
    except OSError as error:
        raise TextError(f"cannot read {path}: {error.strerror}; {again}") from None
    if not content.startswith(MAGIC):
        raise TextError(f"{path} is not a prepared text: it starts with {content[:8]!r}, not {MAGIC!r}; {again}")
    payload_at = 16 + int.from_bytes(content[8:16], "little")
    if len(content) < max(16, payload_at):
        raise TextError(f"{path} is truncated: {len(content):,} bytes, of at least {max(16, payload_at):,}; {again}")
    try:
        header = json.loads(content[16:payload_at])
        dtype = np.dtype(header["dtype"]).newbyteorder("<")
        n_tokens, n_documents, kind = int(header["n_tokens"]), int(header["n_documents"]), header["kind"]
        made_for = header["tokenizer"], header["fingerprint"]
        form, expected = header["format"], header["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise TextError(f"{path} is damaged: its header can't be read ({type(error).__name__}: {error}); {again}"
                        ) from None
    if form != FORMAT or kind not in KINDS:
        raise TextError(f"{path} has format {form} and kind {kind!r}, this code reads format {FORMAT} and kinds "
                        f"{', '.join(KINDS)}; {again}")
    whole = payload_at + n_tokens * dtype.itemsize + (n_documents + 1) * 8
    if len(content) != whole:
        fault = "truncated" if len(content) < whole else "damaged"
        raise TextError(f"{path} is {fault}: {len(content):,} bytes, its header says {whole:,}; {again}")
    there = hashlib.sha256(content[payload_at:]).hexdigest()
    if there != expected:
        raise TextError(f"{path} is damaged: the SHA-256 of its tokens is {there[:12]}..., its header says "
                        f"{str(expected)[:12]}...; {again}")
    here = tokenizer_name, fingerprint(tokenizer)
    if made_for != here:
        raise TextError(f"{path} was made with tokenizer {made_for[0]} ({made_for[1]}), but here tokenizer is "
                        f"{here[0]} ({here[1]}): make it anew with `{command} --tokenizer={here[0]}`, or use "
                        f"--tokenizer={made_for[0]}")
    tokens = np.frombuffer(content, dtype, n_tokens, payload_at).astype(np.int32)
    offsets = np.frombuffer(content, "<i8", n_documents + 1, payload_at + n_tokens * dtype.itemsize).astype(np.int64)
    return TextFile(torch.from_numpy(tokens), torch.from_numpy(offsets), header, str(path))


def read_source(url, input_path, timeout=20):
    """(bytes, where they came from): the file `input_path`, or where that is "" what `url` gives.

    timeout: seconds of silence after which a download is given up. Raises TextError.
    """
    if input_path:
        try:
            return Path(input_path).read_bytes(), str(input_path)
        except (OSError, ValueError) as error:
            raise TextError(f"cannot read --input={input_path}: {getattr(error, 'strerror', None) or error}; "
                            f"give the path of a copy of {url}") from None
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.read(), url
    except (OSError, http.client.HTTPException) as error:      # URLError and time-outs are OSErrors
        reason = " ".join(str(getattr(error, "reason", error)).split()) or type(error).__name__
        raise TextError(f"could not download {url} ({reason}): fetch that URL elsewhere and pass the copy with "
                        "--input=FILE") from None
