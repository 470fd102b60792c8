"""Random numbers that are a pure function of a key and a lane: no state, the same on every device, batch and process.

The mixer is splitmix64's (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators"), on int64
tensors, whose arithmetic wraps. Imports nothing of ours.
"""
import torch


def wrapped(constant):
    """A Python int as the int64 that has its low 64 bits."""
    return (constant + (1 << 63)) % (1 << 64) - (1 << 63)


GOLDEN = wrapped(0x9E3779B97F4A7C15)
MIX_1 = wrapped(0xBF58476D1CE4E5B9)
MIX_2 = wrapped(0x94D049BB133111EB)


def shift_right(x, bits):
    """Logical right shift of int64 (torch's `>>` keeps the sign)."""
    return (x >> bits).bitwise_and_((1 << (64 - bits)) - 1)


def hash64(x):
    """splitmix64's finaliser, elementwise: int64 -> int64, a bijection."""
    x = shift_right(x, 30).bitwise_xor_(x).mul_(MIX_1)          # in place: half the time of a fresh tensor each
    x = shift_right(x, 27).bitwise_xor_(x).mul_(MIX_2)
    return shift_right(x, 31).bitwise_xor_(x)


def stream_keys(seed, split, index):
    """Keys (N,) int64 of examples `index` (N,) int64 of stream (seed, split), both Python ints."""
    base = torch.full((1,), wrapped(seed * GOLDEN + 1), dtype=torch.int64, device=index.device)
    base = hash64(hash64(base) + wrapped(split * GOLDEN))
    return hash64(base + index * GOLDEN)


def draw_fields(keys, first_lane, count):
    """`count` independent uniform integers in [0, 65536) for each key: (count, N) int32, fields first.

    A lane is one 64-bit hash and gives four fields. `first_lane` (< 2**16) keeps purposes apart.
    """
    lanes = -(-count // 4)
    lane = torch.arange(first_lane + 1, first_lane + 1 + lanes, dtype=torch.int64, device=keys.device)
    bits = hash64(keys[None, :] + (lane * GOLDEN)[:, None])                              # (lanes, N)
    quarters = bits.view(torch.int16).view(lanes, -1, 4).transpose(1, 2)                 # (lanes, 4, N)
    return quarters.to(torch.int32).bitwise_and_(0xFFFF).reshape(4 * lanes, -1)[:count]


def scaled(fields, bound):
    """Fields (16 uniform bits) mapped to integers in [0, bound), int32; bound <= 2**15, int or int32 tensor."""
    return (fields * bound) >> 16


def scaled_finely(high, low, bound):
    """The same of two fields: no integer is likelier than another by more than 2**-17, however many there are."""
    return (high * bound + scaled(low, bound)) >> 16


def chance(fields, rate):
    """True with probability `rate`, to 1/65536."""
    return fields < round(rate * 65536)
