"""What a run tells the person who waits for it, and how that person stops it. Imports nothing else of this project."""

import os
import shlex
import signal
import sys
import time

from tqdm import tqdm


class Console:
    """A bar with ETA on a terminal, plain lines elsewhere, silence in all processes but the first."""

    def __init__(self, visible: bool):
        self.visible, self.bar = visible, None

    def say(self, text: str) -> None:
        if self.visible:
            tqdm.write(text) if self.bar is not None else print(text, flush=True)

    def start(self, progress: float) -> None:
        self.began, self.first, self.progress = time.monotonic(), progress, progress
        if self.visible and sys.stderr.isatty():
            # Share of the run rather than iterations, so that the ETA holds for max_minutes too.
            self.bar = tqdm(total=1.0, initial=progress,
                            bar_format="{percentage:3.0f}%|{bar:24}| {elapsed}<{remaining}{postfix}")

    def tick(self, progress: float) -> None:
        self.progress = progress
        if self.bar is not None:
            self.bar.update(progress - self.bar.n)

    def figures(self, text: str) -> None:
        if self.bar is not None:
            self.bar.set_postfix_str(text)
        elif self.progress > self.first:
            elapsed = time.monotonic() - self.began
            left = elapsed * (1 - self.progress) / (self.progress - self.first)
            self.say(f"{text}  {tqdm.format_interval(left)} left")
        else:
            self.say(text)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None


class StopRequest:
    """True once SIGTERM or Ctrl-C came, so that the loop can finish its iteration; a second Ctrl-C stops at once."""

    def __init__(self):
        self.came, self.previous = None, {}

    def __bool__(self) -> bool:
        return self.came is not None

    def __enter__(self):
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                self.previous[number] = signal.signal(number, self.handle)
        except ValueError:  # not the main thread: there signals are others' business
            pass
        return self

    def __exit__(self, *_):
        for number, handler in self.previous.items():
            signal.signal(number, handler)

    def handle(self, number, frame) -> None:
        # torchrun passes a Ctrl-C on that the terminal has already sent: within a second, two are one.
        if number == signal.SIGINT and self and time.monotonic() - self.came > 1:
            raise KeyboardInterrupt
        if not self:
            self.came = time.monotonic()  # os.write, as a handler may interrupt print at any point
            os.write(2, b"\nstopping after this iteration, then saving (a second Ctrl-C stops at once)\n")


def resume_command() -> str:
    """The command line that continues this run."""
    arguments = [item for item in sys.argv if not item.startswith("--init_from=")]
    count = os.environ.get("LOCAL_WORLD_SIZE")
    launcher = f"torchrun --nproc_per_node={count}" if count else "python"
    return f"{launcher} {shlex.join(arguments)} --init_from=resume"


def brief(figures: dict) -> str:
    return "  ".join(f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
                     for name, value in figures.items())
