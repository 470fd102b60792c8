"""Plans as pictures: the numbers read, the steps and the result as a graph, coloured by how sure the predictor was.

The text of an SVG comes out, laid out here: plans are small, and a picture that needs another program is seldom looked
at. Imports `display`; to write a file, `checkpoint`.

A plan comes as a row, a dict of plain values: text; answer, or None and the reason; steps [(operation, operand1,
operand2)], values (a text for each slot) and confidence (a probability for each), or None where nothing was planned.
Where they are known: truth, right (a bool), and comes_to, what the plan offered for an answer.
"""
import math
import unicodedata
from itertools import accumulate, takewhile
from xml.sax.saxutils import escape, quoteattr

from checkpoint import CheckpointError, write_atomically
from display import PlanDisplay, clean, percent

# (least confidence, colour, what the legend says), told apart by people who don't see red and green as well
CONFIDENCE = ((0.99, "#2b7fd4", "≥ 99 %"), (0.9, "#129a7a", "≥ 90 %"), (0.5, "#d99000", "≥ 50 %"),
              (0.0, "#dd5a1e", "< 50 %"))
UNKNOWN = "#8a8f98"                         # of nodes whose confidence isn't known
RIGHT, WRONG = "#129a7a", "#dd5a1e"
INK, PAPER = ("#1f2328", "#f0f3f6"), ("#ffffff", "#0f1318")     # of files of their own, light and dark

FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
SIZE, SMALL = 14, 12                        # of letters, px
ADVANCE = 0.61                              # width of a letter to its size, of the widest of these fonts
LINE = 20                                   # from a line to the next
NODE_HEIGHT, ROW_GAP, NODE_GAP, PADDING = 46, 40, 18, 10
MARGIN = 12
LONGEST_VALUE = 18                          # characters of a value in a node
LINE_LENGTH, MOST_LINES = 44, 6             # of the text above
LEAST_SCALE = 0.8                           # in a page; a narrower one scrolls
SVG = "http://www.w3.org/2000/svg"


class DrawingError(Exception):
    """A picture that can't be made or written; one line."""
    is_user_error = True


# ---- texts that fit -----------------------------------------------------------------------------------------------

def cells(text):
    """How many letters of a fixed-width font a text takes: wide ones, emoji among them, take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def beginning(text, room):
    """As much of `text` as takes at most `room` letters."""
    taken = accumulate(map(cells, text))
    return text[:sum(1 for _ in takewhile(lambda so_far: so_far <= room, taken))]


def shortened(value, room=LONGEST_VALUE):
    """A value's text in `room` letters at most: decimals end in an ellipsis, huge numbers in a power of ten."""
    value = clean(value)
    whole = value.partition(".")[0]
    if cells(value) <= room:
        return value
    if cells(whole) > room - 2 and whole.lstrip("-").isdigit():
        digits = whole.lstrip("-")
        return f"{'-' * whole.startswith('-')}{digits[0]}.{digits[1:room - 9]}…e+{len(digits) - 1}"
    return beginning(value, room - 1) + "…"


def wrapped(text, width, most=MOST_LINES):
    """Lines of at most `width` letters. Of more than `most` the middle is left out: what is asked stands at the end."""
    lines, line = [], ""
    for word in clean(text).split(" "):
        while word:
            gap = " " if line else ""
            if cells(line + gap + word) <= width:
                line, word = line + gap + word, ""
            elif cells(word) > width and cells(line) < width - 4:        # longer than a line: it has to be parted
                line, room = line + gap, width - cells(line + gap)
                part = beginning(word, room)
                line, word = line + part, word[len(part):]
            else:
                lines, line = [*lines, line], ""
    lines.append(line)
    return lines if len(lines) <= most else [lines[0], "…", *lines[2 - most:]]


# ---- layout -------------------------------------------------------------------------------------------------------

