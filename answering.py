"""From prompts to plans and answers, in batches of mixed lengths. No printing, no settings.

Phase 1 answers with its plan's value, on exact fractions; Phase 2 with what its language model prints. Imports `exact`,
`data` and `models`. Axes as in `models/dag_model.py`.
"""
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction

import torch

import exact
from data.answers import character_tokens, completed_prompt, single_token
from data.dagset.parser import ParseError, parse
from data.dagset.tree import numbers, plan as plan_of
from data.prompts import normalised, refusal
from models.dag_model import Plan
from models.executor import MAX_MAGNITUDE

UNDEFINED = ("division by zero", "overflow")      # why a plan has no value
PRINTED = {"division by zero": "undefined", "overflow": "too large"}      # what answers call it
TOLD = "'squared'", "'cubed'"          # what is refused, but in texts that the stream has, "12 squared"
NO_END = "what was printed doesn't end within an answer's length"        # why a GPT has no answer
PADDING, LEAST_ROWS = 0.1, 32     # of a batch: the largest share of its positions, if it has so many rows
POSITIONS = dict(cpu=1 << 12)     # of a batch, at most: what stays in a CPU's caches
MORE_POSITIONS = 1 << 16          # elsewhere
NUMBER = re.compile(r"-?\d+(\.\d+)?")            # what a GPT's answer must be to count as one


class PromptError(Exception):
    """Prompts that can't be used; one line."""
    is_user_error = True


# ---- prompts ------------------------------------------------------------------------------------------------------

def out_of_range(text, ids, config):
    """Why the model can't be trusted with a prompt, in a few words that name both values; None where it can.

    Numbers and operations are read by the network alone; this measures prompts that the parser understands, and knows
    signs that no model was taught (`data.prompts.refusal`).
    """
    if not text.strip():
        return "the prompt is empty"
    try:
        tree = parse(normalised(text))
    except ParseError:
        tree = None
    if (reason := refusal(text)) and not (tree is not None and reason.lower().startswith(TOLD)):
        return reason
    if len(ids) > config.block_size:
        return f"{len(ids)} tokens exceed block_size={config.block_size}"
    if tree is None:
        return None
    found, steps = numbers(tree), len(plan_of(tree))
    if len(found) > config.num_initial_values:
        return f"{len(found)} numbers exceed num_initial_values={config.num_initial_values}"
    if config.dag_depth and steps > config.dag_depth:      # a plain GPT has no plan that could be too short
        return f"{steps} operations exceed dag_depth={config.dag_depth}"
    for number in found:
        if abs(number) >= 10 ** config.max_digits:
            return f"{number_text(number)} has more integer digits than max_digits={config.max_digits}"
        if (number * 10 ** config.max_decimals).denominator != 1:
            return f"{number_text(number)} has more decimals than max_decimals={config.max_decimals}"
    return None


def way_out(reason):
    """What can be done about a reason of `out_of_range`."""
    if reason.endswith(("this model has", "this model reads")):
        return "ask without it"
    return "shorten it, or use a checkpoint trained on wider ranges"


def read_prompts(path):
    """The prompts of a line-JSON file. Raises PromptError naming the line of anything malformed."""
    return [entry["prompt"] for entry in read_entries(path)]


def read_entries(path):
    """[{"prompt": str, and whatever else a line says}, ...] of a line-JSON file, with the number of each "line". Raises PromptError."""
    entries = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise PromptError(f"{path}, line {number}: not JSON ({error}); each line must be like "
                                      '{"prompt": "2 + 2"}') from None
            if not isinstance(entry, dict) or not isinstance(entry.get("prompt"), str):
                raise PromptError(f"{path}, line {number}: no text under \"prompt\" in {line.strip()[:80]!r}; each "
                                      'line must be like {"prompt": "2 + 2"}')
            entries.append({**entry, "line": number})
    return entries


# ---- answers ------------------------------------------------------------------------------------------------------

