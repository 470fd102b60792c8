"""Settings: what passes, what is refused, and that every refusal is one clear line."""

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
import configurator
from configurator import ConfigError, configure


def script() -> dict:
    return dict(__name__="script", __doc__="Train a toy.", _private=1, helper=len,
                out_dir="out", learning_rate=1e-3, max_iters=100, compile=False,
                dag_ops=("add", "subtract"), betas=(0.9, 0.99), note=None)


def refusal(*argv) -> str:
    with pytest.raises(ConfigError) as caught:
        configure(script(), list(argv))
    assert "\n" not in str(caught.value)
    return str(caught.value)


GOOD_VALUES = [
    ("--learning_rate=1", "learning_rate", 1.0),
    ("--max_iters=1e3", "max_iters", 1000),
    ("--compile=true", "compile", True),
    ("--compile=0", "compile", False),
    ("--out_dir=a=b", "out_dir", "a=b"),
    ("--out_dir=123", "out_dir", "123"),
    ("--out_dir=", "out_dir", ""),
    ("--dag_ops=add,multiply", "dag_ops", ("add", "multiply")),
    ("--dag_ops=add", "dag_ops", ("add",)),
    ("--betas=1,0", "betas", (1.0, 0.0)),
    ("--note=[1, 'x']", "note", [1, "x"]),
    ("--note=free text", "note", "free text"),
]


def test_a_value_on_the_command_line_takes_the_type_of_its_default():
    for item, name, value in GOOD_VALUES:
        settings = configure(script(), [item])
        assert settings[name] == value and type(settings[name]) is type(value), item


BAD_VALUES = [
    ("--max_iters=1.5", ["max_iters=1.5", "float", "int", "100"]),
    ("--max_iters=True", ["max_iters=True", "bool", "int"]),
    ("--compile=yes", ["compile='yes'", "str", "bool", "False"]),
    ("--learning_rate=fast", ["learning_rate='fast'", "str", "float", "0.001"]),
    ("--learning_rate=nan", ["learning_rate=nan", "finite"]),
    ("--learning_rate=-1e999", ["learning_rate=-inf", "finite"]),
    ("--betas=0.9,high", ["betas", "str", "float"]),
    ("--compile", ["--compile=True"]),
    ("--max_iters", ["--max_iters=VALUE"]),
    ("max_iters=3", ["--max_iters=3"]),
    ("-m", ["'-m'", "--key=value"]),
]


def test_a_mistyped_value_is_refused_with_both_types_and_the_way_out():
    for item, parts in BAD_VALUES:
        message = refusal(item)
        assert all(part in message for part in parts), message


def test_an_unknown_setting_names_the_nearest_right_one_or_else_them_all():
    assert "did you mean learning_rate?" in refusal("--learnin-rate=1")
    assert "did you mean learning_rate?" in refusal("--lr=1")
    assert all(name in refusal("--zzz=1") for name in ("betas", "compile", "out_dir"))


def test_a_config_file_sees_the_settings_and_later_items_win(tmp_path):
    path = tmp_path / "big.py"
    path.write_text("import math\n_scale = 2\ndef square(x): return x * x\n"
                    "learning_rate = learning_rate * _scale\nmax_iters = square(30)\n")
    names = script()
    settings = configure(names, ["--learning_rate=0.5", str(path), "--max_iters=7"])
    assert settings["learning_rate"] == 1.0 and settings["max_iters"] == 7
    assert names["learning_rate"] == 1.0 and names["max_iters"] == 7
    assert set(settings) == {"out_dir", "learning_rate", "max_iters", "compile", "dag_ops", "betas", "note"}


BAD_FILES = [
    ("learning_rat = 1", ["learning_rat", "did you mean learning_rate?"]),
    ("for index in range(3): pass", ["index"]),
    ("max_iters = 'many'", ["max_iters='many'", "str", "int"]),
    ("\nmax_iters = = 3", ["line 2", "invalid syntax"]),
    ("x = 1\nmax_iters = 1 / 0", ["line 2", "ZeroDivisionError"]),
    ("raise SystemExit('a\\nb')", ["line 1", "SystemExit: a b"]),
]


def test_a_mistake_in_a_config_file_names_file_line_and_mistake(tmp_path):
    path = tmp_path / "broken.py"
    for source, parts in BAD_FILES:
        path.write_text(source)
        message = refusal(str(path))
        assert all(part in message for part in [str(path), *parts]), message


def test_a_missing_config_file_lists_those_near_it(tmp_path):
    (tmp_path / "train_quick.py").write_text("")
    message = refusal(str(tmp_path / "train_quik.py"))
    assert "train_quik.py" in message and "train_quick.py" in message and "No such file" in message


def test_help_shows_the_docstring_and_each_default_with_its_comment(tmp_path, capsys):
    source = '"""Train a toy."""\nout_dir = "out"  # checkpoints go here\nsizes = (\n    1, 2)  # of the layers\n'
    (tmp_path / "toy.py").write_text(source)
    names = {"__file__": str(tmp_path / "toy.py")}
    exec(source, names)
    with pytest.raises(SystemExit) as caught:
        configure(names, ["--help"])
    printed = capsys.readouterr().out
    assert caught.value.code == 0
    for part in ("Train a toy.", "--out_dir='out'", "checkpoints go here", "--sizes=(1, 2)", "of the layers"):
        assert part in printed


def test_a_script_ends_with_one_line_and_status_2(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["train.py", "--max_iter=3"])
    with pytest.raises(SystemExit) as caught:
        configure(script())
    assert caught.value.code == 2
    assert capsys.readouterr().err == "error: unknown setting max_iter on the command line: did you mean max_iters?\n"


def test_expected_errors_become_one_line_and_bugs_keep_their_traceback(capsys):
    with pytest.raises(SystemExit) as caught, configurator.clear_errors():
        raise ConfigError("two\nlines")
    assert caught.value.code == 2 and capsys.readouterr().err == "error: two lines\n"
    with pytest.raises(SystemExit), configurator.clear_errors():
        raise OSError(28, "No space left on device", "out/metrics.jsonl")
    assert "disk is full" in (line := capsys.readouterr().err) and "out/metrics.jsonl" in line
    with pytest.raises(ZeroDivisionError), configurator.clear_errors():
        1 / 0


def test_fuzzed_settings_pass_or_are_refused_in_one_line():
    draw = random.Random(0)
    pieces = ["--", "-", "=", "max_iters", "learning_rate", "betas", "note", "dag_ops", "1", "e", "9" * 30, "nan", ".", "(",
              ")", ",", "[", "'", '"', " ", "\n", "\0", "\ud800", "é", "True", "None", "{1:", "}", "\\", "1_0", "0x"]
    for _ in range(1500):
        item = draw.choice(["--", "--", "--", ""]) + draw.choice(["max_iters=", "betas=", "note=", "compile=", ""])
        item += "".join(draw.choices(pieces, k=draw.randrange(6)))
        try:
            configure(script(), [item])
        except ConfigError as error:
            assert "\n" not in str(error), (item, str(error))
        except SystemExit as end:
            assert end.code == 0 and item in ("--help", "-h")
