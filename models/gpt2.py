"""GPT-2's form of the backbone, and its published weights. Imports the parts of `backbone` alone.

Radford et al. 2019, "Language Models are Unsupervised Multitask Learners". Learned positions, LayerNorm and linear maps
with biases, tanh-GELU, and the head tied to the token embedding.

Axes: B batch, T tokens, H n_embd.
"""
import http.client
import json
import math
import os
import urllib.request

import torch
import torch.nn as nn
import torch.nn.functional as F

from models.backbone import ModelConfig, ModelError, embedding

PUBLISHED = ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl")
ADDRESS = "https://huggingface.co/{}/resolve/main/model.safetensors"
TIMEOUT = 20          # seconds without a byte
HEAD_WIDTH = 64       # of every published size: their number of heads isn't in the weights
DTYPES = dict(F64=torch.float64, F32=torch.float32, F16=torch.float16, BF16=torch.bfloat16, I64=torch.int64,
              I32=torch.int32, I16=torch.int16, I8=torch.int8, U8=torch.uint8, BOOL=torch.bool)
# Our names of a block's parts, and Hugging Face's. Those of its "Conv1D" are transposed.
PARTS = dict(norm1="ln_1", qkv="attn.c_attn", out="attn.c_proj", norm2="ln_2", up="mlp.c_fc", down="mlp.c_proj")
TRANSPOSED = ("qkv", "out", "up", "down")
MASKS = (".attn.bias", ".attn.masked_bias")           # buffers that some files hold, no weights


# ---- the transformer ----------------------------------------------------------------------------------------------

class GPT2Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        H, self.n_head = config.n_embd, config.n_head
        self.norm1, self.norm2 = nn.LayerNorm(H), nn.LayerNorm(H)
        self.qkv, self.out = nn.Linear(H, 3 * H), nn.Linear(H, H)
        self.up, self.down = nn.Linear(H, 4 * H), nn.Linear(4 * H, H)
        for layer in (self.qkv, self.out, self.up, self.down):
            # Those that write into the residual stream start smaller the more of them there are.
            std = 0.02 / math.sqrt(2 * config.n_layer) if layer in (self.out, self.down) else 0.02
            nn.init.normal_(layer.weight, std=std)
            nn.init.zeros_(layer.bias)

    def forward(self, x, cache=None, layer=0):
        x = x + self.attend(self.norm1(x), cache, layer)
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))

    def attend(self, x, cache, layer):
        B, T, H = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.n_head, H // self.n_head).permute(2, 0, 3, 1, 4)
        if cache is not None:
            k, v = cache.extended(layer, k, v)
        start = k.size(2) - T
        # With earlier tokens before them, is_causal would align the queries with the first keys.
        mask = torch.ones(T, start + T, dtype=torch.bool, device=x.device).tril(start) if start and T > 1 else None
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=start == 0)
        return self.out(y.transpose(1, 2).reshape(B, T, H))


class GPT2Backbone(nn.Module):
    """Token ids (B, T) int64 -> hidden states (B, T, H), causal. With a cache: those of the tokens not in it yet."""

    def __init__(self, config):
        super().__init__()
        self.block_size = config.block_size
        self.token_embedding = embedding(config.vocab_size, config.n_embd, std=0.02)
        self.position_embedding = embedding(config.block_size, config.n_embd, std=0.02)
        self.blocks = nn.ModuleList(GPT2Block(config) for _ in range(config.n_layer))
        self.norm = nn.LayerNorm(config.n_embd)

    def forward(self, ids, cache=None):
        if ids.size(1) > self.block_size:
            raise ModelError(f"an input of {ids.size(1)} tokens exceeds block_size={self.block_size}; shorten the text "
                             "or train with a larger block_size")
        seen = cache.length if cache is not None else 0
        x = self.token_embedding(ids[:, seen:]) + self.position_embedding.weight[seen:ids.size(1)]
        for layer, block in enumerate(self.blocks):
            x = block(x, cache, layer)
        if cache is not None:
            cache.length = ids.size(1)
        return self.norm(x)

    def crop_block_size(self, block_size):
        self.block_size = block_size
        self.position_embedding.weight = nn.Parameter(self.position_embedding.weight.detach()[:block_size].clone())
        self.position_embedding.weight.is_embedding_or_head = True


