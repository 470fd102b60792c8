"""Positions that the ids alone tell: within a number, among the numbers, within brackets and nouns. Imports torch alone.

Counting is what a transformer learns slowly and forgets beyond the counts it was trained on; here it is done for it, as
token positions are counted for every transformer. Which digits, signs and operators there are is left to the model.

Axes: B sequences of T tokens; N readers, each with a sequence of its own.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

MAX_RUN = 64          # positions within a run of number tokens that are told apart
MAX_DEPTH = 16        # depths of brackets, and of nouns, that are told apart
MAX_COUNT = 32        # numbers of a text that are told apart by their order
UNSAID = 6            # places before and behind the point that numbers whose digits nobody says keep within: half of, a dozen
# What a config says of tokens, as {role}_token_ids
ROLES = ("number", "digit", "comma", "point", "open", "close", "scale", "hyphen", "and", "noun", "of",
         "joint", "passive", "break", "annotation", "half", "annotated", "unit", "teen", "ten", "hundred", "spoken_point")


def earlier(flags, by=1):
    """Flags (B, T) of the token `by` places before each; False where there is none."""
    return F.pad(flags, (by, 0))[:, :flags.size(1)]


def later(flags):
    """Flags (B, T) of the token behind each; False where there is none."""
    return F.pad(flags, (0, 1))[:, 1:]


def nested(opens, closes):
    """How deep each token stands in what openers and closers (B, T) bool enclose, both ends within; (B, T) int64. A closer
    that nothing opened encloses itself alone."""
    after = (opens.long() - closes.long()).cumsum(1)
    after = after - after.cummin(1).values.clamp(max=0)
    return (after + closes).clamp(max=MAX_DEPTH - 1)


class Positions(nn.Module):
    """Positions by the roles that `config` gives to tokens. Later tokens change none of them, a place none behind its
    reader.

    number: all tokens that numbers are written with. Of them digit: single digits; comma: what parts thousands; point:
    what decimals follow; scale: "hundred", "thousand" and so on. open, close: brackets. hyphen: what joins "twenty-five".
    and: what joins "one hundred and five". noun, of: the two tokens that "the sum of 3 and 4" opens with, or "adding 3
    to 4"; joint: "and", "to" and others that part its operands; passive: what makes "added to" of "to", which parts none.
    annotation: what a calculator annotation opens with, "<<48/2=24>>"; half: half of it, where two tokens write it;
    annotated: what it closes with, as a new line does. break: what else numbers are counted anew behind, a new line.
    unit, teen, ten, hundred: words that bear a digit, two, one of tens, and that make hundreds of it; spoken_point: "point".
    power: for each power of a thousand, the runs of tokens that say it, "million".
    """

    def __init__(self, config):
        super().__init__()
        self.max_digits, self.max_decimals = config.max_digits, config.max_decimals
        for role in ROLES:
            tokens = torch.zeros(config.vocab_size, dtype=torch.bool)
            tokens[list(getattr(config, f"{role}_token_ids"))] = True
            self.register_buffer(f"is_{role}", tokens, persistent=False)
        self.knows_words = all(getattr(config, f"{role}_token_ids") for role in ("digit", "unit", "ten", "teen", "hundred", "power"))
        zeros = torch.zeros(config.vocab_size, dtype=torch.int64)       # that a token says behind a number
        long = []
        for power, spellings in enumerate(config.power_token_ids, 1):
            for spelling in spellings:
                if len(spelling) == 1:
                    zeros[spelling[0]] = 3 * power
                else:
                    long.append((3 * power, spelling))
        self.register_buffer("zeros", zeros, persistent=False)
        # The same of runs of several tokens, filled with -1 on the left
        width = max((len(spelling) for _, spelling in long), default=1)
        self.register_buffer("long_powers", torch.tensor([[-1] * (width - len(spelling)) + [*spelling] for _, spelling in long],
                                                         dtype=torch.int64).view(-1, width), persistent=False)
        self.register_buffer("long_zeros", torch.tensor([power for power, _ in long], dtype=torch.int64), persistent=False)
        self.long_lengths = [len(spelling) for _, spelling in long]

    def run(self, ids):
        """How many number tokens in a row end here: 0 outside of numbers, 1, 2, ... within; (B, T) int64.

        Positions within a number, counted from its start, are the Abacus embeddings of McLeish et al. 2024
        (arXiv:2405.17399).
        """
        position = torch.arange(ids.size(1), device=ids.device).expand_as(ids)
        last_other = position.masked_fill(self.is_number[ids], -1).cummax(1).values
        return (position - last_other).clamp(max=MAX_RUN - 1)

    def depth(self, ids):
        """How many brackets each token stands in, its own if it is one; a closer that nothing opened is in its own alone.
        (B, T) int64."""
        return nested(self.is_open[ids], self.is_close[ids])

    def waiting(self, ids):
        """How many nouns wait for their second operand, counted as `depth` counts: "the sum of" opens and its "and" closes.

        (B, T) int64. So in "the sum of the product of 2 and 3 and 4" the first "and" closes the product and the second
        one the sum, as brackets would. What "and a half" closes, or an "and" in "one hundred and five", is miscounted.
        """
        opens = self.is_of[ids] & earlier(self.is_noun[ids])
        return nested(opens, self.is_joint[ids] & ~earlier(self.is_passive[ids]))

    def count(self, ids):
        """How many numbers have begun up to each token, its own included if it is of one, since the break before the latest
        of them; (B, T) int64.

        An annotation deep in a long text so counts as the same sum alone does. "The sum of 1,2 and 3" counts two and "twice
        8" one: a help to the model and no parser.
        """
        begins, begun, *_ = self.numbers(ids)
        at_break = torch.where(self.is_break[ids] | self.opens_annotation(ids), begun, 0).cummax(1).values
        return (begun - torch.where(begins, at_break, 0).cummax(1).values).clamp(max=MAX_COUNT - 1)

    def numbers(self, ids):
        """(where a number begins (B, T) bool, how many have begun (B, T) int64, words of digits (B, T) bool, the zeros (B, T)
        int64 of a power of a thousand at its last token).

        Numbers are runs of digits or of number words; a point or comma goes on between digits, a hyphen between words, and
        "and" after "hundred" and the like. "Oh" is a zero behind a point or another digit alone.
        """
        digit, mark = self.is_digit[ids], self.is_comma[ids] | self.is_point[ids]
        number, unit, zeros, scale = self.is_number[ids], self.is_unit[ids], self.zeros[ids], self.is_scale[ids]
        unit = unit & (number | earlier(unit | self.is_spoken_point[ids]))
        word = (number | unit) & ~digit & ~mark
        goes_on = earlier(digit | word)
        if self.long_lengths:
            width = self.long_powers.size(1)
            tokens = torch.stack([F.pad(ids, (by, 0), value=-2)[:, :ids.size(1)] for by in reversed(range(width))], -1)
            found = ((tokens[..., None, :] == self.long_powers) | (self.long_powers < 0)).all(-1)              # (B, T, powers)
            zeros = zeros + (found * self.long_zeros).sum(-1)
            ends = [found[..., n] for n in range(len(self.long_lengths))]
            before = word
            for end, length in zip(ends, self.long_lengths):
                word, scale = word | end, scale | end
                goes_on = goes_on | end & earlier(digit | before, length)
            goes_on = goes_on | earlier(word)
        goes_on = (goes_on | digit & earlier(mark) & earlier(digit, 2)
                   | word & (earlier(self.is_hyphen[ids]) & earlier(word, 2)
                             | earlier(self.is_and[ids]) & earlier(scale, 2)))
        begins = (digit | word) & ~goes_on
        return begins, begins.cumsum(1), unit, zeros

    def opens_annotation(self, ids):
        """Where a calculator annotation opens: "<<" in one token, or the second of two; (B, T) bool. "3 < 5" opens none."""
        half = self.is_half[ids]
        return self.is_annotation[ids] | half & earlier(half)

    def asked(self, ids):
        """Where what each token can be asked begins; (B, T) int64: in a calculator annotation that isn't closed yet at its
        opener, elsewhere at the text's first token.

        The left side of an annotation says all that is to be computed, and as a rule says again what the sentence before it
        says: "Two times is 2*9 = <<2*9=".
        """
        position = torch.arange(ids.size(1), device=ids.device)
        opened, closed = (torch.where(flags, position, -1).cummax(1).values
                          for flags in (self.opens_annotation(ids), self.is_annotated[ids]))
        return torch.where(opened > closed, opened, 0)

    def places(self, ids, readers):
        """The places of each digit in its number, as far as a reader can tell from the tokens it sees.

        ids (N, T) int64 and readers (N,) int64, positions -> (N, T, 2) int64: as in a plan's digits, 1 for the most
        significant place there is and so on; 0 for what bears no digit or has no such place. "Twelve" has two, all else one.
        (The digits of 25%, a plan's 0.25, have the places of 25.) A number's first digit can't count the digits to come; its
        reader stands behind them, and behind the "million" of "2.5 million" or "six million", whose digits have the places of
        2500000 and 6000000. Digits of one significance so have one position, as in the position coupling of Cho et al. 2024
        (arXiv:2405.20671).
        """
        T = ids.size(1)
        position = torch.arange(T, device=ids.device)
        seen = position <= readers[:, None]
        begins, begun, unit, zeros = self.numbers(ids)

        # Of digits: the power of ten, from where a run of them ends or the point before it.
        digit = self.is_digit[ids]
        # A comma between two digits goes on with a number. What follows the comma is behind a reader that sees only
        # the comma, but makes no difference to it: a comma counts nothing.
        inside = digit | self.is_comma[ids] & later(digit) & earlier(digit)
        before = torch.where(inside, -1, position).cummax(1).values                     # what a digit's run comes after
        behind = torch.where(inside, T, position).flip(1).cummin(1).values.flip(1)      # and what comes after it
        count = F.pad(digit.cumsum(1), (1, 0))                                          # (N, 1 + T), of tokens < t
        here = count[:, :-1]
        is_decimal = (before >= 0) & self.is_point[ids.gather(1, before.clamp(min=0))]
        end = torch.minimum(behind, readers[:, None] + 1)
        exponent = torch.where(is_decimal, count.gather(1, before + 1) - here, count.gather(1, end) - here) - 1

        # Of words: "two hundred and twelve", "point oh five". A scale that nothing counts, "a hundred", counts one.
        ten, teen, hundred = (role[ids] for role in (self.is_ten, self.is_teen, self.is_hundred))
        lone = (hundred | (zeros > 0)) & begins
        tens = torch.where(unit & later(hundred & seen) | lone & hundred, 2, (ten | teen).long())
        point = torch.where(self.is_spoken_point[ids], position, -1).cummax(1).values
        is_spoken = unit & (point >= 0) & (begun.gather(1, point.clamp(min=0)) == begun)
        units = unit.cumsum(1)
        exponent = torch.where(digit, exponent, torch.where(is_spoken, units.gather(1, point.clamp(min=0)) - units, tens))

        # The power of a thousand that comes next in the same number
        following = torch.where((zeros > 0) & seen, position, T).flip(1).cummin(1).values.flip(1)
        is_there, following = following < T, following.clamp(max=T - 1)
        exponent = exponent + zeros.gather(1, following) * (is_there & (begun.gather(1, following) == begun))
        place = self.max_digits - torch.stack((exponent, exponent - 1), 2)
        bears = torch.stack((digit | unit | ten | teen | lone, teen), 2)
        return torch.where(bears & (place >= 1) & (place <= self.max_digits + self.max_decimals), place, 0)

    def fillable(self, places, readers):
        """Where a reader's numbers can have digits other than 0, by the `places` (N, T, 2) of what it reads: (N, P) bool.

        Those are the places from the first to the last that tokens bear, and UNSAID of them around the point. The 0.25
        that 25% is worth has two decimals more than are written. All, where the config doesn't say which words bear digits.
        """
        if not self.knows_words:
            return torch.ones(len(places), self.max_digits + self.max_decimals, dtype=torch.bool, device=places.device)
        seen = torch.arange(places.size(1), device=places.device) <= readers[:, None]
        places = torch.where(seen[..., None], places, 0).flatten(1)
        last_whole = self.max_digits
        first = torch.where(places > 0, places, last_whole).amin(1).clamp(max=last_whole - UNSAID + 1)
        last = (places.amax(1) + 2).clamp(min=last_whole + UNSAID)
        place = 1 + torch.arange(last_whole + self.max_decimals, device=places.device)
        return (place >= first[:, None]) & (place <= last[:, None])
