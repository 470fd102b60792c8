"""Make `dag.tiktoken`, the ranks of the `dag` tokeniser: bytes, the vocabulary of arithmetic whole, then English.

    python -m data.dagset.build_ranks --out=FILE TEXT [TEXT ...]

The 256 bytes come first (digits and punctuation are among them). Then every word that numbers and operations are
spelled with, bare or capitalised, with and without a leading space: tiktoken takes a piece that is a token as it stands, so these
need no merges below them. The rest are byte-pair merges learned on the given texts (Sennrich et al. 2016);
`dag.tiktoken` was learned on 3,000 questions and answers of GSM8K (Cobbe et al. 2021) and half of Tiny Shakespeare.
"""
import argparse
import base64
from collections import Counter

import regex

from data.dagset.tokenizer import NUMBER_WORDS, PATTERN

ARITHMETIC_WORDS = (
    "minus negative plus times divided multiplied by over less add added subtract subtracted multiply divide from to "
    "with and the sum difference between of product quotient ratio total double half twice percent per cent more than "
    "equals equal is what calculate compute evaluate find solve work out value answer question result how much many "
    "please tell me undefined oh a an hundredth tenth hundreds thousands millions decrease increase increased "
    "decreased reduced remainder take away find give positive dot"
).split()


def learn_merges(texts, tokens, size):
    """Byte-pair merges of `texts` appended to `tokens` (a list of byte strings) until there are `size`."""
    pieces = Counter()
    for text in texts:
        pieces.update(piece.encode() for piece in regex.findall(PATTERN, text))
    known = set(tokens)
    words = [([bytes([b]) for b in piece], count) for piece, count in pieces.items() if piece not in known]
    while len(tokens) < size:
        pairs = Counter()
        for parts, count in words:
            for pair in zip(parts, parts[1:]):
                pairs[pair] += count
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merged = best[0] + best[1]
        if merged not in known:
            known.add(merged)
            tokens.append(merged)
        for parts, _ in words:
            i = 0
            while i < len(parts) - 1:
                if (parts[i], parts[i + 1]) == best:
                    parts[i:i + 2] = [merged]
                i += 1
    return tokens


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("texts", nargs="+", help="text files to learn English pieces from")
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--size", type=int, default=2047, help="ranks; one more id is the end of text")
    options = arguments.parse_args()
    tokens = [bytes([b]) for b in range(256)]
    for word in dict.fromkeys(NUMBER_WORDS + ARITHMETIC_WORDS + ["×", "÷", "−"]):
        for form in (word, " " + word, word.capitalize(), " " + word.capitalize()):
            if form.encode() not in tokens:
                tokens.append(form.encode())
    texts = [open(path, encoding="utf-8").read() for path in options.texts]
    learn_merges(texts, tokens, options.size)
    with open(options.out, "wb") as file:
        for rank, token in enumerate(tokens):
            file.write(base64.b64encode(token) + b" %d\n" % rank)


if __name__ == "__main__":
    main()
