"""What happens inside a model with a DAG: gates, hidden norms, plans, values and gradients, as a dict of floats.

    dag_logger = DAGLogger()
    with dag_logger.watching(model):            # a GPT or a PredictorOnlyModel, not compiled or wrapped
        logits, loss = model(ids, targets)
        loss.backward()
    wandb.log(dag_logger.get_wandb_logging_dict(model))

The training loop calls `observe` instead, on a few fixed batches once in a while: between two looks nothing is hooked
and nothing is spent, and neither a compiled model nor several processes matter. Imports nothing else of this project: it
reads what `forward` returns, and hooks where that isn't enough.

Axes: B batch, T tokens, H n_embd, R tokens that plan, K numbers, P digits, D steps, S = K + D slots, O operations,
C characters of an answer.
"""
import inspect
import re
import sys
import time
from contextlib import contextmanager

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

# What each key means; {...} stands for a name or a number. The report and docs/logging.md print these.
MEANINGS = {
    "gate/mean": "mean of the gate over all tokens; near the share of tokens that belong to an answer",
    "gate/max": "the most open gate of any token",
    "gate/open_share": "share of tokens whose gate is open, above 0.5",
    "gate/{dataset}/mean": "mean of the gate over the tokens of one data set",
    "gate/{dataset}/max": "the most open gate of one data set; of prose without arithmetic it should fall towards 0",
    "gate/{dataset}/open_share": "share of one data set's tokens whose gate is open",
    "hidden/original_norm": "root mean square of a token's state before the mixer, a mean over tokens weighted by gates",
    "hidden/dag_norm": "root mean square of what the DAG adds to it, gate * LayerNorm(dag_hidden) * dag_scale",
    "hidden/mixed_norm": "root mean square of the sum, which the head reads",
    "hidden/dag_ratio": "hidden/dag_norm to hidden/original_norm: how much louder the DAG is than the language model",
    "grad/op/{operation}": "norm of the loss's gradient in that operation's logits, over all plans and steps",
    "grad/final_hidden": "norm of the loss's gradient in the states the head reads (of Phase 1: the backbone's)",
    "grad/final_values": "norm of the loss's gradient in the characters of the final values, as they are read out",
    "grad/initial_values": "norm of the loss's gradient in the digits' and signs' logits",
    "entropy/operation": "mean entropy of the operations' distributions, in nats; 0 is certain",
    "entropy/operand1": "mean entropy of the first operands' distributions, in nats",
    "entropy/operand2": "mean entropy of the second operands' distributions, where the operation has one",
    "digits/confidence": "mean probability of the most probable digits, of numbers that the plan uses",
    "digits/least": "mean over plans of their least certain digit's probability",
    "nodes/{sample}/{slot}": "value of a slot (n0 .. numbers read, s0 .. steps) of the plan of a sample token; absent "
                             "where it is undefined",
    "gpu/utilization": "per cent of the last moments in which the GPU was busy, as its driver says",
    "gpu/memory_gb": "GPU memory that tensors take, in 2**30 bytes",
    "gpu/peak_memory_gb": "the most they have taken",
    "process/peak_memory_gb": "the most main memory this process has taken, in 2**30 bytes",
    "speed/examples_per_second": "rows trained on a second since the line of the log before",
    "speed/tokens_per_second": "tokens of as many rows, padding included, where all are as long as those looked at",
    "speed/mfu": "model FLOP utilisation: matrix products of the training step against this machine's own rate at "
                 "large ones, as many times as there are processes",
}
OPEN = 0.5              # a gate above is open
NODE_SAMPLES = 4        # plans whose slots are logged
PEAK_SECONDS = 0.2      # for measuring the machine's rate, once


class DAGLoggerError(Exception):
    """Nothing to log, and why; one line."""
    is_user_error = True


