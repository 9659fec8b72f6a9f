"""Dropout whose chance is cheap on a CPU.

torch draws one number for each element there, one after the other, which was 4 % of a
training step. Here one draw of 64 bits decides on four elements, 16 bits each: the same
distribution but for the share, which is rounded to 1/65,536.
"""

import torch

LEVELS = 1 << 16
"""How many values 16 bits tell apart."""

DRAW = 64 // 16
"""Elements that one draw decides on."""


class Dropout(torch.nn.Dropout):
    """torch's dropout, on a CPU by fewer draws; they come from torch's global generator."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002  # torch names it so
        """Return `input` with a share of `p` at zero, and the rest scaled up for it."""
        dropped = round(self.p * LEVELS) if self.training else 0
        # A GPU, and compiled code, draw within the kernel.
        elsewhere = input.device.type != "cpu" or torch.compiler.is_compiling()
        if elsewhere or not 0 < dropped < LEVELS:
            return super().forward(input)
        return input * factors(input, dropped)


def factors(like: torch.Tensor, dropped: int) -> torch.Tensor:
    """Return 0 for `dropped` of LEVELS elements, and for the others what keeps the mean."""
    draws = torch.empty(-(-like.numel() // DRAW), dtype=torch.int64)
    levels = draws.random_(-(1 << 63), None).view(torch.int16)[: like.numel()].view(like.shape)
    kept = levels >= dropped - LEVELS // 2
    return kept.to(like.dtype).mul_(LEVELS / (LEVELS - dropped))


def cheapen(model: torch.nn.Module) -> None:
    """Put this dropout in the place of torch's everywhere in `model`."""
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if type(child) is torch.nn.Dropout:
                setattr(parent, name, Dropout(child.p).train(child.training))