def layered(shown):
    """(rows, edges) of a PlanDisplay, the result in the last row and each slot as near to it as its readers allow.

    rows: lists of slots and, where an edge passes a row, of the edge's bends (reader, place, row). edges: (operand,
    reader, place, bends), from the operand on.
    """
    depth = {shown.result: 0}
    for slot in sorted(shown.used, reverse=True):               # a slot is read by later ones alone
        for operand in shown.operands(slot):
            depth[operand] = max(depth.get(operand, 0), depth[slot] + 1)
    last = max(depth.values())
    rows, edges, seen = [[] for _ in range(last + 1)], [], {shown.result}

    def visit(slot):            # in the order of operands, so that trees have no crossings
        rows[last - depth[slot]].append(slot)
        for place, operand in enumerate(shown.operands(slot)):
            bends = [(slot, place, last - row) for row in range(depth[operand] - 1, depth[slot], -1)]
            for bend in bends:
                rows[bend[2]].append(bend)
            edges.append((operand, slot, place, bends))
            if operand not in seen:
                seen.add(operand)
                visit(operand)

    visit(shown.result)
    return rows, edges


def columns(rows, edges, widths):
    """{slot or bend: x of its centre}: near to what it is joined with, and never over its neighbours in the row."""
    joined = {place: [] for row in rows for place in row}
    for operand, reader, _, bends in edges:
        for one, other in zip([operand, *bends], [*bends, reader]):
            joined[one].append(other)
            joined[other].append(one)

    def spread(row, wanted):
        """Centres as near to `wanted` as the widths allow: the mean of pushing all to the right and all to the left."""
        apart = [(widths[a] + widths[b]) / 2 + NODE_GAP for a, b in zip(row, row[1:])]
        right, left = wanted[:1], wanted[-1:]
        for want, gap in zip(wanted[1:], apart):
            right.append(max(want, right[-1] + gap))
        for want, gap in zip(wanted[-2::-1], reversed(apart)):
            left.append(min(want, left[-1] - gap))
        return {place: (a + b) / 2 for place, a, b in zip(row, right, reversed(left))}

    x = {}
    for row in rows:
        x.update(spread(row, [0.0] * len(row)))
    for _ in range(16):
        for row in (*rows, *reversed(rows)):
            x.update(spread(row, [sum(x[other] for other in joined[place]) / len(joined[place]) if joined[place] else
                                  x[place] for place in row]))
    start = min(x[place] - widths[place] / 2 for row in rows for place in row)
    return {place: centre - start for place, centre in x.items()}


# ---- SVG ----------------------------------------------------------------------------------------------------------

def element(name, content="", **attributes):
    """An element of XML. Underscores in names of attributes are hyphens; numbers are rounded; None is left out."""
    texts = {key.rstrip("_").replace("_", "-"): str(round(value, 2) if isinstance(value, float) else value)
             for key, value in attributes.items() if value is not None}
    written = "".join(f" {key}={quoteattr(clean(text))}" for key, text in texts.items())
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def words(x, y, text, size=SIZE, **attributes):
    return element("text", escape(clean(text)), x=x, y=y, font_size=size, **attributes)


def colour_of(confidence):
    if confidence is None:
        return UNKNOWN
    return next(colour for least, colour, _ in CONFIDENCE if confidence >= least)


def verdict(row):
    """[(mark's colour or None, line)] of what came out."""
    if row.get("answer") is None:
        lines = [(None, f"no answer: {row.get('reason') or 'none was given'}")]
    else:
        lines = [(None, f"= {row['answer']}")]
    right = row.get("right")
    if right is not None:
        truth = "" if right or row.get("truth") is None else f", it is {row['truth']}"
        lines.append((RIGHT if right else WRONG, f"{'right' if right else 'wrong'}{truth}"))
    if row.get("comes_to") not in (None, row.get("answer")):
        lines.append((None, f"but the plan comes to {row['comes_to']}"))
    if not row.get("steps") and row.get("answer") is not None:
        lines.append((None, "no plan: the model saw nothing to compute"))
    return lines


