"""Tell expressions as stories: "Tom had 12 apples and bought 9 more. How many apples does he have now?".

What can be told: one to six operations on numbers of no sign, percent or name, up to three as a chain of events from left to
right or, where there are some of that shape, as a scene with words of its own; and formulas, as scenes that need not say all of
their numbers. `Stories` says which rows of the table of pieces a told text has in place of frames, operators and units. Axes as
in `expression.py`. Imports `counter_rng`, `formulas`, `phrases`, `pieces`, `ranges`, `scenes`, `story_phrases`
and `swaps`.
"""
import functools
from itertools import accumulate, chain

import torch

from data.dagset.counter_rng import chance, scaled
from data.dagset.formulas import MOST_OPERATIONS, is_plain, is_said, outline
from data.dagset.phrases import THANKS
from data.dagset.pieces import pick
from data.dagset.ranges import OPERATIONS
from data.dagset.scenes import ALL, N_LOWER, N_VARIANTS, TOUCHING, told
from data.dagset.story_phrases import (AS_NAMES, AS_THEY, ASKS, COME, EVENT_LEADS, EVENTS, GAIN, GIVE, GONE, HAVES, HOLD, LOSE,
                                       N_JOINED, N_NAMELESS, N_NAMES, N_PASSING_JOINED, PASSING_LEADS, PAST, PEOPLE, PRESENT,
                                       SHARE, START, TAILS, THERE, THINGS, THIRD, TIMES)
from data.dagset.swaps import N_SWAPPED, swapped

LONGEST, LONGEST_CHAIN = MOST_OPERATIONS, 3            # operations of a story, of a chain of events
CASES = (str, str.lower)                 # as it should be, and as people type it
ADD, SUBTRACT, MULTIPLY, DIVIDE = range(len(OPERATIONS))
NOWHERE = -1                             # operation, first and last number of an operator that isn't used
IN_DIGITS, IN_WORDS = 0, 1               # money among THINGS


def story_tables(add, with_swapped):
    """{attribute of `Tables`: rows of every piece of a story, or what else is to be known of them}. add: `PieceTable.add`.
    with_swapped: whether scenes have the variants of `swaps.py`, too."""
    texts, pieces, facts, greeted = story_pieces(with_swapped)
    rows = torch.tensor([*map(add, texts)], dtype=torch.int32)
    # [row of what a story begins with] -> the same behind a greeting
    behind = torch.zeros(1 + int(rows.max()), dtype=torch.int32)
    behind[rows[[*greeted]].long()] = rows[[*greeted.values()]]
    tables = {"behind": behind, **facts, **{name: rows[table] for name, table in pieces.items()}}
    return {f"story_{name}": table for name, table in tables.items()}


@functools.cache
def story_pieces(with_swapped):
    """The same before any tokeniser: (texts, {name: places among the texts}, {name: other tensors}, {place of what a story begins
    with: of the same behind a greeting}). The last axis of the places is CASES but for what has no capital."""
    def add(text):
        return found.setdefault(text, len(found))

    def rows(table):
        return torch.tensor(table)

    def equal(lists):
        most = max(map(len, lists))
        return [(some * most)[:most] for some in lists], torch.tensor([len(some) for some in lists], dtype=torch.int32)

    def cased(text):
        return [add(case(text)) for case in CASES]

    def opened(text):
        behind.update((add(case(text)), add(" " + case(text))) for case in CASES)
        return cased(text)

    def capital(text):
        return text[:1].upper() + text[1:]

    def inside(person):
        name, _ = PEOPLE[person]
        return name if person < N_NAMES or name in AS_NAMES else name[:1].lower() + name[1:]

    def about(text, person, tense=PAST):
        name, pronoun = PEOPLE[person]
        past = tense == PAST and not ("now" in text or "still" in text)
        do = "did" if past else "do" if pronoun in AS_THEY else "does"
        known = inside(person)
        known = f"the {known[2:]}" if known[:2] == "a " else known
        return text.format(P=capital(pronoun), p=pronoun, S=capital(known), s=known, do=do)

    def as_amount(ask):
        return ask.replace(" are ", " is ").replace(" were ", " was ").replace(" remain?", " remains?")

    found, behind, people = {"": 0}, {0: 0}, range(len(PEOPLE))
    verbs, n_verbs = equal([[form.split("|") if "|" in form else 3 * [form] if event == HOLD else form.split()
                             for form in EVENTS[event].split("/") if form] or [3 * [""]] for event in range(START)])
    tails, n_tails = equal([TAILS[event] for event in range(START + 1)])
    asks, n_asks = equal([ASKS[event] for event in range(START)])
    pieces = dict(
        # [in an if?][person][choice][verb's form]
        opening=rows([[[[opened(f"{first}{verb}") for verb in have] for have in HAVES] for first in firsts]
                      for firsts in ([f"{PEOPLE[person][0]} " for person in people],
                                     [f"If {inside(person)} " for person in people])]),
        there=rows([[opened(there) for there in THERE], [opened(f"If {there.lower()}") for there in THERE]]),
        lead=rows([[cased(about(lead, person)) for person in people] for lead in EVENT_LEADS]),
        passing=rows([cased(lead) for lead in PASSING_LEADS]),
        other=rows([[cased(lead + name) for name, _ in PEOPLE[:N_NAMES]] for lead in (". ", " and ")]),
        verb=rows([[[add(" " + form if form else "") for form in forms] for forms in some] for some in verbs]),
        tail=rows([[[add(tail.replace(" {n}", f" {thing}" if thing else "")) for thing in THINGS] for tail in some]
                   for some in tails]),
        # [in an if?][of money?]
        head=rows([[cased(how_many + much) for much in (" many", " much money")] for how_many in (". How", ", how")]),
        thing=rows([add(f" {thing}" if thing else "") for thing in THINGS]),
        # of money?, ...: how many are left, how much is left
        ask=rows([[[[[cased(about(ask.rstrip("?"), person, tense)) for tense in (PAST, PRESENT)] for person in people]
                    for ask in map(counted, some)] for some in asks] for counted in (str, as_amount)]),
        end=rows([*(add(mark + " =") for mark in ("?", "")), *(add("?" + thanks) for thanks in THANKS)]))
    scenes, facts = scene_pieces(add, behind, with_swapped)
    facts |= dict(n_verbs=n_verbs, n_tails=n_tails, n_asks=n_asks,
                  is_they=torch.tensor([pronoun in AS_THEY for _, pronoun in PEOPLE]))
    return tuple(found), pieces | scenes, facts, behind