# ---- published weights --------------------------------------------------------------------------------------------

def from_pretrained(kind, name_or_path, override_args=None):
    """kind(config), a GPT, with GPT-2's weights; dag_depth is 0 unless override_args, fields of ModelConfig, say more.

    name_or_path: one of PUBLISHED, fetched once from the Hugging Face hub; or a file of weights in its naming
    (safetensors, or a torch state dict), or a folder with one. Raises ModelError in one line.
    """
    path, n_head = located(str(name_or_path))
    weights = renamed(read_safetensors(path) if is_safetensors(path) else read_torch(path), path)
    positions, H = shape_of(weights, "position_embedding.weight", path)
    sizes = dict(vocab_size=shape_of(weights, "token_embedding.weight", path)[0], block_size=positions, n_embd=H,
                 n_layer=len({name.split(".")[1] for name in weights if name.startswith("blocks.")}),
                 n_head=n_head or max(H // HEAD_WIDTH, 1), form="gpt2", dag_depth=0)
    config = ModelConfig(**{**sizes, **(override_args or {})})
    known = n_head or (H // HEAD_WIDTH if H % HEAD_WIDTH == 0 else None)       # no tensor's shape depends on it
    if known and config.n_head != known:
        raise ModelError(f"{path} has {known} heads, n_head={config.n_head} would read it as something else: use "
                         f"n_head={known}")
    if config.form != "gpt2" or config.block_size > positions:
        raise ModelError(f"{path} has GPT-2's form and {positions} positions, not form={config.form} and "
                         f"block_size={config.block_size}")
    weights["position_embedding.weight"] = weights["position_embedding.weight"][:config.block_size]
    model = kind(config)
    state = model.backbone.state_dict()
    for name in [*state, *weights]:
        there, here = (tuple(some[name].shape) if name in some else "absent" for some in (weights, state))
        if there != here:
            raise ModelError(f"{path} doesn't fit: {name} is {there} in the file and {here} in the model")
    model.backbone.load_state_dict(weights)           # which casts half precision to the model's own
    return model


def located(name_or_path):
    """(path of a file of weights, its number of heads or None where nothing says it)."""
    folder = name_or_path
    if name_or_path in PUBLISHED and not os.path.exists(name_or_path):
        return fetched(name_or_path), None
    if not os.path.isdir(folder):
        if not os.path.isfile(name_or_path):
            raise ModelError(f"there is no {name_or_path}: give a file or folder of GPT-2's weights, or one of "
                             f"{', '.join(PUBLISHED)}")
        folder, names = os.path.dirname(name_or_path), {os.path.basename(name_or_path)}
    else:
        names = {"model.safetensors", "pytorch_model.bin"} & set(os.listdir(folder))
        if not names:
            raise ModelError(f"{folder} holds neither model.safetensors nor pytorch_model.bin")
    described = os.path.join(folder, "config.json")
    try:
        with open(described, encoding="utf-8") as file:
            n_head = int(json.load(file)["n_head"])
    except FileNotFoundError:
        n_head = None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{described} doesn't say n_head ({type(error).__name__}: {error}); mend or remove it"
                         ) from None
    return os.path.join(folder, min(names)), n_head


def fetched(name):
    """Path of a published model's weights in the cache folder, downloaded where they aren't there yet."""
    folder = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "nanogpt-dag")
    path, address = os.path.join(folder, f"{name}.safetensors"), ADDRESS.format(name)
    if os.path.exists(path):
        return path
    partial = f"{path}.{os.getpid()}.tmp"
    try:
        os.makedirs(folder, exist_ok=True)
        with urllib.request.urlopen(address, timeout=TIMEOUT) as answer, open(partial, "wb") as file:
            while piece := answer.read(1 << 20):
                file.write(piece)
            expected, there = answer.headers.get("Content-Length"), file.tell()
        if expected is not None and int(expected) != there:
            raise OSError(f"{there:,} of {int(expected):,} bytes came")
        os.replace(partial, path)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ModelError(f"can't fetch {address} ({str(error) or type(error).__name__}): fetch that file elsewhere and "
                         f"give its path instead of {name!r}, or put it at {path}") from None
    finally:
        if os.path.exists(partial):
            os.remove(partial)
    return path


def is_safetensors(path):
    """Whether a file of weights is one: a torch state dict is a zip archive or a pickle."""
    with open(path, "rb") as file:
        return file.read(2) not in (b"PK", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


def read_safetensors(path):
    """{name: tensor} of a safetensors file: length of the header (8 bytes, little-endian), JSON header, raw tensors."""
    size = os.path.getsize(path)
    try:
        with open(path, "rb") as file:
            start = 8 + int.from_bytes(file.read(8), "little")
            if not 8 < start <= size:
                raise ValueError(f"its header would end at byte {start:,} of {size:,}")
            header = json.loads(file.read(start - 8))
        content = torch.from_file(path, size=size, dtype=torch.uint8)         # mapped: read when it is copied
        tensors = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            first, last = entry["data_offsets"]
            dtype, count = DTYPES[entry["dtype"]], math.prod(entry["shape"])
            if not 0 <= first <= last <= size - start:
                raise ValueError(f"{name} would end at byte {start + last:,} of {size:,}")
            if last - first != count * dtype.itemsize:
                raise ValueError(f"{name} of shape {entry['shape']} has {last - first:,} bytes")
            # A copy is aligned, which a place in the file needn't be.
            tensors[name] = content[start + first:start + last].clone().view(dtype).view(entry["shape"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = str(error).splitlines()[0] if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise ModelError(f"{path} is truncated or no safetensors file: {reason}; fetch it anew") from None
    return tensors


def read_torch(path):
    """{name: tensor} of a torch state dict. No code in it is run."""
    try:
        with open(path, "rb") as file:          # by its name, torch might take it for something else
            tensors = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:          # torch raises many kinds for what it can't read
        raise ModelError(f"{path} can't be read as a torch state dict: {(str(error) or repr(error)).splitlines()[0]}"
                         ) from None
    if not isinstance(tensors, dict) or not all(isinstance(value, torch.Tensor) for value in tensors.values()):
        raise ModelError(f"{path} is no state dict, which maps names to tensors")
    return tensors


def renamed(tensors, path):
    """Weights in Hugging Face's naming as GPT2Backbone's state dict. Raises ModelError for one with no place in it."""
    tensors = {str(name).removeprefix("transformer."): value for name, value in tensors.items()}
    names = {"wte.weight": "token_embedding.weight", "wpe.weight": "position_embedding.weight",
             "ln_f.weight": "norm.weight", "ln_f.bias": "norm.bias"}
    if not set(names) & set(tensors):
        raise ModelError(f"{path} holds no GPT-2: none of {', '.join(names)} is among its {len(tensors)} tensors")
    parts = {f"{theirs}.{leaf}": f"{ours}.{leaf}" for ours, theirs in PARTS.items() for leaf in ("weight", "bias")}
    weights = {}
    for name, value in tensors.items():
        _, _, part = name.partition("h.")[2].partition(".")
        number = name.split(".")[1] if name.startswith("h.") else ""
        if name in names:
            weights[names[name]] = value
        elif number.isdecimal() and part in parts:
            ours = parts[part]
            is_transposed = ours.endswith(".weight") and ours.split(".")[0] in TRANSPOSED
            weights[f"blocks.{int(number)}.{ours}"] = value.t() if is_transposed and value.ndim == 2 else value
        elif name == "lm_head.weight":
            tied = tensors.get("wte.weight", value)
            if tied.shape != value.shape or not tied.equal(value):
                raise ModelError(f"{path} has a head of its own, lm_head.weight; here it is tied to wte.weight")
        elif not name.endswith(MASKS):
            raise ModelError(f"{path} holds {name}, which GPT-2 has no place for")
    return weights


def shape_of(weights, name, path):
    """The two sizes of a matrix of weights."""
    if name not in weights or weights[name].ndim != 2:
        there = tuple(weights[name].shape) if name in weights else "absent"
        raise ModelError(f"{path} doesn't fit: {name} is {there} in the file and must be a matrix")
    return weights[name].shape
