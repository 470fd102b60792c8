"""Questions with annotated answers as scenes: what they come to, and which make none."""
import pytest

from data.dagset.formulas import as_file, read_scenes
from data.gsm8k.scenes import NoScene, scene_of, scenes_of

PROBLEMS = [                    # (question, answer, expression, scene)
    ("Each of 2 cats eats 3 cans twice a week. How many in a week?", "<<2*3=6>> <<6*2=12>>\n#### 12", "a * b * 2",
     "Each of N cats eats N cans twice a week. How many in a week"),
    ("Ada has 48 pens and Bo has half as many. How many do they have?", "48/2=<<48/2=24>>24, 48+24=<<48+24=72>>72\n#### 72",
     "a + a / 2", "Ada has N pens and Bo has half as many. How many do they have"),
    ("A $1,200.50 bike is 20% off.  What does it cost?", "<<1200.5*20/100=240.1>> <<1200.5-240.1=960.4>>\n#### 960.4",
     "a - a * B", "A $N bike is P off. What does it cost"),
    ("A $60 coat is 20 percent off. What does it cost?", "<<100-20=80>> $<<60*80/100=48>>48\n#### 48",
     "a * (1 - B)", "A $N coat is P off. What does it cost"),
    ("Rent of $60 rises by 20%. What is it then?", "60*1.2=<<60*1.2=72>>72\n#### 72", "a * (1 + B)", "Rent of $N rises by P. What is it then"),
    ("Of 30 balls, 12 are red. What percentage is red?", "<<12/30*100=40>>40%\n#### 40", "b / a * 100",
     "Of N balls, N are red. What percentage is red"),
    ("I read a 12-page book in two and a half weeks, 3 pages a day. How many pages are missing?",
     "<<2.5*7=17.5>> <<17.5*3=52.5>> <<12-52.5=-40.5>>\n#### -40.5",
     "a - b * 7 * c", "I read a N page book in N weeks, N pages a day. How many pages are missing"),
    ("He drives 60 miles/hour for half of 3 hours. How far?", "<<3*.5=1.5>> <<60*1.5=90>>\n#### 90", "a * (b / 2)",
     "He drives N miles/hour for half of N hours. How far"),
    ("Three friends share one cake of 12 slices. How many slices does each get?", "<<12/3=4>>\n#### 4", "b / a",
     "N friends share a cake of N slices. How many slices does each get"),
    ("She sold 5, 9 and 4 hats on the three days. How many hats is that?", "<<5+9+4=18>>\n#### 18", "a + b + c",
     "She sold N, N and N hats on the days. How many hats is that"),
    ("There are 3/4 as many cups as the 20 mugs. Calculate the number of cups.", "<<20*3/4=15>>\n#### 15", "c * a / b",
     "There are N / N as many cups as the N mugs. Calculate the number of cups."),
]
NONE = [                        # (question, answer, why it makes none)
    ("Of 2 birds one sings twice as long as the other, 5 hours. How long do they sing?", "<<5/2=2.5>> <<5+2.5=7.5>>\n#### 7.5", "numbers alike"),
    ("There are 3 dogs. Each has 3 toys. How many toys?", "<<3*3=9>> <<9*3=27>>\n#### 27", "numbers alike"),
    ("The average car does 40 miles in an hour and a half. How far?", "<<40*1.5=60>>\n#### 60", "for which no word stands"),
    ("I had 1 nut. Now?", "<<1*1e999=1>>\n#### 1", "no arithmetic"),
    ("There are 4 boxes of 4 pens, less 4. How many?", "<<4*4=16>> <<16-4=12>>\n#### 12", "numbers alike"),
    ("Tom has 7 nuts. How many have Tom and Ann?", "<<7*9=63>>\n#### 63", "for which no word stands"),
    ("Tom has 7 nuts and 2 hats. How many nuts have two Toms?", "<<7+7=14>>\n#### 14", "isn't used"),
    ("Tom has 7 nuts. He gets 2.", "<<7+2=9>>\n#### 9", "end doesn't ask"),
    ("What is 7 plus 2?", "<<7+2=9>>\n#### 10", "isn't the answer"),
    ("What is 7 plus 2?", "<<7+2=8>>\n#### 8", "wrong or rounded"),
    ("What is 7 plus 2?", "<<7**2=49>>\n#### 49", "no arithmetic"),
    ("What is 7 plus 2?", "<<__import__('os')=9>>\n#### 9", "no arithmetic"),
    ("At 7:30 I ate 2 nuts. When?", "<<7+2=9>>\n#### 9", "a time"),
    ("1, 2, 3, 4, 5, 6, 7 and 8?", "<<1+2=3>>\n#### 3", "not 1 to 7 numbers"),
]


@pytest.mark.parametrize("question, answer, expression, scene", PROBLEMS)
def test_a_question_comes_to_what_its_annotations_compute(question, answer, expression, scene):
    assert scene_of(question, answer) == (expression, scene)


@pytest.mark.parametrize("question, answer, reason", NONE)
def test_a_question_that_makes_no_scene_says_why(question, answer, reason):
    with pytest.raises(NoScene, match=reason):
        scene_of(question, answer)


@pytest.mark.slow
def test_the_scenes_written_are_those_that_read_back(tmp_path):
    wrong = ("It said 3 hats, N of them red and 2 blue. How many were said?", "<<3+2=5>>\n#### 5")      # "N" is no number
    problems = [(question, answer) for question, answer, *_ in PROBLEMS + NONE] + [wrong]
    pairs, reasons = scenes_of(problems)
    assert pairs == [(expression, scene) for *_, expression, scene in PROBLEMS] and reasons["it doesn't read back"] == 1
    assert sum(reasons.values()) == len(NONE) + 1
    (tmp_path / "scenes.txt").write_text(as_file(pairs), encoding="utf-8")
    assert sorted(read_scenes(tmp_path / "scenes.txt")) == sorted(pairs)
