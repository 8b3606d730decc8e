"""Train the any-contrast net on cached random heads; goes on where it stopped.

    python training/make_heads.py CACHE &
    python training/train_segmenter.py CACHE OUT [--steps 2400] [--threads 1]

Each step takes a box of 64 blocks of 2 mm (every tenth: the whole head) of a cached head, flips it,
and changes its brightness. Loss: cross-entropy and soft Dice against the share of each class in a
block. OUT gets a checkpoint every 50 steps and, at the end, the weights.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numba
import numpy as np
import torch
from segmenter import CLASSES, Segmenter
from torch import Tensor


def normalised(image: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
    """Return an image in 0 to 1: between 0 (or a low percentile) and a high percentile."""
    low, high = (1.0, 99.5) if rng is None else (rng.uniform(0, 3), rng.uniform(98.5, 99.9))
    a, b = np.percentile(image, [low, high])
    return np.clip((image - a) / max(b - a, 1e-6), 0, 1).astype(np.float32)


def sample(file: Path, rng: np.random.Generator, whole: bool) -> tuple[Tensor, Tensor]:
    """Return a box of an image (1, 1, x, y, z) and the share of each class in its blocks."""
    with np.load(file) as held:
        image, classes = held["image"].astype(np.float32), held["classes"]
    image = normalised(image, rng) ** np.float32(np.exp(rng.uniform(-0.4, 0.4)))
    if not whole:
        middle = np.argwhere(classes[::8, ::8, ::8] > 0)
        centre = middle[rng.integers(len(middle))] * 4
        low = [
            int(np.clip(c - 32 + rng.integers(-8, 9), 0, s - 64))
            for c, s in zip(centre, image.shape, strict=False)
        ]
        image = image[tuple(slice(a, a + 64) for a in low)]
        classes = classes[tuple(slice(2 * a, 2 * a + 128) for a in low)]
    if rng.random() < 0.15:
        image, classes = cut(image, classes, rng)
    if rng.random() < 0.5:
        image, classes = image[::-1], classes[::-1]
    return torch.from_numpy(image.astype(np.float32))[None, None], shares(classes)


def cut(image: np.ndarray, classes: np.ndarray, rng: np.random.Generator):
    """Take slices away at one end: a field of view that is too short."""
    axis, part = int(rng.choice([2, 2, 1, 0])), rng.uniform(0.05, 0.3)
    n = int(image.shape[axis] * part)
    at = slice(0, n) if rng.random() < 0.5 else slice(image.shape[axis] - n, None)
    where = tuple(at if a == axis else slice(None) for a in range(3))
    image = image.copy()
    image[where] = 0
    return image, classes


def shares(classes: np.ndarray) -> Tensor:
    """Return the share of each class in blocks of 2 x 2 x 2 voxels, (1, 18, x, y, z)."""
    out = np.zeros((CLASSES, *[n // 2 for n in classes.shape]), np.float32)
    _count(np.ascontiguousarray(classes), out)
    return torch.from_numpy(out)[None]


@numba.njit(cache=True)
def _count(classes, out):
    _, nx, ny, nz = out.shape
    for i in range(2 * nx):
        for j in range(2 * ny):
            for k in range(2 * nz):
                out[classes[i, j, k], i // 2, j // 2, k // 2] += 0.125


def loss_of(logits: Tensor, target: Tensor) -> Tensor:
    """Return cross-entropy plus one minus the mean soft Dice of the classes that are there."""
    logp = torch.log_softmax(logits, 1)
    p = logp.exp()
    entropy = -(target * logp).sum(1).mean()
    both, sizes = (p * target).sum((0, 2, 3, 4)), (p + target).sum((0, 2, 3, 4))
    there = target.sum((0, 2, 3, 4)) > 20
    return entropy + 1 - (2 * both[there] / sizes[there].clamp_min(1.0)).mean()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2e-3)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    net = Segmenter()
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=1e-4)
    first, checkpoint = 0, args.out / "segmenter.pt"
    args.out.mkdir(parents=True, exist_ok=True)
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        first = state["step"]
    print(f"{args.steps - first} steps to go, {sum(p.numel() for p in net.parameters())} weights")
    start, losses = time.time(), []
    for step in range(first, args.steps):
        rng = np.random.default_rng([7, step])
        files = sorted(args.cache.glob("train_*.npz"))
        files = [f for f in files if ".part" not in f.name]
        image, target = sample(files[rng.integers(len(files))], rng, whole=step % 10 == 9)
        share = step / args.steps
        rate = (
            args.rate
            * min(1.0, (step + 1) / 50)
            * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * share)))
        )
        for group in optimiser.param_groups:
            group["lr"] = float(rate)
        loss = loss_of(net(image), target)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
        if (step + 1) % 50 == 0:
            state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1}
            torch.save(state, checkpoint)
            pace = (time.time() - start) / (step + 1 - first)
            print(
                f"{step + 1}: loss {np.mean(losses[-50:]):.3f}, {pace:.2f} s a step, {len(files)} heads",
                flush=True,
            )
    torch.save(net.state_dict(), args.out / "weights.pt")


if __name__ == "__main__":
    main()
