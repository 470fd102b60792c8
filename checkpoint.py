"""What a run keeps on disk: checkpoints, written whole or not at all and read only if intact.

A checkpoint is one dict of state dicts and plain Python values, in the file that `torch.save` makes
of it. That file is a zip archive, but torch doesn't verify the archive's checksums when it loads: a
flipped bit becomes a silently wrong weight. So the archive's comment holds a SHA-256 of all that
precedes it. The file stays an ordinary archive which `torch.load(path, weights_only=True)` reads.

An `out_dir` holds `ckpt_<iter>.pt` for the newest two saves, `best.pt`, and `run_log`'s metrics.jsonl.
A published checkpoint is a folder of two files that other programs read, too: `model.safetensors`, and
`config.json`, which holds the rest as JSON, the weights' SHA-256 and its own.
Imports nothing else of this project.
"""

import errno
import hashlib
import io
import json
import os
import re

import torch

FORMAT = 1
SEAL = b"nGPT-DAG"  # opens the archive comment; a SHA-256 follows
SEAL_BYTES = len(SEAL) + hashlib.sha256().digest_size
KEPT = 2  # newest checkpoints; best.pt comes on top
WEIGHTS, CONFIG = "model.safetensors", "config.json"  # of a published checkpoint
PUBLISHED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pretrained")  # the one that comes with the code


class CheckpointError(Exception):
    """A checkpoint that can't be written, read or used here: path, reason and way out, in one line."""

    is_user_error = True


# --- one file -----------------------------------------------------------------------------------

def pack(checkpoint: dict) -> bytes:
    """The sealed bytes of a checkpoint file."""
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, **checkpoint}, buffer)
    archive = bytearray(buffer.getvalue())
    archive[-2:] = SEAL_BYTES.to_bytes(2, "little")  # a zip ends with its comment's length, so far 0
    return bytes(archive) + SEAL + hashlib.sha256(archive).digest()


