"""The pieces texts are put together from: one ragged table of token ids, made once, and how rows of it become texts.

Imports nothing of ours.
"""
import functools

import torch

GLUED, SPACED, CAPITAL = 0, 1, 2         # how a piece joins the text before it; CAPITAL begins a sentence


@functools.lru_cache(maxsize=2)
def encoder(tokenizer):
    """text -> its ids, a tuple: each table of a tokeniser's, and there is one for every size of numbers, has most of its texts."""
    return functools.cache(lambda text: tuple(tokenizer.encode(text)))


class PieceTable:
    """A ragged table of token ids; row 0 is empty. `add` returns the row of a text."""

    def __init__(self, tokenizer):
        self.encode = encoder(tokenizer)
        self.rows = {(): 0}
        self.add = functools.cache(self._add)          # ten times as many are asked for as there are

    def _add(self, *texts):
        """The row of the texts' tokens one after another; texts must meet where the tokeniser would split."""
        ids = sum(map(self.encode, texts), ())
        return self.rows.setdefault(ids, len(self.rows))

    def tensors(self):
        """(ids, start, length) int32: row r is ids[start[r] : start[r] + length[r]]."""
        rows = list(self.rows)
        length = torch.tensor([len(ids) for ids in rows], dtype=torch.int32)
        start = torch.cat((length.new_zeros(1), length.cumsum(0, dtype=torch.int32)[:-1]))
        return torch.tensor([i for ids in rows for i in ids], dtype=torch.int32), start, length


def joined(text, joint):
    """`text` as it stands after what the joint says."""
    return " " + text if joint == SPACED else text[:1].upper() + text[1:] if joint == CAPITAL else text


def pick(table, *indices):
    """table[indices] for integer index tensors of one shape: one flat gather, several times faster than indexing."""
    flat = indices[0]
    for size, index in zip(table.shape[1:], indices[1:]):
        flat = flat * size + index
    return table.flatten().index_select(0, flat.flatten()).view(flat.shape)


def gather_pieces(tables, rows):
    """Token ids of rows (P, N), text by text: (ids (total,) int32, offsets (N + 1,) int64)."""
    rows = rows.t().contiguous()                                # (N, P)
    pieces = torch.zeros(len(rows) + 1, dtype=torch.int64, device=rows.device)
    torch.cumsum((rows != 0).sum(1), 0, out=pieces[1:])         # filled pieces up to the end of each text
    rows = rows.flatten().index_select(0, rows.flatten().nonzero().squeeze(1))
    length = tables.length.index_select(0, rows)
    ends = torch.zeros(len(rows) + 1, dtype=torch.int64, device=rows.device)
    torch.cumsum(length, 0, out=ends[1:])
    offsets = ends.index_select(0, pieces)
    # Token t of a piece is table[start + t - where the piece begins]: one jump per piece, summed up, gives the rest.
    begins = ends[:-1]
    shift = tables.start.index_select(0, rows) - begins.to(torch.int32)
    jump = torch.ones(int(ends[-1]), dtype=torch.int32, device=rows.device)
    jump.scatter_(0, begins, torch.cat((shift[:1], shift.diff() + 1)))
    return tables.ids.index_select(0, jump.cumsum(0, dtype=torch.int32)), offsets