def answer(model, tokenizer, prompts, device, batch_size=256, on_batch=None):
    """Predictions for prompts, in order: (list of Fraction or None, list of str or None saying why None).

    None where the plan's value is undefined (a reason in UNDEFINED) and where `out_of_range` objects (any other).
    on_batch(count) is called after each batch.
    """
    plans, reasons = plan_prompts(model, tokenizer, prompts, device, batch_size, on_batch)
    values = [None if plan is None else plan.slots[-1] for plan in plans]
    reasons = [value if value in UNDEFINED else reason for value, reason in zip(values, reasons)]
    return [None if value in UNDEFINED else value for value in values], reasons


@torch.no_grad()
def plan_prompts(model, tokenizer, prompts, device, batch_size=256, on_batch=None):
    """A PredictorOnlyModel's plans for prompts, in order: (list of ExecutedPlan or None, list of str or None: why)."""
    encoded = [tokenizer.encode(normalised(prompt), disallowed_special=()) for prompt in prompts]
    reasons, plans = [None] * len(prompts), [None] * len(prompts)

    def make(chosen):
        for n in chosen:
            reasons[n] = out_of_range(prompts[n], encoded[n], model.config)
        chosen = [n for n in chosen if reasons[n] is None]
        if not chosen:
            return 0
        ids, lengths = padded([encoded[n] for n in chosen], device)
        for n, plan in zip(chosen, executed_plans(model(ids, lengths), model.config)):
            plans[n] = plan
        return len(chosen)

    for count in side_by_side(make, batches_by_length(encoded, range(len(prompts)), batch_size, device), device):
        if on_batch and count:
            on_batch(count)
    return plans, reasons


@torch.no_grad()
def answer_gpt(model, tokenizer, prompts, device, batch_size=256, on_batch=None, execute=True, speculate=True):
    """What a GPT prints behind prompts, greedily: (texts, reasons, plans), lists in the order of the prompts.

    A prompt is completed so that it asks (`data.answers.completed_prompt`). texts: str, what stands before the token
    that ends an answer; None where a reason says why: what `out_of_range` objects to, too little room for an answer,
    or NO_END. plans: the ExecutedPlan that was offered to the language model, its text in the characters it was offered
    as; None where no answer fell due. on_batch(count) is called after each batch.
    execute: whether plans come with steps, slots and confidence, on exact fractions; else with their text alone, which
    is all that a thousand answers a second have time for. speculate: ask `GPT.offered` first, which changes nothing but
    the time; False writes every answer token by token.
    """
    config = model.config
    longest = exact.n_answer_characters(config.answer_digits, config.answer_decimals)
    newline, ends = single_token(tokenizer, "\n"), set(config.character_token_ids[exact.END])
    encoded = [tokenizer.encode(completed_prompt(prompt, model.asks_again), disallowed_special=()) for prompt in prompts]
    texts, reasons, plans = ([None] * len(prompts) for _ in range(3))
    spell = speller(tokenizer, device)
    # GPT-2's form takes texts of one length at a time.
    todo, alike = range(len(prompts)), config.form != "modern"

    def admitted(chosen):
        """Those of the prompts chosen that nothing objects to; the others' reasons are noted."""
        for n in chosen:
            reasons[n] = out_of_range(prompts[n], encoded[n], config)
            if reasons[n] is None and len(encoded[n]) + longest > config.block_size:
                reasons[n] = f"{len(encoded[n])} tokens and {longest} for an answer exceed block_size={config.block_size}"
        return [n for n in chosen if reasons[n] is None]

    def keep(chosen):
        """What notes the plans of prompts numbered `chosen`."""
        def on_plan(rows, plan, characters):
            new = [at for at, row in enumerate(rows.tolist()) if plans[chosen[row]] is None]
            if not new:                                 # later ones come behind the answer
                return
            offered = [exact.spelled(codes) for codes in characters[new, 0].tolist()]
            flat = Plan(*(field[new, 0] for field in vars(plan).values())) if execute else None
            made = executed_plans(flat, config, offered) if execute else map(ExecutedPlan, offered)
            for at, made_of_it in zip(new, made):
                plans[chosen[int(rows[at])]] = made_of_it
        return on_plan

    def ended(n, tokens):
        """Note what prompt n is answered with; False where it has no end."""
        end = next((place for place, token in enumerate(tokens) if token in ends), None)
        if end is not None:
            texts[n] = tokenizer.decode(tokens[:end]).strip()
        return end is not None

    def at_once(chosen):
        """How many of the chosen two passes answer, and those whose answers they don't tell."""
        if not (chosen := admitted(chosen)):
            return 0, []
        ids, lengths = padded([encoded[n] for n in chosen], device)
        tokens = model.offered(ids, lengths, lambda rows, codes: spell(ids, lengths, rows, codes), keep(chosen),
                               n_values=None if execute else "used")
        left = [n for n, row in zip(chosen, tokens.tolist()) if not ended(n, row)]
        return len(chosen) - len(left), left

    def token_by_token(chosen):
        if not (chosen := admitted(chosen)):
            return 0, []
        ids, lengths = padded([encoded[n] for n in chosen], device)
        written = model.generate(ids, longest, temperature=0, stop=newline, on_plan=keep(chosen),
                                 lengths=None if alike else lengths).tolist()
        for n, tokens in zip(chosen, written):
            if not ended(n, tokens[len(encoded[n]):len(encoded[n]) + longest]):
                reasons[n] = NO_END
        return len(chosen), []

    for way in (at_once, token_by_token) if speculate and config.dag_depth else (token_by_token,):
        batches, todo = batches_by_length(encoded, todo, batch_size, device, alike), []
        for count, left in side_by_side(way, batches, device):
            todo += left
            if on_batch and count:
                on_batch(count)
    return texts, reasons, plans


