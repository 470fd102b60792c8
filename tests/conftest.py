"""Garbage is collected rarely while tests run: importing torch makes a million objects that all stay, and looking through
them again and again is a quarter of the quick tests' time."""
import gc

gc.disable()


def pytest_collection_finish():
    gc.freeze()
    gc.set_threshold(100_000)
    gc.enable()