class DAGLogger:
    """Collects, while it watches a model, what its latest forward and backward passes did.

    batches: {data set: (batch, its weight in training)} for `observe`. batch_loss: the training's (`training.train`).
    """

    def __init__(self, batches=None, batch_loss=None):
        self.batches, self.batch_loss = batches or {}, batch_loss
        self._handles, self._seen, self._model, self._peak, self._flops = [], {}, None, None, None

    # ---- watching -------------------------------------------------------------------------------------------------

    @contextmanager
    def watching(self, model, dataset=""):
        """`attach` to `model`, and `detach` whatever happens."""
        self.attach(model, dataset)
        try:
            yield self
        finally:
            self.detach()

    def attach(self, model, dataset=""):
        """Hook `model`: from now on its latest forward pass of each data set is kept, with gradients that arrive there.

        Raises DAGLoggerError for a model that is compiled or wrapped: such ones don't call hooks.
        """
        if hasattr(model, "_orig_mod") or hasattr(model, "module"):
            raise DAGLoggerError(f"a {type(model).__name__} doesn't call hooks: give the model it was made of, or use "
                                 "DAGLogger.observe")
        self.detach()
        self._model, gives_details = model, "details" in inspect.signature(model.forward).parameters

        def before(_, arguments, options):
            seen.clear()
            seen.update(gradients={}, tensors=[], wants_details=options.get("details", False))
            # A step may leave out digits of numbers that no text of its batch has; here all are wanted.
            whole = {"n_values": None} if "n_values" in options else {}
            return arguments, {**options, **whole, **({"details": True} if gives_details else {})}

        def after(_, arguments, output):
            if not gives_details:                       # PredictorOnlyModel: the plan itself, no reader axis
                seen.update(plan=output)
            else:
                *answer, details = output
                seen.update({name: value for name, value in vars(details).items() if value is not None})
                output = output if seen["wants_details"] else tuple(answer)
                self._want_gradient(seen, "mixed", seen.get("mixed"))
            plan = seen.get("plan")
            if plan is not None:
                for name in ("operation_logits", "sign_logits", "digit_logits"):
                    self._want_gradient(seen, name, getattr(plan, name))
            return output

        def offered(_, arguments):
            """The characters that are read out: constants where no gradient reaches the plan, so a leaf stands in."""
            hidden, offset, characters, embedding = arguments
            if torch.is_grad_enabled() and not characters.requires_grad:
                characters = characters.detach().requires_grad_()
            self._want_gradient(seen, "characters_read", characters)
            return hidden, offset, characters, embedding

        seen = self._seen[dataset] = {}
        hooks = [model.register_forward_pre_hook(before, with_kwargs=True)]
        if not gives_details:
            hooks.append(model.backbone.register_forward_hook(
                lambda _, arguments, output: self._want_gradient(seen, "mixed", output)))
        if hasattr(model, "readout"):
            hooks.append(model.readout.register_forward_pre_hook(offered))
        hooks.append(model.register_forward_hook(after))
        self._handles = hooks

    def detach(self):
        """Remove every hook. What was captured stays until it is read."""
        for handle in self._handles:
            handle.remove()
        self._handles = []

    @staticmethod
    def _want_gradient(seen, name, tensor):
        if tensor is not None and tensor.requires_grad:
            gradients = seen["gradients"]
            tensor.register_hook(lambda gradient: gradients.update({name: gradient.detach()}))
            seen["tensors"].append(tensor)

    # ---- figures --------------------------------------------------------------------------------------------------

    def get_wandb_logging_dict(self, model):
        """{key: float}, of `MEANINGS`, of what was captured since the last call; keys of what a model lacks are absent.

        So are speed/..., which only the loop knows: see `observe`. Raises DAGLoggerError where nothing was captured.
        """
        machine = resources(next(model.parameters()).device)        # first: the figures below keep a GPU busy, too
        return {**self._figures(model), **machine}

    @torch.no_grad()
    def _figures(self, model):
        captured = {dataset: seen for dataset, seen in self._seen.items() if seen}
        if not captured:
            raise DAGLoggerError("nothing was captured: no forward pass ran while the logger was watching this model")
        gates = {dataset: seen.get("routed_gate", seen.get("gate")) for dataset, seen in captured.items()}
        gates = {dataset: gate.float().cpu().flatten() for dataset, gate in gates.items() if gate is not None}
        figures = {f"gate/{dataset}/{name}": value for dataset, gate in gates.items() if dataset
                   for name, value in gate_figures(gate).items()}
        if gates:
            every = torch.cat(list(gates.values()))
            figures.update({f"gate/{name}": value for name, value in gate_figures(every).items()})
        planned = [seen for seen in captured.values() if len(plans_of(seen).get("operation_logits", ()))]
        of_plans = [{**hidden_figures(seen, model), **plan_figures(seen, model)} for seen in planned]
        of_gradients = [gradient_figures(seen, model) for seen in planned or captured.values()]
        figures.update({**means_of(of_plans), **means_of(of_gradients)})
        if planned:
            figures.update(node_figures(planned[0], model))
        for seen in self._seen.values():
            seen.clear()
        return {key: float(value) for key, value in figures.items()}

    def observe(self, model, dtype=torch.float32, rate=None):
        """`get_wandb_logging_dict` of a forward and backward pass over the batches, and speed from `rate`.

        Only the gradients that are logged are computed, none of the parameters, and in float32: the model is left as it
        was. Gates are those of the model's own routing. dtype: what training computes in. rate: examples a second that
        it trains on, in all processes, or None.
        """
        device = next(model.parameters()).device
        machine = resources(device)                                         # of training, not of what is done here
        examples = sum(weight for _, weight in self.batches.values())
        flops, tokens = 0.0, 0.0                                            # of an example, on average
        for dataset, (batch, weight) in self.batches.items():
            with self.watching(model, dataset), matrix_products_counted() as count:
                loss, _ = self.batch_loss(model, batch)
            seen = self._seen[dataset]
            torch.autograd.grad(loss, seen["tensors"], allow_unused=True)
            if hasattr(model, "router"):
                with torch.no_grad():
                    gate = model(batch.ids, details=True)[-1].gate
                seen["routed_gate"] = torch.zeros(batch.ids.shape) if gate is None else gate
            share = weight / examples / len(batch.ids)
            flops, tokens = flops + 3 * share * count(), tokens + share * batch.ids.numel()
        figures = {**self._figures(model), **machine}
        if rate:
            if self._peak is None:
                self._peak = matrix_product_rate(device, dtype) * processes()
            figures.update({"speed/examples_per_second": rate, "speed/tokens_per_second": rate * tokens,
                            "speed/mfu": flops * rate / self._peak})
        return figures


