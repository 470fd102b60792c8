"""Pictures of plans: what is in them, that nothing leaves its place, and that no text breaks them."""
import re
import xml.etree.ElementTree as ElementTree

import pytest

import drawing
from display import percent
from drawing import DrawingError, cells, plan_svg, plans_svg, shortened, wrapped, write

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert('1')</script> ]]> \" & \x00\x1b[31m \ud800 🎉🎉 " + "x" * 300
STEPS = [["multiply", 1, 2], ["identity", 4, 4], ["subtract", 0, 5], ["identity", 6, 3]]
ROW = dict(text="5 - 2.5 * 3 =", answer="-2.5", reason=None, truth="-2.5", right=True, steps=STEPS,
           values=["5", "2.5", "3", "99", "7.5", "7.5", "-2.5", "-2.5"],
           confidence=[0.99996, 0.95, 1.0, 0.1, 0.7, 0.2, 0.3, 0.4])


def parsed(text):
    """(root, {slot: its texts}, {(operand, reader, place): path}) of a picture."""
    root = ElementTree.fromstring(text)
    nodes = {group.get("data-slot"): [text.text for text in group.iter(f"{SVG}text")]
             for group in root.iter(f"{SVG}g") if group.get("data-slot")}
    edges = {tuple(path.get("data-edge").split()): path for path in root.iter(f"{SVG}path") if path.get("data-edge")}
    return root, nodes, edges


def boxes(root):
    """{slot: (left, top, right, bottom)} of nodes."""
    found = {}
    for group in root.iter(f"{SVG}g"):
        if group.get("data-slot"):
            x, y, width, height = (float(group.find(f"{SVG}rect").get(name)) for name in ("x", "y", "width", "height"))
            found[group.get("data-slot")] = x, y, x + width, y + height
    return found


def test_numbers_and_steps_that_the_result_depends_on_are_drawn_and_nothing_else():
    root, nodes, edges = parsed(plan_svg(ROW))
    assert nodes == {"n0": ["n0", "99.9%", "5"], "n1": ["n1", "95.0%", "2.5"], "n2": ["n2", "100%", "3"],
                     "s0": ["s0 = n1 * n2", "70.0%", "7.5"], "s2": ["s2 = n0 - s0", "30.0%", "-2.5"]}
    assert set(edges) == {("n1", "s0", "1"), ("n2", "s0", "2"), ("n0", "s2", "1"), ("s0", "s2", "2")}
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"5 - 2.5 * 3 =", "= -2.5", "right", "result"} <= set(texts)
    assert root.get("role") == "img" and "s2 = n0 - s0 = -2.5" in root.get("aria-label")


def test_edges_join_their_nodes_and_tell_the_order_of_operands_where_it_matters():
    root, _, edges = parsed(plan_svg(ROW))
    place = boxes(root)
    for (operand, reader, which), path in edges.items():
        x, y, *_, end_x, end_y = map(float, re.findall(r"-?[\d.]+", path.get("d")))
        left, _, right, bottom = place[operand]
        assert left < x < right and y == bottom
        left, top, right, _ = place[reader]
        assert left < end_x < right and abs(top - end_y) < 10 and (end_x > (left + right) / 2) == (which == "2")
        assert (path.get("stroke-dasharray") is not None) == ((reader, which) == ("s2", "2"))
    assert [text.text for text in root.iter(f"{SVG}text")].count("1st") == 1        # of the subtraction alone


@pytest.mark.parametrize("steps", [
    [["multiply", s and s + 1, s and s + 1] for s in range(12)],                    # each step reads the last one twice
    [["add", 0, 1], *(["divide", s + 1, s % 2] for s in range(1, 8))],          # numbers that are read again
    [["add", 0, 1], ["subtract", 2, 0], ["multiply", 3, 2], ["divide", 4, 0]]])
def test_nodes_neither_overlap_nor_leave_the_picture_and_no_edge_runs_through_one(steps):
    values = ["12345.678901234567"] * (len(steps) + 2)
    root, nodes, edges = parsed(plan_svg(dict(text="", answer="1", steps=steps, values=values)))
    place = boxes(root)
    width, height = map(float, root.get("viewBox").split()[2:])
    for slot, (left, top, right, bottom) in place.items():
        assert 0 <= left and right <= width and 0 <= top and bottom <= height
        assert not [other for other, (l, t, r, b) in place.items()
                    if other != slot and l < right and left < r and t < bottom and top < b]
    for (operand, reader, _), path in edges.items():
        for x, y in re.findall(r"([\d.]+) [\d.]+ V([\d.]+)", path.get("d")):        # where it passes a row
            assert not [slot for slot, (left, top, right, bottom) in place.items()
                        if slot not in (operand, reader) and left < float(x) < right and top < float(y) - 1 < bottom]


