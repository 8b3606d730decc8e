"""Write the trained net as ONNX into the package, and say how well onnxruntime agrees with torch.

python training/export_segmenter.py OUT/segmenter.pt
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from segmenter import Segmenter

PLACE = Path(__file__).parents[1] / "src/arteriole/networks/weights/any_contrast.onnx"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--place", type=Path, default=PLACE)
    args = parser.parse_args()
    state = torch.load(args.checkpoint, weights_only=True)
    net = Segmenter().eval()
    net.load_state_dict(state["net"])
    image = torch.rand(1, 1, 32, 40, 48)
    sizes = {0: "one", 2: "x", 3: "y", 4: "z"}
    torch.onnx.export(
        net, (image,), str(args.place), input_names=["image"], output_names=["logits"],
        dynamic_axes={"image": sizes, "logits": sizes}, opset_version=17, dynamo=False,
    )  # fmt: skip
    session = onnxruntime.InferenceSession(str(args.place), providers=["CPUExecutionProvider"])
    other = torch.rand(1, 1, 64, 48, 40)
    with torch.no_grad():
        apart = np.abs(session.run(None, {"image": other.numpy()})[0] - net(other).numpy()).max()
    data = args.place.read_bytes()
    print(
        f"step {state['step']}, {len(data) / 1e6:.2f} MB, sha256 {hashlib.sha256(data).hexdigest()}"
    )
    print(f"largest difference from torch {apart:.1e}")


if __name__ == "__main__":
    main()