# ---- what was captured -> figures -----------------------------------------------------------------------------------

def means_of(parts):
    """{key: mean over the dicts that have it}."""
    keys = dict.fromkeys(key for part in parts for key in part)
    return {key: sum(found) / len(found) for key in keys if (found := [part[key] for part in parts if key in part])}


def gate_figures(gate):
    return dict(mean=gate.mean(), max=gate.max(), open_share=(gate > OPEN).float().mean())


def plans_of(seen):
    """{name: (N, ...) logits} of the plans made, those of rows alone that have any."""
    plan, readers = seen.get("plan"), seen.get("readers")
    if plan is None:
        return {}
    # Behind a row's last reader is -1. At a text's first token there is nothing to plan: training has a reader there
    # that stands in where a whole batch has none.
    made = slice(None) if readers is None else readers > 0
    return {name: logits.detach()[made] for name, logits in vars(plan).items()}


def hidden_figures(seen, model):
    """Of a model with a read-out: how loud the DAG is in the states it is mixed into."""
    if seen.get("dag_hidden") is None:
        return {}
    mixed, gate = seen["mixed"].detach().float(), seen["gate"].float()
    added = model.readout.mix(torch.zeros_like(mixed), seen["dag_hidden"].float(), gate)

    def loudness(states):
        return (states.square().mean(-1).sqrt() * gate).sum() / gate.sum().clamp(min=1e-9)

    original, dag = loudness(mixed - added), loudness(added)
    return {"hidden/original_norm": original, "hidden/dag_norm": dag, "hidden/mixed_norm": loudness(mixed),
            "hidden/dag_ratio": dag / original.clamp(min=1e-9)}


def plan_figures(seen, model):
    """Entropies of a plan's choices and confidence in the digits of the numbers it uses."""
    plans = plans_of(seen)

    def entropy(name):
        return torch.special.entr(plans[name].float().softmax(-1)).sum(-1)                  # (N, D)

    operation = plans["operation_logits"].argmax(-1)
    has_second = (operation != model.config.dag_ops.index("identity")).float()
    digits = plans["digit_logits"].float().softmax(-1).amax(-1)                             # (N, K, P)
    used = numbers_in_use(plans, model)                                                     # (N, K)
    return {"entropy/operation": entropy("operation_logits").mean(),
            "entropy/operand1": entropy("operand1_logits").mean(),
            "entropy/operand2": (entropy("operand2_logits") * has_second).sum() / has_second.sum().clamp(min=1),
            "digits/confidence": digits[used].mean(),
            "digits/least": digits.masked_fill(~used[..., None], 1.0).amin((1, 2)).mean()}