def test_every_letter_stays_within_its_node():
    long = dict(ROW, values=["1" * 40, "-0." + "3" * 60, "1" * 150, "0", "-1234567890123456.5", "0", "9" * 30,
                             "9" * 30])
    root, nodes, _ = parsed(plan_svg(long))
    for slot, (left, _, right, _) in boxes(root).items():
        for n, text in enumerate(nodes[slot]):
            assert cells(text) * (drawing.SIZE if n == 2 else drawing.SMALL) * drawing.ADVANCE < right - left


@pytest.mark.parametrize("value, text", [
    ("12.5", "12.5"), ("undefined", "undefined"), ("too large", "too large"),
    ("3.835086206896552123", "3.835086206896552…"),
    ("-" + "7" * 150, "-7.77777777…e+149"), ("123456789012345678.5", "1.23456789…e+17"), ("1" * 18, "1" * 18)])
def test_a_shortened_value_never_looks_like_another_magnitude(value, text):
    assert shortened(value) == text and cells(text) <= drawing.LONGEST_VALUE


def test_long_texts_keep_their_beginning_and_their_end():
    text = " ".join(f"word{n}" for n in range(100)) + " 48/2="
    lines = wrapped(text, 40)
    assert len(lines) == drawing.MOST_LINES and max(map(cells, lines)) <= 40
    assert lines[0].startswith("word0 ") and lines[1] == "…" and lines[-1].endswith("48/2=")
    assert "".join(wrapped("x" * 100, 40, 9)) == "x" * 100 and wrapped("", 40) == [""]
    assert all(cells(line) <= 9 for line in wrapped("🎉" * 30, 9, 99))


def test_shares_are_cut_off_and_never_rounded_up():
    assert [percent(share) for share in (0, 0.29, 0.57, 0.99999999999, 1.0)] == ["0.0", "29.0", "57.0", "99.9", "100"]
    assert percent(0.999996, 3) == "99.999"


def test_hostile_texts_are_escaped_wherever_they_stand():
    row = dict(text=HOSTILE, answer=HOSTILE, truth=HOSTILE, right=False, steps=[["divide", 0, 1]],
               values=[HOSTILE, "0", HOSTILE], confidence=None, comes_to=HOSTILE)
    for text in (plan_svg(row), plans_svg([row, dict(text=HOSTILE, answer=None, reason=HOSTILE)])):
        root = ElementTree.fromstring(text)
        assert not [each for each in root.iter() if each.tag == f"{SVG}script"]
        assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"] and " id=" not in text
        shown = "".join(root.itertext())
        assert "<script>alert('1')" in shown and "]]>" in shown and "🎉" in shown


@pytest.mark.parametrize("row, said", [
    (dict(answer="2", right=False, truth="3"), ["= 2", "wrong, it is 3"]),
    (dict(answer="undefined", right=True, truth="undefined"), ["= undefined", "right"]),
    (dict(answer=None, reason="it is too long"), ["no answer: it is too long"]),
    (dict(answer="2", comes_to="3"), ["= 2", "but the plan comes to 3"]),
    (dict(answer="2", steps=None), ["= 2", "no plan: the model saw nothing to compute"])])
def test_right_and_wrong_and_why_are_told_in_words(row, said):
    plan = dict(steps=[["add", 0, 1]], values=["1", "2", "3"])
    root, nodes, _ = parsed(plan_svg({"text": "1 + 2", **plan, **row}))
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts[:1 + len(said)] == ["1 + 2", *said] and bool(nodes) == ("steps" not in row)


def test_a_value_that_is_passed_on_is_the_result_itself():
    row = dict(text="7", answer="7", steps=[["identity", 0, 0]], values=["7", "7"], confidence=[0.5, 0.9])
    root, nodes, edges = parsed(plan_svg(row))
    assert nodes == {"n0": ["n0", "50.0%", "7"]} and not edges


def test_several_pictures_stand_below_one_another_in_one_file_with_a_legend():
    root = ElementTree.fromstring(plans_svg([ROW, dict(ROW, text="again"), dict(text="none", answer="1")]))
    shifts = [float(group.get("transform").split()[1].rstrip(")")) for group in root if group.tag == f"{SVG}g"]
    assert shifts == sorted(shifts) and len(shifts) == 4
    height = float(root.get("height"))
    assert shifts[-1] < height and "how sure" in "".join(root.itertext())


def test_a_file_that_cant_be_written_says_so_without_a_word_about_checkpoints(tmp_path):
    with pytest.raises(DrawingError, match="could not write .*nowhere.*No such file.*can be written") as raised:
        write(str(tmp_path / "nowhere" / "plan.svg"), "x")
    assert "checkpoint" not in str(raised.value) and raised.value.is_user_error
    write(str(tmp_path / "plan.svg"), "lone \ud800")
    assert (tmp_path / "plan.svg").read_text() == "lone ?"
