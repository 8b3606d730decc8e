"""The any-contrast net: a small U-Net that sees blocks of 2 mm and works on 4 mm and up."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, cat, nn
from torch.nn import functional

CLASSES, WIDTHS = 18, (32, 64, 96)


def block(given: int, made: int) -> nn.Sequential:
    """Return convolution, normalisation in eight groups, and rectification."""
    return nn.Sequential(
        nn.Conv3d(given, made, 3, padding=1, bias=False),
        nn.GroupNorm(8, made),
        nn.ReLU(inplace=True),
    )


class Segmenter(nn.Module):
    """Image (n, 1, x, y, z) in 0 to 1, sizes divisible by 8, to logits (n, 18, x, y, z)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv3d(1, WIDTHS[0], 4, stride=2, padding=1)
        wide = [WIDTHS[0], *WIDTHS]
        self.down = nn.ModuleList(
            nn.Sequential(block(a, b), block(b, b)) for a, b in zip(wide, WIDTHS, strict=False)
        )
        self.up = nn.ModuleList(block(a + b, a) for a, b in reversed(list(pairwise(WIDTHS))))
        self.head = nn.Conv3d(WIDTHS[0], CLASSES * 8, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits."""
        x = self.first(image)
        kept = []
        for level, down in enumerate(self.down):
            x = down(x if level == 0 else functional.max_pool3d(x, 2))
            kept.append(x)
        x = kept.pop()
        for up in self.up:
            x = up(
                cat([functional.interpolate(x, scale_factor=2.0, mode="nearest"), kept.pop()], 1)
            )
        return spread(self.head(x))


def spread(x: Tensor) -> Tensor:
    """Lay groups of eight channels out as blocks of 2 x 2 x 2 voxels."""
    n, c, a, b, d = x.shape
    x = x.view(n, c // 8, 2, 2, 2, a, b, d).permute(0, 1, 5, 2, 6, 3, 7, 4)
    return x.reshape(n, c // 8, 2 * a, 2 * b, 2 * d)
