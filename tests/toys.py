"""A toy GPT for tests: sizes, a vocabulary that is almost its characters, and models that are awake."""
import math

import torch

import exact

ADD, SUBTRACT, MULTIPLY, DIVIDE, IDENTITY = range(5)
# A toy vocabulary: digits are tokens 0 to 9, and the tokens of other characters are their codes.
SIGNS = {exact.POINT: ".", exact.SPACE: " ", exact.MINUS: "-", exact.END: "\n", exact.UNDEFINED: " undefined",
         exact.TOO: " too", exact.LARGE: " large"}
EQUALS, VOCABULARY = 20, 32
CHARACTERS = (*((code,) for code in range(exact.NOTHING)), ())
SIZES = dict(vocab_size=VOCABULARY, block_size=48, n_layer=2, n_head=2, n_embd=16, dag_depth=2, num_initial_values=3,
             max_digits=2, max_decimals=1, number_token_ids=tuple(range(11)), digit_token_ids=tuple(range(10)), comma_token_ids=(26,),
             point_token_ids=(10,), open_token_ids=(21,), close_token_ids=(22,), scale_token_ids=(23,),
             hyphen_token_ids=(24,), and_token_ids=(25,), answer_digits=4, answer_decimals=2,
             character_token_ids=CHARACTERS)


def awake(model, seed=0, std=0.3):
    """The model with random weights everywhere: fresh ones have zero output projections, which hide mistakes."""
    torch.manual_seed(seed)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=std)
    return model.eval()


def tokens(B, T, seed=0):
    return torch.randint(VOCABULARY, (B, T), generator=torch.Generator().manual_seed(seed))


def with_readers(model, ids, share=0.2):
    """The model, its router's bias set so that a share of the tokens of `ids` plan."""
    with torch.no_grad():
        logits = model.router(model.backbone(ids))[..., 0]
        model.router.bias -= logits.quantile(1 - share)
    return model


def step_by_step(model, ids, count):
    for _ in range(count):
        ids = torch.cat((ids, model(ids)[0][:, -1:].argmax(-1)), 1)
    return ids


def normalised(x, weight=1.0, bias=0.0):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt() * weight + bias


def attended(q, k, v, n_head):
    """Causal attention in loops, (T, H) each."""
    T, H = q.shape
    out, width = torch.zeros_like(q), H // n_head
    for part in (slice(h * width, (h + 1) * width) for h in range(n_head)):
        for t in range(T):
            scores = torch.stack([q[t, part] @ k[j, part] for j in range(t + 1)]) / math.sqrt(width)
            shares = scores.exp() / scores.exp().sum()
            out[t, part] = sum(share * v[j, part] for j, share in enumerate(shares))
    return out