def graph(shown, confidence):
    """(width, height, elements) of a plan's graph."""
    formulas = {slot: f"{shown.names[slot]} = {shown.formula(slot)}" if shown.operation(slot) else shown.names[slot]
                for slot in shown.used}
    values = {slot: shortened(shown.values[slot]) for slot in shown.used}
    shares = {slot: "" if confidence is None else f"{percent(confidence[slot])}%" for slot in shown.used}
    rows, edges = layered(shown)
    widths = {bend: 0.0 for row in rows for bend in row}
    for slot in shown.used:
        head = cells(formulas[slot]) + 2 + cells(shares[slot])
        widths[slot] = max(head * SMALL, cells(values[slot]) * SIZE, 8 * SMALL) * ADVANCE + 2 * PADDING
    x = columns(rows, edges, widths)
    top = {place: n * (NODE_HEIGHT + ROW_GAP) for n, row in enumerate(rows) for place in row}
    drawn = []
    for operand, reader, place, bends in edges:
        in_order = shown.operation(reader) in ("subtract", "divide")
        side = 2 * place - 1
        end_x, end_y = x[reader] + side * widths[reader] / 4, top[reader]
        path, at = f"M{x[operand] + 6 * side:.1f} {top[operand] + NODE_HEIGHT}", top[operand] + NODE_HEIGHT
        from_x = x[operand] + 6 * side
        for bend in bends:
            path += curve(from_x, at, x[bend], top[bend]) + f" V{top[bend] + NODE_HEIGHT}"
            from_x, at = x[bend], top[bend] + NODE_HEIGHT
        path += curve(from_x, at, end_x, end_y - 7)
        drawn.append(element("path", d=path, fill="none", stroke="currentColor", stroke_width=1.5, stroke_opacity=0.65,
                             stroke_dasharray="5 4" if in_order and place else None,
                             data_edge=f"{shown.names[operand]} {shown.names[reader]} {place + 1}"))
        drawn.append(element("path", d=f"M{end_x - 4:.1f} {end_y - 8} h8 l-4 8 z", fill_opacity=0.65))
        if in_order:
            drawn.append(words(end_x - 8 * side, end_y - 5.0, ("1st", "2nd")[place], SMALL - 1, fill_opacity=0.8,
                               text_anchor="end" if place else "start"))
    for slot in sorted(shown.used):
        colour = colour_of(confidence[slot] if confidence is not None else None)
        left, width, y = x[slot] - widths[slot] / 2, widths[slot], top[slot]
        box = [element("title", escape(clean(f"{formulas[slot]} = {shown.values[slot]}")))]
        box.append(element("rect", x=left, y=y, width=width, height=NODE_HEIGHT, fill=colour, fill_opacity=0.16,
                           rx=6 if shown.operation(slot) else NODE_HEIGHT / 2, stroke=colour,
                           stroke_width=4 if slot == shown.result else 1.5))
        inside = left + (PADDING if shown.operation(slot) else PADDING + 4)
        box.append(words(inside, y + 18, formulas[slot], SMALL))
        box.append(words(left + width - (inside - left), y + 18, shares[slot], SMALL, text_anchor="end"))
        box.append(words(x[slot], y + 37, values[slot], SIZE, text_anchor="middle", font_weight="bold"))
        drawn.append(element("g", "".join(box), data_slot=shown.names[slot]))
    height = len(rows) * (NODE_HEIGHT + ROW_GAP) - ROW_GAP
    drawn.append(words(x[shown.result], height + 18, "result", SMALL, text_anchor="middle"))
    return max(x[slot] + widths[slot] / 2 for slot in shown.used), height + 24, drawn


def curve(from_x, from_y, to_x, to_y):
    half = (from_y + to_y) / 2
    return f" C{from_x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {to_y:.1f}"


