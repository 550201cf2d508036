"""PyTorch and transformers doing what a command of vkdual does.

    pictures MODEL FOLDER OUT.npy   a folder of JPEGs to embeddings: {"rate": pictures a second}, loading taken off
    start MODEL                     one text's embedding, from the start of the process
"""
import argparse
import json
import os
import time

import numpy as np
import torch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["pictures", "start"])
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--threads", type=int, required=True)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    from transformers import BertTokenizer, VisionTextDualEncoderModel
    model = VisionTextDualEncoderModel.from_pretrained(args.paths[0]).eval()
    with torch.inference_mode():
        if args.command == "start":
            text = BertTokenizer.from_pretrained(args.paths[0])(["bababa"], return_tensors="pt")
            print(torch.nn.functional.normalize(project(model.text_projection, model.text_model(**text)))[0, :4])
            return
        from PIL import Image
        from transformers import ViTImageProcessor
        processor = ViTImageProcessor.from_pretrained(args.paths[0])
        files = sorted(os.path.join(args.paths[1], f) for f in os.listdir(args.paths[1]))

        def embed(paths):
            pixels = processor([Image.open(p).convert("RGB") for p in paths], return_tensors="pt")
            return torch.nn.functional.normalize(project(model.visual_projection, model.vision_model(**pixels))).numpy()

        embed(files[:2])
        start = time.perf_counter()
        out = np.concatenate([embed(files[i:i + 32]) for i in range(0, len(files), 32)])
        print(json.dumps({"rate": len(files) / (time.perf_counter() - start)}))
        np.save(args.paths[2], out)


def project(projection, output):
    return projection(output.pooler_output)


if __name__ == "__main__":
    main()
