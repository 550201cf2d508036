"""vkdual: timed by `vkdual bench`, its answers taken from `vkdual forward` on the weights and inputs that the other engines have."""
import json
import os
import subprocess

import numpy as np

import materials
import works
from engines import Failed, environment_for, PREPARE_S, TimedOut


class VkDual:
    def __init__(self, command, driver, icd, folder):
        self.label, self.command, self.driver, self.icd, self.folder = f"vkdual {driver}", command, driver, icd, folder
        self.outputs = {}

    def run(self, *args, timeout):
        """Runs a command; returns its standard output."""
        try:
            done = subprocess.run([self.command, *map(str, args)], env=environment_for(self.icd), capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired as err:
            raise TimedOut(timeout) from err
        if done.returncode != 0:
            raise Failed(f"exit status {done.returncode}: {done.stderr.strip()[-300:]}")
        return done.stdout

    def bench(self, name, *args, timeout):
        text = self.run("bench", name, "--json", *args, timeout=timeout)
        return json.loads(text.splitlines()[0])

    def measure(self, work, runs, timeout):
        args = ["--batch", work.batch] + (["--length", work.length] if work.length else []) + (["--runs", 1] if runs == 1 else [])
        output = self.answer(work)
        answer = self.bench(work.name, *args, timeout=PREPARE_S + timeout * (1 + runs))
        return {"ms": [answer["median_ms"]], "engine": "vkdual", "device": answer["device"], "own": answer, "output": output}

    def answer(self, work, dtype="f32"):
        """The first numbers of the work's output; None for the matmul, which is no model (`vkdual selftest` has its kernel)."""
        if work.name == "matmul":
            return None
        if (work, dtype) not in self.outputs:
            model = "clip-bert" if work.whole else "vit-bert"
            folder = materials.checkpoint(os.path.join(self.folder, model), works.MODELS[model])
            given, names = works.inputs(work), {"pixels": "pixel_values", "ids": "input_ids"}
            source, target = (os.path.join(self.folder, f"{end}-{self.driver}.safetensors") for end in ("in", "out"))
            materials.write_tensors(source, {names[k]: v for k, v in given.items()})
            self.run("forward", source, target, "--model", folder, "--dtype", dtype, timeout=PREPARE_S)
            out = materials.read_tensors(target)
            if work.whole:
                y = np.concatenate([out["image_embeds"], out["text_embeds"]], 1)
            else:
                y = out[("vision" if "pixels" in given else "text") + "_model_output.pooler_output"]
            if y.shape != work.output_shape():
                raise Failed(f"wrong: output {y.shape}, want {work.output_shape()}")
            self.outputs[work, dtype] = y.ravel()[:4096].tolist()
        return self.outputs[work, dtype]

    def close(self):
        pass