def numbers_in_use(plans, model):
    """(N, K) bool: the numbers that the most probable plan's result depends on."""
    operation, first, second = (plans[name].argmax(-1)
                                for name in ("operation_logits", "operand1_logits", "operand2_logits"))
    K, D = plans["sign_logits"].size(-2), operation.size(-1)
    used = torch.zeros(len(operation), K + D, dtype=torch.bool, device=operation.device)
    used[:, -1] = True
    for step in reversed(range(D)):                 # a slot is read by later steps alone
        reads = used[:, K + step, None]
        reads_second = reads & (operation[:, step, None] != model.config.dag_ops.index("identity"))
        used |= torch.zeros_like(used).scatter(1, first[:, step, None], reads)
        used |= torch.zeros_like(used).scatter(1, second[:, step, None], reads_second)
    return used[:, :K]


def gradient_figures(seen, model):
    """Norms of the gradients that arrived; absent where none did."""
    gradients, figures = {name: gradient.float() for name, gradient in seen["gradients"].items()}, {}
    if "operation_logits" in gradients:
        by_operation = gradients["operation_logits"].flatten(0, -2).norm(dim=0)             # (O,)
        figures.update({f"grad/op/{name}": norm for name, norm in zip(model.config.dag_ops, by_operation)})
    for key, name in (("final_hidden", "mixed"), ("final_values", "characters_read")):
        if name in gradients:
            figures[f"grad/{key}"] = gradients[name].norm()
    if "sign_logits" in gradients and "digit_logits" in gradients:
        figures["grad/initial_values"] = torch.hypot(gradients["sign_logits"].norm(), gradients["digit_logits"].norm())
    return figures


def node_figures(seen, model):
    """Values of the slots of a few plans, as executed."""
    plan = type(seen["plan"])(**{name: logits[None, :NODE_SAMPLES] for name, logits in plans_of(seen).items()})
    slots, defined = (part[0].tolist() for part in model.dag(plan, mode="hard"))
    K = plan.sign_logits.size(-2)
    return {f"nodes/{sample}/{f'n{slot}' if slot < K else f's{slot - K}'}": value
            for sample, (values, are_defined) in enumerate(zip(slots, defined))
            for slot, (value, is_defined) in enumerate(zip(values, are_defined)) if is_defined}


# ---- the machine ----------------------------------------------------------------------------------------------------

@contextmanager
def matrix_products_counted():
    """Yields a function that says how many floating-point operations the matrix products within took."""
    from torch.utils.flop_counter import FlopCounterMode    # its import takes half a second
    # Attention as plain matrix products: the counter doesn't know the CPU's fused kernel.
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        yield counter.get_total_flops


def matrix_product_rate(device, dtype):
    """FLOP/s of large matrix products on `device`, the best of as many as PEAK_SECONDS allow."""
    n = 8192 if device.type == "cuda" else 1024
    a, best, began = torch.randn(n, n, device=device, dtype=dtype), 0.0, time.perf_counter()
    while best == 0.0 or time.perf_counter() - began < PEAK_SECONDS:
        started = time.perf_counter()
        a @ a
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        best = max(best, 2 * n ** 3 / (time.perf_counter() - started))
    return best


def processes():
    """How many train together, each on a device of its own."""
    distributed = torch.distributed
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def resources(device):
    """{key: float}: memory and utilisation at this moment; what this machine can't tell is absent."""
    figures = {}
    try:
        import resource                             # not on Windows
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        figures["process/peak_memory_gb"] = peak * (1 if sys.platform == "darwin" else 1024) / 2 ** 30
    except ImportError:
        pass
    if device.type == "cuda":
        figures["gpu/memory_gb"] = torch.cuda.memory_allocated(device) / 2 ** 30
        figures["gpu/peak_memory_gb"] = torch.cuda.max_memory_allocated(device) / 2 ** 30
        try:
            figures["gpu/utilization"] = float(torch.cuda.utilization(device))
        except Exception:                           # nvidia-ml-py isn't there, or its driver won't tell
            pass
    return figures


def meaning(key):
    """What a key of `get_wandb_logging_dict` means; None of an unknown one."""
    for pattern, text in MEANINGS.items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(pattern)), key):
            return text
    return None