def scene_pieces(add, greeted, with_swapped):
    """({name: places}, {name: other tensors}) of scenes alone. They are chosen from groups: one of each shape, where which
    operations stand, in plain scenes; then one of each expression that is listed. greeted: as of `story_pieces`, to be filled."""
    def padded(values, filling, length=LONGEST):
        return [*values, *(length - len(values)) * [filling]]

    def behind(text):
        return text if text[:1] in TOUCHING else " " + text

    shapes, groups, flags, parts, money, is_request, before_of = {}, {}, [], [], [], [], []
    for number, (expression, scene) in enumerate(ALL):
        said, leaves, _ = outline(expression)
        assert len(said) <= LONGEST, expression
        groups.setdefault(expression, []).append(number)
        if is_plain(expression):
            shape = tuple(padded([(OPERATIONS.index(name), first, last) for name, first, last, _ in said], 3 * (NOWHERE,)))
            shapes.setdefault(shape, []).append(number)
        flags.append(padded([is_reversed for *_, is_reversed in said], False))
        variants = told(scene) + (swapped(expression, scene) if with_swapped else [])
        greeted.update((add(texts[0]), add(" " + texts[0])) for texts, _ in variants if texts[0])
        # Of each leaf what stands before it, nothing before one that isn't said but in a text that begins with it
        named = is_said(leaves)
        which = [0 if place == 0 else sum(named[:place]) if is_named and any(named[:place]) else None
                 for place, is_named in enumerate(named)]
        parts.append([[add(text if not place else behind(text)) for place, text in enumerate(
            [*padded(["" if n is None else texts[n] for n in which], "", LONGEST + 1), texts[-1]])] for texts, _ in variants])
        before_of.append([any(text.split()[:1] == ["of"] for text in texts) for texts, _ in variants])
        amounts = iter(told(scene)[0][1])
        money.append(padded([is_named and next(amounts) for is_named in named], False, LONGEST + 1))
        is_request.append(scene.endswith("."))
    members = [*shapes.values(), *groups.values()]
    return dict(scene=torch.tensor(parts)), dict(                                           # [scene][variant][part]
        # [shape][operator][what of it]
        shape=torch.tensor([*shapes], dtype=torch.int32),
        # [group]: where its scenes begin in `of_group`, and how many there are
        first_scene=torch.tensor([0, *accumulate(map(len, members[:-1]))], dtype=torch.int32),
        n_scenes=torch.tensor([*map(len, members)], dtype=torch.int32),
        of_group=torch.tensor([*chain(*members)], dtype=torch.int32),
        before_of=torch.tensor(before_of), money=torch.tensor(money), is_reversed=torch.tensor(flags), is_request=torch.tensor(is_request))


