"""Settings: a script's module-level names, overridden by config files and `--key=value`, all checked.

As in nanoGPT a script states its defaults as flat assignments and then hands over its globals:

    out_dir = "out"        # checkpoints and metrics.jsonl go here
    learning_rate = 1e-3   # peak rate
    config = configurator.configure(globals())

    python train_predictor.py config/train_predictor_cpu.py --learning_rate=2e-3

Unlike nanoGPT nothing passes unread: a name that no setting has, or a value of the wrong type, is
refused in one line, in a config file as on the command line. Imports nothing else of this project.
"""

import ast
import difflib
import errno
import io
import math
import os
import sys
import tokenize
import traceback
from contextlib import contextmanager
from types import ModuleType

SETTING_TYPES = (int, float, bool, str, tuple, list, type(None))


class ConfigError(Exception):
    """A mistake in the settings, told in one line."""

    is_user_error = True


def configure(script_globals: dict, argv: list[str] | None = None) -> dict:
    """Override the settings in `script_globals` by `argv` and return them all as a plain dict.

    Settings are the public module-level names bound to an int, float, bool, str, tuple, list or
    None at the time of the call; the globals are updated too. Items of `argv` apply in order, so
    later ones win: a bare path is a config file, `--key=value` one override, `--help` prints the
    settings and exits. With `argv=None` the items are `sys.argv[1:]` and a mistake ends the
    program with one line and exit status 2; with an explicit `argv` it raises ConfigError.
    """
    if argv is None:
        try:
            return configure(script_globals, sys.argv[1:])
        except ConfigError as error:
            fail(error)

    defaults = {name: value for name, value in script_globals.items()
                if not name.startswith("_") and isinstance(value, SETTING_TYPES)}
    if "--help" in argv or "-h" in argv:
        print(help_text(script_globals, defaults))
        raise SystemExit(0)

    settings = dict(defaults)
    for item in argv:
        if item.startswith("--"):
            name, equals, text = item[2:].partition("=")
            if name not in settings:
                raise ConfigError(unknown_setting(name, settings, "on the command line"))
            if not equals:
                example = "True" if isinstance(defaults[name], bool) else "VALUE"
                raise ConfigError(f"--{name} has no value: write --{name}={example}")
            settings[name] = parse(name, text, defaults[name])
        elif item.startswith("-"):
            raise ConfigError(f"{shown(item)} is not an option: settings are given as --key=value (--help lists them)")
        elif item.partition("=")[0] in settings and not os.path.exists(item):
            raise ConfigError(f"{shown(item)} lacks its dashes: write --{one_line(item)}")
        else:
            settings.update(read_config_file(item, settings, defaults))
    script_globals.update(settings)
    return settings


def read_config_file(path: str, settings: dict, defaults: dict) -> dict:
    """Execute the flat Python file `path`, which sees `settings`, and return those it sets, checked.

    Modules, functions, classes and names with a leading underscore are the file's own business; any
    other name must be a setting. Raises ConfigError naming file, line and mistake.
    """
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        raise ConfigError(f"cannot read config file {shown(path)}: {error.strerror}{neighbours(path)}") from None
    except ValueError as error:  # a null byte in the path
        raise ConfigError(f"cannot read config file {shown(path)}: {error}") from None

    namespace = {"__file__": path, "__name__": "config", **settings}
    try:
        exec(compile(source, path, "exec"), namespace)
    except SyntaxError as error:
        raise ConfigError(f"{path}, line {error.lineno}: {error.msg}") from None
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
        where = f"{path}, line {lines[-1]}" if lines else path
        raise ConfigError(f"{where}: {type(error).__name__}: {one_line(error)}") from None

    chosen = {}
    for name, value in namespace.items():
        if name in defaults:
            chosen[name] = checked(name, value, defaults[name], f" in {path}")
        elif not (name.startswith("_") or isinstance(value, ModuleType) or callable(value)):
            raise ConfigError(unknown_setting(name, defaults, f"in {path}"))
    return chosen


# --- values -------------------------------------------------------------------------------------

def parse(name: str, text: str, default):
    """The value that `--name=text` gives a setting whose default is `default`."""
    literal = literal_or_text(text)
    if isinstance(default, str):
        return literal if isinstance(literal, str) else text
    if isinstance(default, bool) and text in ("true", "false"):
        return text == "true"
    if isinstance(default, (int, float)) and text.strip().lower().lstrip("+-") in ("nan", "inf", "infinity"):
        literal = float(text)
    if isinstance(default, (tuple, list)) and not isinstance(literal, (tuple, list)):
        holds_text = all(isinstance(element, str) for element in default)
        parts = [part.strip() for part in text.split(",")] if text else []
        literal = parts if holds_text and isinstance(literal, str) else [literal] if text else []
    return checked(name, literal, default)