def side_by_side(work, batches, device):
    """work(batch) of each, as they are done; on a CPU in as many threads as torch has, each with a core of its own.

    The matrices of a batch are too small for two cores to share: each doing its own batch takes two thirds of the time.
    Gradients and autocast are as the caller has them, which threads don't inherit.
    """
    batches, threads = list(batches), torch.get_num_threads()
    if torch.device(device).type != "cpu" or min(threads, len(batches)) < 2:
        yield from map(work, batches)
        return
    learns, autocast = torch.is_grad_enabled(), (torch.get_autocast_dtype("cpu"), torch.is_autocast_enabled("cpu"))

    def alone(batch):
        torch.set_num_threads(1)
        with torch.set_grad_enabled(learns), torch.autocast("cpu", *autocast):
            return work(batch)

    interval = sys.getswitchinterval()
    try:
        sys.setswitchinterval(2e-4)     # or who comes back from a matrix waits 5 ms for the others' Python
        with ThreadPoolExecutor(threads) as pool:
            yield from pool.map(alone, reversed(batches))           # the long ones first, so that none is waited for
    finally:
        torch.set_num_threads(threads)
        sys.setswitchinterval(interval)


def batches_by_length(encoded, todo, batch_size, device, alike=False):
    """Batches of the indices in `todo`, those of short texts first, so that little is padding; alike: of one length.

    A batch of LEAST_ROWS ends early where its longest text would make more than PADDING of it padding, or it more than
    the device's POSITIONS.
    """
    positions = POSITIONS.get(torch.device(device).type, MORE_POSITIONS)
    batch, tokens = [], 0
    for n in sorted(todo, key=lambda n: len(encoded[n])):
        length, rows = len(encoded[n]), len(batch) + 1
        wasteful = tokens + length < (1 - PADDING) * length * rows or length * rows > positions
        if batch and (rows > batch_size or wasteful and rows > LEAST_ROWS or alike and length != len(encoded[batch[0]])):
            yield batch
            batch, tokens = [], 0
        batch.append(n)
        tokens += length
    if batch:
        yield batch


def padded(some, device):
    """Lists of ids as (ids (B, T) int64, 0 behind a row's last, lengths (B,) int64)."""
    width = max(map(len, some))
    return (torch.tensor([ids + [0] * (width - len(ids)) for ids in some], device=device),
            torch.tensor([len(ids) for ids in some], device=device))


def speller(tokenizer, device):
    """spell(ids, lengths, rows, characters (N, C)) -> (N, C) int64: the tokens that write the answers of rows of prompts
    as the stream does, -1 behind the last. `GPT.offered` takes it for the guess it is."""
    table, glued_equals = character_tokens(tokenizer, device), single_token(tokenizer, "=")

    def spell(ids, lengths, rows, characters):
        last = ids[rows, lengths[rows] - 1]
        tokens = table[(last == glued_equals).long()[:, None], characters]
        # What is no token, a glued answer's space, makes no gap.
        order = (tokens < 0).to(torch.int8).argsort(dim=1, stable=True)
        return tokens.gather(1, order)

    return spell


