"""Which optimiser moves which parameters: AdamW for all or, beside it, Muon for the hidden matrices.

Imports torch alone.
"""

import torch


def orthogonalized(matrices: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Nearest semi-orthogonal matrices, roughly (singular values 0.7 to 1.2), of a batch (N, rows, columns).

    The quintic Newton-Schulz iteration of Keller Jordan's Muon (kellerjordan.github.io/posts/muon),
    in bfloat16 on CUDA and in float32 elsewhere, as few CPUs have bfloat16 units.
    """
    X = matrices.bfloat16() if matrices.is_cuda else matrices.float()
    if tall := X.size(-2) > X.size(-1):
        X = X.mT
    X = X / X.norm(dim=(-2, -1), keepdim=True).clamp(min=1e-7)
    for _ in range(steps):
        A = X @ X.mT
        B = torch.baddbmm(A, A, A, beta=-4.7750, alpha=2.0315)
        X = torch.baddbmm(X, B, X, beta=3.4445)
    return (X.mT if tall else X).to(matrices.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised: an optimiser for the hidden matrices of a network, (rows, columns) each.

    Keller Jordan's Muon with decoupled weight decay, its updates scaled by 0.2 sqrt(max(rows,
    columns)) as in Moonshot's "Muon is Scalable for LLM Training" (arXiv:2502.16982), so that they
    are as large as AdamW's and its learning rates carry over. Equals torch.optim.Muon with
    adjust_lr_fn="match_rms_adamw", but matrices of one shape are orthogonalised in one batch.
    """

    def __init__(self, params, lr: float, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            by_shape = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape.setdefault(parameter.shape, []).append(parameter)
            for shape, parameters in by_shape.items():
                for parameter in parameters:
                    if not self.state[parameter]:
                        self.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
                gradients = [parameter.grad for parameter in parameters]
                buffers = [self.state[parameter]["momentum_buffer"] for parameter in parameters]
                torch._foreach_lerp_(buffers, gradients, 1 - group["momentum"])
                nesterov = torch._foreach_lerp(gradients, buffers, group["momentum"])
                updates = orthogonalized(torch.stack(nesterov)).unbind()
                torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
                torch._foreach_add_(parameters, updates, alpha=-group["lr"] * 0.2 * max(shape) ** 0.5)


def configure_optimizers(model: torch.nn.Module, settings: dict) -> list[torch.optim.Optimizer]:
    """AdamW for all parameters or, with optimizer="muon", Muon for hidden matrices and AdamW for the rest.

    Hidden matrices are the weights of nn.Linear, less those tied to an nn.Embedding or marked
    `weight.is_embedding_or_head = True`. Weight decay applies to parameters of two or more axes.
    Rates are multiplied by a parameter's `lr_scale`, where it has one. Each parameter group keeps its peak rate as
    "initial_lr".
    """
    modules = list(model.modules())
    embeddings = {id(module.weight) for module in modules if isinstance(module, torch.nn.Embedding)}
    linear = {id(module.weight) for module in modules if isinstance(module, torch.nn.Linear)} - embeddings
    kinds = {"hidden": {}, "decayed": {}, "plain": {}}      # of each {lr_scale: parameters}
    for parameter in model.parameters():
        if not parameter.requires_grad:
            continue
        is_hidden = id(parameter) in linear and not getattr(parameter, "is_embedding_or_head", False)
        kind = ("hidden" if is_hidden and settings["optimizer"] == "muon" else
                "decayed" if parameter.ndim >= 2 else "plain")
        kinds[kind].setdefault(getattr(parameter, "lr_scale", 1.0), []).append(parameter)

    def groups(kind, rate, weight_decay=settings["weight_decay"]):
        return [dict(params=parameters, lr=rate * scale, weight_decay=weight_decay)
                for scale, parameters in kinds[kind].items()]

    optimizers = []
    if of_muon := groups("hidden", settings["muon_learning_rate"]):
        optimizers.append(Muon(of_muon, lr=settings["muon_learning_rate"]))
    if of_adamw := groups("decayed", settings["learning_rate"]) + groups("plain", settings["learning_rate"], 0.0):
        fused = of_adamw[0]["params"][0].device.type in ("cpu", "cuda")
        optimizers.append(torch.optim.AdamW(of_adamw, lr=settings["learning_rate"], fused=fused,
                                            betas=(settings["beta1"], settings["beta2"])))
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
    return optimizers


def load_optimizer(optimizer: torch.optim.Optimizer, state: dict) -> None:
    """Load the moments but keep this run's rates, betas and decay, which `load_state_dict` would replace."""
    chosen = [{name: value for name, value in group.items() if name != "params"}
              for group in optimizer.param_groups]
    optimizer.load_state_dict(state)
    for group, options in zip(optimizer.param_groups, chosen):
        group.update(options)
