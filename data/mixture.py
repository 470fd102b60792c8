"""Mixtures: batches of several streams, dealt by weight. Imports `data.dagset` and `text_file`."""
import difflib
import math
import re
from bisect import bisect_right
from itertools import accumulate

import torch

from data.dagset.counter_rng import shift_right, stream_keys
from data.text_file import TextError

MIXTURE_KEYS = 28        # where its stream of hashes starts, apart from those of `data.dagset` (0 to 3) and `data.text`


def parse_mixture(text):
    """[(name, weight), ...] of "dagset:0.7,shakespeare:0.3", weights made to sum to 1; one bare name has weight 1.

    Raises TextError: another form, a weight that isn't a positive number, a name twice.
    """
    example = "write it like dagset:0.7,shakespeare:0.3"
    if re.fullmatch(r"\s*\w[\w-]*\s*", text):
        return [(text.strip(), 1.0)]
    mixture = {}
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\w[\w-]*)\s*:\s*(\S+)\s*", part)
        try:
            name, weight = match[1], float(match[2])
        except (TypeError, ValueError):
            raise TextError(f"the mixture {text!r} has {part.strip()!r} where NAME:WEIGHT belongs; {example}") from None
        if not 0 < weight < math.inf:             # NaN is neither
            raise TextError(f"the mixture {text!r} gives {name} the weight {match[2]}, which is not a positive number; "
                            f"{example}")
        if name in mixture:
            raise TextError(f"the mixture {text!r} names {name} twice; {example}")
        mixture[name] = weight
    total = sum(mixture.values())
    return [(name, weight / total) for name, weight in mixture.items()]


def check_names(names, known):
    """Raise TextError for the first of `names` that isn't in `known`, with the nearest that is."""
    known = list(known)
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise TextError(f"there is no text named {name}: {hint}")


class Mixture:
    """Batches of several streams: each batch is all of one stream, drawn by weight, a pure function of its number.

    streams: name -> stream with `batch(n)` and `examples_per_batch`. weights: name -> weight, or such pairs.
    Batch n is the drawn stream's own batch n, so of its batches 0, 1, 2, ... a stream gives those numbers it is drawn
    at, and the state of a run is n alone.
    """

    def __init__(self, streams, weights, seed):
        self.streams, self.seed, weights = dict(streams), seed, dict(weights)
        if set(weights) != set(self.streams):
            raise TextError(f"a mixture of streams {', '.join(self.streams)} has weights for {', '.join(weights)}; "
                            "give each stream one weight")
        sizes = {name: stream.examples_per_batch for name, stream in self.streams.items()}
        if len(set(sizes.values())) != 1:
            raise TextError("the streams of a mixture have batches of different sizes, "
                            f"{', '.join(f'{name} {size}' for name, size in sizes.items())}; give all one batch_size")
        self.examples_per_batch = next(iter(sizes.values()))
        self._names = list(self.streams)
        self._upto = list(accumulate(weights[name] for name in self._names))

    def name_of(self, number):
        """The name of the stream that gives batch `number`."""
        key = stream_keys(self.seed, MIXTURE_KEYS, torch.tensor([number]))
        share = int(shift_right(key, 11)) / (1 << 53)                                   # uniform in [0, 1)
        return self._names[min(bisect_right(self._upto, share * self._upto[-1]), len(self._names) - 1)]

    def batch(self, number):
        return self.streams[self.name_of(number)].batch(number)
