"""Where and in which dtype to compute, and the processes that share the work. Imports torch alone."""

import ctypes
import os
import sys
import time

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

DTYPES = ("auto", "float32", "bfloat16", "float16")     # of autocast
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, KEPT_BYTES = -1, -3, 1 << 30     # options of mallopt(3), and what both are set to


class DeviceError(Exception):
    """A device or dtype that isn't to be had here: what was asked for and what to use, in one line."""

    is_user_error = True


def resolve_device(setting: str) -> torch.device:
    """The device a setting names, under torchrun this process's own; "auto" is CUDA where there is one, else the CPU."""
    if setting == "auto":
        setting = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(setting)
    except RuntimeError:
        raise DeviceError(f"device={setting!r} is not a device: use auto, cpu, cuda or cuda:1") from None
    if device.type == "cuda" and device.index is None and torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
    if device.type == "mps":
        raise DeviceError("device='mps' has no float64, which plans are executed in: use --device=cpu")
    found = {"cpu": 1, "cuda": torch.cuda.device_count()}
    if (device.index or 0) >= (there := found.get(device.type, 0)):
        raise DeviceError(f"device={str(device)!r} is not here ({there} of its kind found): use --device=auto or cpu")
    return device


def resolve_dtype(setting: str, device: torch.device) -> torch.dtype:
    """The dtype of autocast. "auto" is bfloat16 on CUDA that computes in it, float16 on older CUDA, else float32.

    CPUs compute in bfloat16, too, where it is asked for: those with AVX512-BF16 or AMX three times as fast.
    """
    if setting not in DTYPES:
        raise DeviceError(f"dtype={setting!r} is unknown: there are {', '.join(DTYPES)}")
    if setting == "auto":
        if device.type != "cuda":
            return torch.float32
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if setting == "float16" and device.type != "cuda":
        raise DeviceError(f"dtype={setting!r} needs CUDA, but the device is {device.type}: use bfloat16 or auto")
    return getattr(torch, setting)


def mixed_precision(setting: str, device: torch.device) -> torch.autocast:
    """The context in which a device computes in the dtype that a setting names."""
    dtype = resolve_dtype(setting, device)
    return torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32)


def keep_freed_memory() -> bool:
    """Keep what tensors free for the next ones, up to a GiB; whether the C library has a way to.

    By default glibc gives every large block back to the system, which hands it out again page by page, zeroed: a tenth of the
    time in which a small model answers on a CPU. What mallopt(3) sets holds for the whole process. Not for training, whose
    blocks of ever other sizes would leave gaps that add up.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return mallopt is not None and all([mallopt(option, KEPT_BYTES) for option in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD)])


class Processes:
    """The processes that torchrun started, or this one alone. Agreements travel by gloo: they never wait for a GPU."""

    def __init__(self, device: torch.device):
        self.rank, self.count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        self.device, self.several = device, self.count > 1
        if device.type == "cuda":
            torch.cuda.set_device(device)
        if self.several:
            dist.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo")
            if device.type == "cpu":  # processes of one host share its cores
                cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
                torch.set_num_threads(max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", 1))))

    def sum(self, numbers: torch.Tensor) -> torch.Tensor:
        """`numbers` summed over the processes, on the CPU."""
        numbers = numbers.detach().clone().cpu()  # all_reduce works in place
        if self.several:
            dist.all_reduce(numbers)
        return numbers

    def wrap(self, model: torch.nn.Module) -> torch.nn.Module:
        on_gpu = self.device.type == "cuda"
        if not self.several:
            return model
        # Buffers are constants: there is nothing to broadcast.
        return DistributedDataParallel(model, device_ids=[self.device.index] if on_gpu else None,
                                       broadcast_buffers=False)

    def close(self) -> None:
        """Part with the other processes. gloo's threads outlive their group where DistributedDataParallel was in it, and
        let go of the last sum a moment after it is known; at the interpreter's end that would crash (pytorch#179291)."""
        if self.several and dist.is_initialized():
            dist.destroy_process_group()
            time.sleep(0.5)


def compiled_or_not(model: torch.nn.Module, trial, processes: Processes, say) -> torch.nn.Module:
    """`torch.compile(model)` if that works in every process, else `model`, said aloud.

    Compilation is lazy: it fails at the first call, or at the second shape, so `trial(compiled)` runs forward and
    backward passes of several batches.
    """
    compiled, failure = torch.compile(model, dynamic=True), None     # texts of every length: one compilation for all
    try:
        trial(compiled)
    except torch.OutOfMemoryError:
        raise
    except Exception as error:
        failure = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
    model.zero_grad(set_to_none=True)
    if processes.sum(torch.tensor(float(failure is not None))) == 0:
        return compiled
    say(f"WARNING: torch.compile failed, going on uncompiled ({failure or 'in another process'})")
    return model
