"""PyTorch on the CPU: the operations of transformers' classes, eager, in inference mode."""
import numpy as np
import torch
import torch.nn.functional as F

import works


class Tower:
    def __init__(self, tower):
        self.tower = tower
        self.w = {k: torch.from_numpy(v) for k, v in works.tower_weights(tower).items()}
        for name, value in self.w.items():
            if name.endswith(".weight") and value.dim() == 2:
                self.w[name] = value.T.contiguous()  # as nn.Linear holds it

    def linear(self, x, name):
        return F.linear(x, self.w[name + ".weight"], self.w.get(name + ".bias"))

    def norm(self, x, name):
        return F.layer_norm(x, (works.HIDDEN,), self.w[name + ".weight"], self.w[name + ".bias"], self.tower.epsilon)

    def attention(self, x, i):
        b, t, _ = x.shape
        q, k, v = self.linear(x, f"{i}.qkv").view(b, t, 3, works.HEADS, -1).permute(2, 0, 3, 1, 4)
        return self.linear(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, -1), f"{i}.out")

    def mlp(self, x, i):
        x = self.linear(x, f"{i}.up")
        return self.linear(x * torch.sigmoid(1.702 * x) if self.tower.kind == "clip" else F.gelu(x), f"{i}.down")

    def embeddings(self, given):
        w = self.w
        if not self.tower.patch:
            ids = given["ids"]
            return self.norm(F.embedding(ids, w["words"]) + w["positions"][: ids.shape[1]] + w["types"][0], "norm")
        size = self.tower.patch
        kernel = w["patch.weight"].view(works.HIDDEN, 3, size, size)
        x = F.conv2d(given["pixels"], kernel, w.get("patch.bias"), stride=size).flatten(2).transpose(1, 2)
        x = torch.cat([w["cls"].expand(len(x), 1, -1), x], 1) + w["positions"]
        return self.norm(x, "first") if self.tower.kind == "clip" else x

    def pooled(self, given):
        x = self.embeddings(given)
        for i in range(works.LAYERS):
            if self.tower.norm_first:
                x = x + self.attention(self.norm(x, f"{i}.norm1"), i)
                x = x + self.mlp(self.norm(x, f"{i}.norm2"), i)
            else:
                x = self.norm(x + self.attention(x, i), f"{i}.norm1")
                x = self.norm(x + self.mlp(x, i), f"{i}.norm2")
        if self.tower.norm_first:
            x = self.norm(x, "norm")
        return x[:, 0] if self.tower.kind == "clip" else torch.tanh(self.linear(x[:, 0], "pooler"))

    def embedding(self, given):
        return F.normalize(self.linear(self.pooled(given), "projection"))


class Engine:
    name = "PyTorch " + torch.__version__
    device = "CPU"

    def __init__(self, threads):
        torch.set_num_threads(threads)

    def prepare(self, work):
        given = {k: torch.from_numpy(v) for k, v in works.inputs(work).items()}
        towers = [Tower(t) for t in work.towers]
        weight = torch.from_numpy(works.matmul_weight()) if work.name == "matmul" else None

        @torch.inference_mode()
        def run():
            if weight is not None:
                return (given["x"] @ weight).numpy()
            if work.whole:
                return torch.cat([t.embedding(given) for t in towers], 1).numpy()
            return np.asarray(towers[0].pooled(given))

        return run