def can_be_told(tables, e):
    """(as a chain, as a scene, its group): whether (N,) bool numbers are plain and the operations go from left to right and
    suit a chain of events, or stand as in some scene or are drawn to be told; which group of scenes (N,) int32."""
    position = torch.arange(len(e.used), dtype=torch.int32, device=e.used.device)[:, None]
    is_last = position == e.n_ops - 1
    spine = (e.first == 0) & (e.last == position + 1)
    suits = ((e.operation < MULTIPLY) | is_last | ((e.operation == MULTIPLY) & (position == 0)))
    plain = ~((e.negative | e.percent | (e.name > 0) | (e.fraction > 0)) & e.number_used).any(0) & ~e.listed.any(0)
    is_formula = e.formula > 0
    plain &= (e.n_ops > 0) & (e.n_ops <= LONGEST) & ~is_formula

    most = min(len(e.used), LONGEST)
    here = torch.stack((e.operation, e.first, e.last), 1)[:most]                                        # (D, 3, N)
    here = torch.where(e.used[:most, None], here, NOWHERE).to(torch.int32)
    shapes = tables.story_shape                                                                         # (shapes, D, 3)
    alike = (shapes[:, :most, :, None] == here[None]).flatten(1, 2).all(1) & (shapes[:, most:] == NOWHERE).all(
        (1, 2))[:, None]
    group = torch.where(is_formula, len(shapes) - 1 + e.formula, alike.to(torch.int32).argmax(0))
    as_chain = (~e.used | (spine & suits)).all(0) & (e.n_ops <= LONGEST_CHAIN) & plain
    return as_chain, (alike.any(0) & plain) | is_formula, group.to(torch.int32)