# ---- plans, run exactly ---------------------------------------------------------------------------------------------

@dataclass
class ExecutedPlan:
    """The most probable plan at one reader, run without rounding.

    text: what its value prints as. steps: (operation, operand1, operand2), a name and two slots each. slots: a Fraction
    or one of UNDEFINED each, the numbers read first. confidence: of each slot the probability that the predictor gives
    what makes it, a number's sign and digits or a step's operation and operands.
    """
    text: str
    steps: list = None
    slots: list = None
    confidence: list = None


def executed_plans(plan, config, texts=None):
    """The most probable plans of a Plan, fields (B, ...), as a list of ExecutedPlan; texts: theirs, else their values'."""
    negative = plan.sign_logits.argmax(-1).tolist()
    digits = plan.digit_logits.argmax(-1).tolist()
    operations = plan.operation_logits.argmax(-1).tolist()
    operands1, operands2 = plan.operand1_logits.argmax(-1).tolist(), plan.operand2_logits.argmax(-1).tolist()
    confidence = slot_confidence(plan, config.dag_ops.index("identity")).tolist()
    results = []
    for n, (*example, of_slots) in enumerate(zip(negative, digits, operations, operands1, operands2, confidence)):
        slots = [Fraction(int("".join(map(str, number))), 10 ** config.max_decimals) * (-1) ** sign
                 for sign, number in zip(*example[:2])]
        steps = [(config.dag_ops[operation], *operands) for operation, *operands in zip(*example[2:])]
        for operation, operand1, operand2 in steps:
            slots.append(apply(operation, slots[operand1], slots[operand2]))
        results.append(ExecutedPlan(texts[n] if texts else value_text(slots[-1]), steps, slots, of_slots))
    return results


def slot_confidence(plan, identity):
    """(B, S) float: the probability of each slot's most probable choices together, those of its operands' not included.

    identity has no second operand.
    """
    sign, digits, operation, operand1, operand2 = (
        logits.float().softmax(-1).amax(-1) for logits in (plan.sign_logits, plan.digit_logits, plan.operation_logits,
                                                           plan.operand1_logits, plan.operand2_logits))
    passes_on = plan.operation_logits.argmax(-1) == identity
    return torch.cat((sign * digits.prod(-1), operation * operand1 * torch.where(passes_on, 1.0, operand2)), -1)


def exact_values(plan, config):
    """The most probable plans' results, without rounding however long: a Fraction each, or one of UNDEFINED."""
    return [executed.slots[-1] for executed in executed_plans(plan, config)]


def apply(name, a, b):
    """One operation on Fractions. What is undefined stays so, and so does everything computed from it."""
    if a in UNDEFINED:
        return a
    if name == "identity":
        return a
    if b in UNDEFINED:
        return b
    if name == "divide" and not b:
        return UNDEFINED[0]
    result = a / b if name == "divide" else a + b if name == "add" else a - b if name == "subtract" else a * b
    return result if abs(result) <= MAX_MAGNITUDE else UNDEFINED[1]


def value_text(value):
    """A slot's value for people: `number_text`, or what an answer says where it is undefined."""
    return PRINTED[value] if value in UNDEFINED else number_text(value)


def number_text(value, decimals=12, significant=15, longest=60):
    """A Fraction in decimal digits: all of them where it ends within `longest` decimals, else rounded half to even to
    `decimals` decimals, or as many as `significant` digits take."""
    denominator, twos, fives = value.denominator, 0, 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    shown = max(twos, fives)
    if denominator != 1 or shown > longest:
        leading_zeros = len(str(value.denominator)) - len(str(abs(value.numerator)))
        shown = max(decimals, significant + max(leading_zeros, 0))
    scaled = round(abs(value) * 10 ** shown)
    digits = str(scaled).rjust(shown + 1, "0")
    whole, fraction = digits[:len(digits) - shown], digits[len(digits) - shown:].rstrip("0")
    return ("-" if value < 0 and scaled else "") + whole + ("." + fraction if fraction else "")