def picture(row):
    """(width, height, elements, description) of a row: its text, what came out and the graph of its plan."""
    shown = PlanDisplay(row["steps"], row["values"]) if row.get("steps") else None
    graph_width, graph_height, of_graph = graph(shown, row.get("confidence")) if shown is not None else (0, 0, [])
    letters = max(LINE_LENGTH, int(graph_width / SIZE / ADVANCE))
    asked = wrapped(row["text"], letters)
    said = [(colour if n == 0 else None, line) for colour, text in verdict(row)
            for n, line in enumerate(wrapped(text, letters - 2, 3))]
    y, lines = MARGIN, []
    for line in asked:
        lines.append(words(MARGIN, y + SIZE, line))
        y += LINE
    for colour, line in said:
        if colour is not None:
            lines.append(element("circle", cx=MARGIN + 5, cy=y + SIZE - 5, r=5, fill=colour))
        lines.append(words(MARGIN + (16 if colour else 0), y + SIZE, line, font_weight="bold"))
        y += LINE
    longest = max(map(cells, [*asked, *(line + "  " for _, line in said)]))
    if shown is not None:
        y += 10
        lines.append(element("g", "".join(of_graph), transform=f"translate({MARGIN} {y})"))
        y += graph_height
    parts = shown.numbers() + shown.slots() if shown is not None else []
    width = max(graph_width, longest * SIZE * ADVANCE) + 2 * MARGIN
    return width, y + MARGIN, lines, ". ".join([row["text"], *(line for _, line in verdict(row)), *parts])


def plan_svg(row):
    """The picture of a row, to be embedded in a page: text and lines take on the page's own colour."""
    width, height, drawn, description = picture(row)
    width, height = math.ceil(width), math.ceil(height)
    return element("svg", "".join(drawn), xmlns=SVG, viewBox=f"0 0 {width} {height}", width=width, height=height,
                   style=f"max-width:100%;min-width:{round(width * LEAST_SCALE)}px;height:auto", font_family=FONT,
                   fill="currentColor", role="img", aria_label=description)


def plans_svg(rows):
    """The pictures of rows, one below the other, with a legend: a file of its own, light or dark as its viewer."""
    pictures = [picture(row) for row in rows]
    legend = legend_words()
    width = math.ceil(max(legend[0], *(width for width, *_ in pictures)))
    y, drawn = 0, []
    for _, height, elements, description in pictures:
        drawn.append(element("g", element("title", escape(clean(description))) + "".join(elements),
                             transform=f"translate(0 {y})"))
        y += math.ceil(height) + 8
        drawn.append(element("path", d=f"M{MARGIN} {y - 4} H{width - MARGIN}", stroke="currentColor",
                             stroke_opacity=0.3))
    drawn.append(element("g", "".join(legend[2]), transform=f"translate(0 {y})"))
    y += legend[1]
    style = (f"svg{{color:{INK[0]}}}.paper{{fill:{PAPER[0]}}}@media (prefers-color-scheme:dark)"
             f"{{svg{{color:{INK[1]}}}.paper{{fill:{PAPER[1]}}}}}")
    paper = element("rect", class_="paper", width=width, height=y, fill=PAPER[0])
    return element("svg", element("style", style) + paper + "".join(drawn), xmlns=SVG,
                   viewBox=f"0 0 {width} {y}", width=width, height=y, font_family=FONT, color=INK[0],
                   fill="currentColor") + "\n"


def legend_words():
    """(width, height, elements) that explain the colours and lines."""
    x, drawn = MARGIN, []
    for _, colour, text in CONFIDENCE:
        drawn.append(element("rect", x=x, y=14, width=16, height=12, rx=3, fill=colour, fill_opacity=0.3,
                             stroke=colour))
        drawn.append(words(x + 22, 24, text, SMALL))
        x += 22 + cells(text) * SMALL * ADVANCE + 16
    drawn.append(words(MARGIN, 46, "how sure the predictor was; dashed: the 2nd operand", SMALL))
    return x, 60, drawn


def write(path, text):
    """Write a picture or a page whole or not at all. Raises DrawingError."""
    try:
        write_atomically(path, text.encode(errors="replace"))
    except CheckpointError as error:                # whose own words are about checkpoints
        raise DrawingError(f"could not write {path}: {error.__cause__.strerror}; name a file in a folder that exists "
                           "and can be written") from error
