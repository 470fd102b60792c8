"""Phase 1's model: a backbone and a plan predictor that reads at the end of each text. Imports `backbone`,
`executor` and `plan`."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from models.backbone import Backbone, ModelError
from models.executor import log_magnitude, magnitude
from models.plan import DAGPlanPredictor, DifferentiableDAG, Plan


class PredictorOnlyModel(nn.Module):
    """Token ids -> Plan of the expression they spell, read at each text's last token.

    Axes as in `plan`; there is one reader a text, R = 1, and plans come without that axis.
    """

    def __init__(self, config):
        super().__init__()
        if config.form != "modern":
            raise ModelError(f"form={config.form!r} is for GPT alone: a plan predictor's backbone is 'modern'")
        self.config = config
        self.backbone = Backbone(config)
        self.predictor = DAGPlanPredictor(config)
        self.dag = DifferentiableDAG(config)

    def forward(self, ids, lengths, n_values=None):
        """ids (B, T) int64 padded on the right with anything, lengths (B,) int64 >= 1 -> Plan, fields (B, ...).

        n_values: as of `DAGPlanPredictor`.
        """
        plan = self.predictor(self.backbone(ids), ids, lengths[:, None] - 1, n_values)
        return Plan(*(field[:, 0] for field in vars(plan).values()))

    def get_num_params(self):
        return sum(parameter.numel() for parameter in self.parameters())


def plan_losses(plan, target, dag, identity, labelled=None):
    """The losses of a plan, each 0-d float: sign, digits, log_magnitude, operation, operands.

    target: `number_mask`, `negative`, `digits`, `operation`, `operand1`, `operand2` as (B, ...) int64 or bool, of the
    plan's shapes. dag: the DifferentiableDAG whose log-magnitudes are compared. identity: its index in dag_ops.
    labelled (B,) bool: plans whose operations and operands count, and where a number_mask is empty, nothing else does;
    None is all.

    Cross-entropies in nats, but log_magnitude, mean absolute error in decades. Digits are summed over a number's
    places and operations and operands over a plan's steps, so that a mean is over things that are right or wrong as a
    whole. Slots that the text doesn't fill, and second operands of identity, count nowhere.
    """
    def mean(errors, weights):                                              # weights, not indexing: that would wait
        return (errors * weights).sum() / weights.sum().clamp(min=1)

    D, errors = target.operation.size(1), plan_errors(plan, target, identity, labelled)
    true_log = log_magnitude(magnitude(target.digits, dag.max_decimals), dag.max_decimals)
    log_error = (dag.log_magnitudes(plan) - true_log).abs().float()
    return dict(sign=mean(*errors["sign"]), digits=mean(*errors["digits"]),
                log_magnitude=mean(log_error, target.number_mask.float()), operation=D * mean(*errors["operation"]),
                operands=D * (mean(*errors["operand1"]) + mean(*errors["operand2"])))


def plan_errors(plan, target, identity, labelled=None):
    """Cross-entropies of a plan and how much each counts, 0 or 1: {"sign", "digits": two (B, K) tensors, "operation",
    "operand1", "operand2": two (B, D)}; arguments as of `plan_losses`, digits summed over a number's places."""
    def cross_entropy(logits, classes):
        return F.cross_entropy(logits.float().flatten(0, -2), classes.flatten(), reduction="none").view(classes.shape)

    known, counts = target.number_mask.float(), torch.ones_like(target.operation, dtype=torch.float)
    if labelled is not None:
        counts = counts * labelled[:, None]
    return dict(sign=(cross_entropy(plan.sign_logits, target.negative), known),
                digits=(cross_entropy(plan.digit_logits, target.digits).sum(-1), known),
                operation=(cross_entropy(plan.operation_logits, target.operation), counts),
                operand1=(cross_entropy(plan.operand1_logits, target.operand1), counts),
                operand2=(cross_entropy(plan.operand2_logits, target.operand2), counts * (target.operation != identity)))