def literal_or_text(text: str):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def checked(name: str, value, default, where: str = ""):
    """`value` as the type of `default`, or ConfigError; None as the default admits any plain value."""
    kind, given = type(default), type(value)
    if default is None:
        if isinstance(value, SETTING_TYPES):
            return value
    elif kind is bool:
        if given is bool or (given is int and value in (0, 1)):
            return bool(value)
    elif kind is int:
        if given is int or (isinstance(value, float) and value.is_integer()):
            return int(value)
    elif kind is float:
        if isinstance(value, (int, float)) and given is not bool:
            if math.isfinite(number := as_float(value)):
                return number
            raise ConfigError(f"{name}={shown(value)}{where} is not finite (default {default!r})")
    elif kind is str:
        if isinstance(value, str):
            return str(value)
    elif isinstance(value, (tuple, list)):
        of = {type(element) for element in default}
        if len(of) == 1:  # a uniform default says what its elements must be
            value = [checked(f"{name}[{i}]", element, default[0], where) for i, element in enumerate(value)]
        return kind(value)
    wanted = "a plain value" if default is None else kind.__name__
    raise ConfigError(f"{name}={shown(value)}{where} is of type {given.__name__}, "
                      f"but {name} takes {wanted} (default {shown(default)})")


def as_float(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


# --- what people read -----------------------------------------------------------------------------

def help_text(script_globals: dict, defaults: dict) -> str:
    """The script's docstring, then each setting with its default and the comment behind it in the source."""
    comments = trailing_comments(script_globals.get("__file__"))
    width = min(44, max((len(f"--{name}={value!r}") for name, value in defaults.items()), default=0))
    lines = [f"  {f'--{name}={value!r}':<{width}}  {comments.get(name, '')}".rstrip()
             for name, value in defaults.items()]
    usage = "Config files (paths) and --key=value apply in the order given, later ones win. Settings and defaults:"
    return "\n".join([(script_globals.get("__doc__") or "").strip(), "", usage, *lines]).lstrip("\n")


def trailing_comments(path: str | None) -> dict[str, str]:
    """Setting name -> the comment on the last line of its assignment at the top level of the file `path`."""
    try:
        with open(path, "rb") as file:
            source = file.read()
        on_line = {token.start[0]: token.string.lstrip("# ") for token in tokenize.tokenize(io.BytesIO(source).readline)
                   if token.type == tokenize.COMMENT}
        assignments = [node for node in ast.parse(source).body if isinstance(node, (ast.Assign, ast.AnnAssign))]
    except (OSError, TypeError, SyntaxError, tokenize.TokenError):  # no file: an interactive session, a zip
        return {}
    return {name.id: on_line[node.end_lineno] for node in reversed(assignments) if node.end_lineno in on_line
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            for name in ast.walk(target) if isinstance(name, ast.Name)}


def unknown_setting(name: str, settings: dict, where: str) -> str:
    near = difflib.get_close_matches(name.replace("-", "_"), settings, n=1)
    near += [known for known in settings if "".join(word[0] for word in known.split("_") if word) == name]  # lr
    hint = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(sorted(settings))}"
    return f"unknown setting {one_line(name)} {where}: {hint}"


def neighbours(path: str) -> str:
    """Config files beside the one that can't be read, nearest names first."""
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    try:
        there = sorted(name for name in os.listdir(folder or ".") if name.endswith(".py"))
    except OSError:
        return f"; there is no folder {shown(folder)}"
    near = difflib.get_close_matches(os.path.basename(path), there, n=3) or there[:8]
    return "; near it: " + ", ".join(os.path.join(folder, name) for name in near) if near else ""


def shown(value, longest: int = 80) -> str:
    """`repr(value)` on one line and of bearable length."""
    try:
        text = repr(value)
    except Exception:  # an int too long to print, a config file's own class
        text = f"a {type(value).__name__}"
    return text if len(text) <= longest else text[:longest - 3] + "..."


def one_line(message) -> str:
    return " ".join(str(message).split())


def fail(message) -> None:
    """Print `error: message` as one line on stderr and end the program with exit status 2."""
    print(f"error: {one_line(message)}", file=sys.stderr, flush=True)
    raise SystemExit(2)


@contextmanager
def clear_errors():
    """Turn a user's or the machine's mistakes into one line and exit status 2; a bug keeps its traceback.

    For `with clear_errors():` around a script's body or `@clear_errors()` on its `main`. Exceptions
    of this project that are addressed to users carry `is_user_error = True`.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:         # whoever read our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(141) from None
    except OSError as error:
        where = error.filename if error.filename is not None else "a file"
        if error.errno == errno.ENOSPC:
            fail(f"the disk is full: writing {where} failed; free some space or choose another --out_dir, "
                 "then go on with --init_from=resume")
        if error.filename is None:
            raise
        fail(f"{where}: {error.strerror}")
    except Exception as error:
        if not getattr(error, "is_user_error", False):
            raise
        fail(error)