class Stories:
    """The rows of the texts that are told, (N,) each; of no meaning for other texts.

    fields: (n_draws(K), N) random bits. english: (K, N) bool, numbers in words. told: (N,) bool. as_chain, as_scene, group: of
    `can_be_told`.
    greeted, lower, thanked: (N,) bool: what a chat's words stand before, and behind; what is in lower case; thanks: (N,) which.
    swap_rate: share of scenes whose words are swapped, but those in lower case.
    before: a row. begins: (N,) bool, the text begins with a number. lines: of an operator, two rows. tails: of a number, a
    row behind it. after: rows.
    has_mixed: (N,) bool, numbers may end in "and a half". is_reversed: (D, N) bool, as in `Texts`. in_currency: (K, N) bool, amounts of money in digits.
    """

    @staticmethod
    def n_draws(K):
        return 13 + 3 * K

    def __init__(self, tables, e, fields, english, told, as_chain, as_scene, group, greeted, lower, thanked, thanks,
                 swap_rate):
        D, K = len(e.used), len(english)
        t, int32 = tables, torch.int32
        one, by_number = fields[:12], fields[12:-1].view(3, K, -1)
        zero = torch.zeros_like(e.n_ops)
        people = t.story_is_they.numel()
        self.case = (((one[1] & 7) == 0) | lower).to(int32)
        past, joined = (one[2] & 1) == 0, ((one[2] & 6) == 0).to(int32)
        person, thing = scaled(one[3], people), 1 + scaled(one[4], len(THINGS) - 1)
        thing = torch.where((one[4] & 7) == 0, IN_WORDS, thing)
        # Another person, of whom "Anna has 3 times as many" is said
        other = (person + 1 + scaled(one[5], N_NAMES - 1)) % N_NAMES
        they = pick(t.story_is_they, person)
        verb_form = torch.where(past, PAST, torch.where(they, PRESENT, THIRD)).to(int32)
        in_scene = as_scene & (~as_chain | ((one[6] & 3) > (e.n_ops > 1).to(int32)))

        scene = pick(t.story_of_group, pick(t.story_first_scene, group) + scaled(one[8], pick(t.story_n_scenes, group)))
        variant = scaled(one[7], N_VARIANTS)
        if swap_rate:
            variant = torch.where(chance(fields[-1], swap_rate), N_VARIANTS + scaled(one[7], N_SWAPPED), variant)
        variant = torch.where(lower, N_VARIANTS - 1 - variant % N_LOWER, variant)
        part = [pick(t.story_scene, scene, variant, zero + n) for n in range(LONGEST + 2)]
        self.begins = told & in_scene & (part[0] == 0)
        # "3 and a half of them" is a half of them
        self.has_mixed = told & in_scene & ~pick(t.story_before_of, scene, variant)
        self.is_reversed = torch.zeros_like(e.used)
        for d in range(min(D, LONGEST)):
            self.is_reversed[d] = in_scene & pick(t.story_is_reversed, scene, zero + d)

        # Events: what each operation is in a chain
        last_operation = e.operation.gather(0, (e.n_ops[None] - 1).clamp(0, min(D, LONGEST) - 1).long())[0]
        shares = last_operation == DIVIDE                       # which nobody does with money
        is_money = (thing == IN_WORDS) & ((one[9] & 3) > 0) & ~shares
        money = is_money.expand(K, -1).clone()
        for k in range(min(K, LONGEST + 1)):
            money[k] = torch.where(in_scene, pick(t.story_money, scene, zero + k), money[k])
        holds = (e.operation[0] == MULTIPLY) & ((e.n_ops > 1) | ((one[9] & 4) > 0))
        money[0] &= in_scene | ~holds
        # "There are 12 apples" that nobody has: nobody does anything, either.
        is_there = ((one[10] & 3) == 0) & ~is_money & ((last_operation < MULTIPLY) | holds & (e.n_ops == 1))
        opening = pick(t.story_opening, joined, person, scaled(one[10], len(HAVES)), verb_form, self.case)
        opening = torch.where(is_there, pick(t.story_there, joined, (~past).to(int32), self.case), opening)
        self.before = torch.where(in_scene, part[0], opening)
        self.before = torch.where(greeted, pick(t.story_behind, self.before), self.before)
        self.lines, events, passed = [], [], torch.zeros_like(told)
        for d in range(min(D, LONGEST)):
            op = e.operation[d]
            event = torch.where(op == ADD, GAIN, torch.where(op == SUBTRACT, LOSE, torch.where(op == DIVIDE, SHARE, TIMES)))
            event = torch.where((event == LOSE) & ((by_number[2, d] & 3) == 0), GIVE, event)
            passes = (op < MULTIPLY) & (is_there | ((by_number[2, d] & 12) == 0) & ~is_money)
            event = torch.where(passes, torch.where(op == ADD, COME, GONE), event)
            event = torch.where(holds, HOLD, event) if d == 0 else event
            event = event.to(int32)
            # Behind what came or went it is said who does something.
            start = passed.to(int32) * N_NAMELESS
            choice = start + scaled(by_number[0, d], torch.where(joined > 0, N_JOINED, len(EVENT_LEADS)).to(int32) - start)
            passing = scaled(by_number[0, d], torch.where(joined > 0, N_PASSING_JOINED, len(PASSING_LEADS)).to(int32))
            lead = torch.where(passes, pick(t.story_passing, passing, self.case),
                               pick(t.story_lead, choice, person, self.case))
            passed = passes
            lead = torch.where(event == TIMES, pick(t.story_other, joined, other, self.case), lead) * (event != HOLD)
            form = torch.where((event == TIMES) & ~past, THIRD, verb_form).to(int32)
            verb = pick(t.story_verb, event, scaled(by_number[1, d], pick(t.story_n_verbs, event)), form)
            lead, verb = torch.where(in_scene, 0, lead), torch.where(in_scene, part[1 + d], verb)
            self.lines.append((lead, verb))
            events.append(event)
            is_amount = in_scene | ((event != TIMES) & (event != SHARE))
            money[d + 1] &= is_amount
        self.in_currency = money & ~english & told
        counted = torch.where(money, torch.where(english, IN_WORDS, IN_DIGITS), thing).to(int32)       # (K, N)
        self.tails = []
        for k in range(K):
            event = torch.full_like(zero, START) if k == 0 else events[min(k, len(events)) - 1]
            tail = pick(t.story_tail, event, scaled(by_number[2, k], pick(t.story_n_tails, event)), counted[k])
            if k == 0:
                tail = torch.where(holds, 0, tail)
            # A scene's words stand in its texts; only amounts of money in words have theirs here.
            self.tails.append(torch.where(in_scene, pick(t.story_thing, zero + IN_WORDS) * (money[k] & english[k]), tail))

        last = torch.stack(events).gather(0, (e.n_ops[None] - 1).clamp(0, len(events) - 1).long())[0]
        # Where nobody has them nobody is asked about.
        for passing, active in ((COME, GAIN), (GONE, LOSE)):
            last = torch.where(~is_there & (last == passing), active, last)
        last = torch.where(is_there & (last != GONE), COME, last).to(int32)
        asked = torch.where(last == TIMES, other, person).to(int32)
        tense = torch.where(past & ((one[11] & 1) == 0), PAST, PRESENT).to(int32)
        ask = pick(t.story_ask, is_money.to(int32), last, scaled(one[11], pick(t.story_n_asks, last)), asked, tense, self.case)
        names_it = ((one[6] & 24) > 0) & ~is_money
        is_request = in_scene & pick(t.story_is_request, scene)
        end = torch.where(thanked, 2 + thanks, ((one[1] & 56) == 0).to(int32))
        self.after = [
            torch.where(in_scene, part[-1], pick(t.story_head, joined, is_money.to(int32), self.case)),
            pick(t.story_thing, thing) * (names_it & ~in_scene), ask * ~in_scene,
            torch.where(is_request, pick(t.thanks, thanks) * thanked, pick(t.story_end, end))]