def write_atomically(path: str, content: bytes) -> None:
    """Replace the file `path` by `content`, so that a reader, or a crash, sees the old or the new, never a mixture.

    Raises CheckpointError, with whatever stood at `path` untouched and no temporary file left.
    """
    temporary = path + ".tmp"  # in the same folder: a rename is atomic only within a file system
    try:
        try:
            with open(temporary, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            if os.path.exists(temporary):
                os.remove(temporary)
        sync_folder(os.path.dirname(path) or ".")
    except OSError as error:
        reason = ("the disk is full; free some space, or copy the folder elsewhere and set --out_dir"
                  if error.errno == errno.ENOSPC else error.strerror)
        raise CheckpointError(f"could not save {path}: {reason} (earlier checkpoints are untouched; "
                              "go on with --init_from=resume)") from error


def sync_folder(folder: str) -> None:
    """Make a rename in `folder` survive a power cut, where the system lets folders be synced."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def load_checkpoint(path: str, map_location="cpu") -> dict:
    """Read a checkpoint, a run's or a published one (the path of either of its files). No code in it is ever run, and a
    truncated or altered file is refused.

    Raises CheckpointError in one line: no such file, damaged, or of another format.
    """
    if os.path.basename(path) in (WEIGHTS, CONFIG):
        return read_published(os.path.dirname(path), map_location)
    try:
        with open(path, "rb") as file:
            content = file.read()
    except (OSError, ValueError) as error:
        raise CheckpointError(f"cannot read checkpoint {path}: {getattr(error, 'strerror', None) or error}; "
                              "give the path of a .pt file of a run") from None
    archive, seal = content[:-SEAL_BYTES], content[-SEAL_BYTES:]
    if not seal.startswith(SEAL) or hashlib.sha256(archive).digest() != seal[len(SEAL):]:
        raise CheckpointError(f"checkpoint {path} is damaged (or not one of this project): its {len(content):,} bytes "
                              "don't match their checksum; use another checkpoint of the run")
    try:
        checkpoint = torch.load(io.BytesIO(content), map_location=map_location, weights_only=True)
    except Exception as error:  # sealed all the same: made by other code, or by a newer torch
        raise CheckpointError(f"cannot load checkpoint {path} with torch {torch.__version__}: "
                              f"{str(error).splitlines()[0]}") from error
    if checkpoint.get("format") != FORMAT:
        raise CheckpointError(f"checkpoint {path} has format {checkpoint.get('format')}, this code reads {FORMAT}; "
                              "use the version of the code that wrote it")
    return checkpoint


def load_weights(model: torch.nn.Module, checkpoint: dict, path: str) -> None:
    """Load `checkpoint["model"]` into `model`, every tensor of it; CheckpointError names the first that differs."""
    ours = model.state_dict()
    theirs = {name if name in ours else re.sub(r"^(_orig_mod\.|module\.)+", "", name): tensor  # torch.compile, DDP
              for name, tensor in checkpoint["model"].items()}
    for name in [*ours, *theirs]:
        there, here = (tuple(state[name].shape) if name in state else "absent" for state in (theirs, ours))
        if there != here:
            raise CheckpointError(f"{path} doesn't fit the model: {name} is {there} in the checkpoint and {here} here; "
                                  "use the settings the checkpoint was trained with")
    model.load_state_dict(theirs)


def check_compatible(checkpoint: dict, must_match: dict, path: str = "the checkpoint", under: str = "must_match",
                     unnamed: dict | None = None) -> None:
    """Refuse a checkpoint whose settings (name -> value) `under` that key differ from those given, naming both values.

    unnamed: what settings were that an older checkpoint doesn't name; one that isn't in it either is taken for the same.
    """
    saved = {**(unnamed or {}), **checkpoint.get(under, {})}
    for name, here in must_match.items():
        there = saved.get(name, here)
        if there != here:
            # A token's role takes no weights of its own: models from before it can be gone on from.
            way_out = (f"take its weights with train.py's --init_from_predictor={path} and another --out_dir"
                       if name.endswith("_token_ids") else
                       "train from scratch in another --out_dir" if under == "must_match" else
                       f"start a new run from its weights with --init_from={path} and another --out_dir")
            raise CheckpointError(f"{path} was made with {name}={shortened(there)}, but here {name}={shortened(here)}: "
                                  f"use the settings it was made with, or {way_out}")


def shortened(value, longest: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= longest else text[:longest - 3] + "..."


# --- a published checkpoint ---------------------------------------------------------------------------

def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sealed_config(config: dict) -> dict:
    """`config`, plain values, with a SHA-256 of what is in it: a digit that flips would be another model."""
    canonical = json.dumps(config, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return {**config, "config_sha256": sha256(canonical.encode())}


def published_files(checkpoint: dict) -> dict[str, bytes]:
    """{name: content} of the files that publish `checkpoint`: its "model", tensors of any dtype, and its other entries,
    plain values."""
    weights = safetensors().save({name: tensor.contiguous() for name, tensor in checkpoint["model"].items()})
    rest = {name: value for name, value in checkpoint.items() if name != "model"}
    config = sealed_config(json.loads(json.dumps({"format": FORMAT, **rest, "weights_bytes": len(weights),
                                                  "weights_sha256": sha256(weights)}, allow_nan=False)))
    return {WEIGHTS: weights, CONFIG: (json.dumps(config, indent=1) + "\n").encode()}


def safetensors():
    try:
        import safetensors.torch
    except ImportError:
        raise CheckpointError("published checkpoints take the package safetensors: pip install safetensors") from None
    return safetensors.torch


def is_published(folder: str) -> bool:
    return all(os.path.exists(os.path.join(folder, name)) for name in (WEIGHTS, CONFIG))


def read_published(folder: str, map_location="cpu") -> dict:
    """The checkpoint dict of a published checkpoint, weights in float32, lists as tuples. CheckpointError as above."""
    contents = {}
    for name in (CONFIG, WEIGHTS):
        path = os.path.join(folder, name)
        try:
            with open(path, "rb") as file:
                contents[name] = file.read()
        except OSError as error:
            raise CheckpointError(f"cannot read {path} of the published checkpoint: {error.strerror}; {CONFIG} and "
                                  f"{WEIGHTS} belong together in one folder") from None
    way_out = "fetch both files anew"
    try:
        config = json.loads(contents[CONFIG])
        stated = config.pop("config_sha256")
        if sealed_config(config)["config_sha256"] != stated:
            raise ValueError("its content doesn't match its checksum")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{os.path.join(folder, CONFIG)} is damaged (or not one of this project): "
                              f"{str(error) or type(error).__name__}; {way_out}") from None
    if config.get("format") != FORMAT:
        raise CheckpointError(f"{os.path.join(folder, CONFIG)} has format {config.get('format')}, this code reads "
                              f"{FORMAT}; use the version of the code that wrote it")
    weights, stated = contents[WEIGHTS], config["weights_sha256"]
    if sha256(weights) != stated:
        raise CheckpointError(f"{os.path.join(folder, WEIGHTS)} is damaged, or not the one of {CONFIG}: SHA-256 "
                              f"{sha256(weights)[:12]}... of its {len(weights):,} bytes, not {stated[:12]}... of "
                              f"{config['weights_bytes']:,}; {way_out}")
    tensors = safetensors().load(weights)
    model = {name: (tensor.float() if tensor.is_floating_point() else tensor).to(map_location)
             for name, tensor in tensors.items()}
    return {**as_tuples(config), "model": model}


def as_tuples(value):
    """JSON's value with tuples for lists, as settings and configs have them."""
    if isinstance(value, dict):
        return {name: as_tuples(each) for name, each in value.items()}
    return tuple(map(as_tuples, value)) if isinstance(value, list) else value


# --- the checkpoints of a run -----------------------------------------------------------------------

def numbered(out_dir: str) -> list[str]:
    """Paths of the run's numbered checkpoints, newest first."""
    names = os.listdir(out_dir) if os.path.isdir(out_dir) else []
    names = [name for name in names if re.fullmatch(r"ckpt_\d{8,}\.pt", name)]
    return [os.path.join(out_dir, name) for name in sorted(names, key=iteration_of, reverse=True)]


def iteration_of(path: str) -> int:
    return int(re.search(r"ckpt_(\d+)\.pt$", path)[1])


def has_checkpoints(out_dir: str) -> bool:
    return bool(numbered(out_dir)) or os.path.exists(os.path.join(out_dir, "best.pt"))


def find_checkpoint(path: str) -> str:
    """The file that a user's path means: itself, or of a run's out_dir its best.pt, else its newest whole checkpoint, or of
    a published checkpoint's folder its weights. "" is the one that comes with the code, where there is one."""
    if not path and is_published(PUBLISHED):
        return os.path.join(PUBLISHED, WEIGHTS)
    if not path:
        raise CheckpointError("which checkpoint? give --ckpt=PATH, a .pt file or the out_dir of a run")
    if os.path.isdir(path):
        best = os.path.join(path, "best.pt")
        return best if os.path.exists(best) else latest_checkpoint(path)
    return path


def latest_checkpoint(out_dir: str, warn=print) -> str:
    """Path of the newest checkpoint that is whole, each damaged one skipped with a warning.

    `best.pt` is the last resort, then a published checkpoint. Raises CheckpointError if `out_dir` holds none that is
    whole.
    """
    best = os.path.join(out_dir, "best.pt")
    published = [os.path.join(out_dir, WEIGHTS)] * is_published(out_dir)
    for path in numbered(out_dir) + [best] * os.path.exists(best) + published:
        try:
            load_checkpoint(path)
            return path
        except CheckpointError as error:
            warn(f"warning: skipped: {error}")
    raise CheckpointError(f"there is no whole checkpoint in {out_dir}: train with --init_from=scratch, "
                          "or set --out_dir to the folder of a run")


def save_checkpoint(out_dir: str, checkpoint: dict, is_best: bool = False) -> str:
    """Save under the checkpoint's `iter`, as best.pt too if it is the best, then drop all but the newest two.

    Returns the path. Raises CheckpointError, with the earlier checkpoints untouched.
    """
    path = os.path.join(out_dir, f"ckpt_{checkpoint['iter']:08d}.pt")
    content = pack(checkpoint)
    if is_best:
        write_atomically(os.path.join(out_dir, "best.pt"), content)
    write_atomically(path, content)
    # Files numbered beyond this one can only be damaged ones that resuming skipped: they don't
    # count as newest, and are replaced when the run gets there.
    older = [other for other in numbered(out_dir) if iteration_of(other) <= checkpoint["iter"]]
    for other in older[KEPT:]:
        os.remove(other)
    return path


def sweep_temporaries(out_dir: str) -> None:
    """Remove what a process that was killed while saving left behind."""
    for name in os.listdir(out_dir):
        if re.fullmatch(r"(ckpt_\d+|best)\.pt\.tmp", name):
            os.remove(os.path.join(out_dir, name))
