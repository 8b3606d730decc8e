"""Make random heads until told to stop: one file a head, `train_segmenter.py` reads them.

python training/make_heads.py CACHE [--seed 1] [--split train] [--heads 400]
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from heads import load_anatomies, make_head


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=("train", "validate"), default="train")
    parser.add_argument("--heads", type=int, default=400)
    args = parser.parse_args()
    args.cache.mkdir(parents=True, exist_ok=True)
    anatomies = load_anatomies(args.split)
    for number in range(args.heads):
        file = args.cache / f"{args.split}_{args.seed}_{number:04d}.npz"
        if file.exists():
            continue
        rng = np.random.default_rng([args.seed, number, args.split == "train"])
        image, classes = make_head(anatomies, rng)
        part = file.with_suffix(".part.npz")
        np.savez(part, image=image, classes=classes)
        os.replace(part, file)


if __name__ == "__main__":
    main()
