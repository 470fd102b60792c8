"""Streaming arithmetic expressions: text, token ids and plan labels, made as tensors on the training device."""
from data.dagset.ranges import OPERATIONS, SPLITS, RangeError, Ranges
from data.dagset.stream import Batch, Stream, settings_of
from data.dagset.tokenizer import TokenizerError, fingerprint, get_tokenizer
from data.dagset.wording import WORDINGS, Wording
