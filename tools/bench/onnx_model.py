"""ONNX graphs of the works: what an export of the PyTorch classes gives, with query, key and value in one product."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import works


class Graph:
    """Collects nodes; each call of op returns its output's name."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, array, name=None):
        name = name or f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def op(self, kind, *names, outputs=1, **attributes):
        out = [f"t{len(self.nodes)}.{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(names), out, **attributes))
        return out if outputs > 1 else out[0]

    def shape(self, *dims):
        return self.constant(np.array(dims, np.int64))


class TowerGraph:
    """One tower's operations on a graph."""

    def __init__(self, graph, tower, work):
        self.g, self.tower, self.work = graph, tower, work
        self.w = works.tower_weights(tower)

    def weight(self, name):
        return self.g.constant(self.w[name], f"{self.tower.kind}.{name}")

    def linear(self, x, name):
        return self.g.op("Add", self.g.op("MatMul", x, self.weight(name + ".weight")), self.weight(name + ".bias"))

    def norm(self, x, name):
        return self.g.op("LayerNormalization", x, self.weight(name + ".weight"), self.weight(name + ".bias"), axis=-1, epsilon=self.tower.epsilon)

    def attention(self, x, i):
        g, b, t, d = self.g, self.work.batch, self.tower.tokens(self.work.length), works.HIDDEN // works.HEADS
        parts = g.op("Split", self.linear(x, f"{i}.qkv"), outputs=3, axis=-1, num_outputs=3)
        q, k, v = (g.op("Reshape", part, g.shape(b, t, works.HEADS, d)) for part in parts)
        q, v = (g.op("Transpose", part, perm=[0, 2, 1, 3]) for part in (q, v))
        k = g.op("Transpose", k, perm=[0, 2, 3, 1])
        scores = g.op("Div", g.op("MatMul", q, k), g.constant(np.array(d**0.5, np.float32)))
        mixed = g.op("Transpose", g.op("MatMul", g.op("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3])
        return self.linear(g.op("Reshape", mixed, g.shape(b, t, works.HIDDEN)), f"{i}.out")

    def mlp(self, x, i):
        x = self.linear(x, f"{i}.up")
        if self.tower.kind == "clip":
            x = self.g.op("Mul", x, self.g.op("Sigmoid", self.g.op("Mul", x, self.g.constant(np.array(1.702, np.float32)))))
        else:
            x = self.g.op("Gelu", x)
        return self.linear(x, f"{i}.down")

    def embeddings(self):
        g, w, b = self.g, self.w, self.work.batch
        if not self.tower.patch:
            rest = g.constant(w["positions"][: self.work.length] + w["types"][0])
            return self.norm(g.op("Add", g.op("Gather", self.weight("words"), "ids"), rest), "norm")
        size = self.tower.patch
        kernel = g.constant(w["patch.weight"].T.reshape(works.HIDDEN, 3, size, size))
        bias = [self.weight("patch.bias")] if "patch.bias" in w else []
        x = g.op("Conv", "pixels", kernel, *bias, strides=[size] * 2)
        x = g.op("Transpose", g.op("Reshape", x, g.shape(b, works.HIDDEN, self.tower.patches)), perm=[0, 2, 1])
        cls = g.constant(np.tile(w["cls"], (b, 1, 1)))
        x = g.op("Add", g.op("Concat", cls, x, axis=1), self.weight("positions"))
        return self.norm(x, "first") if self.tower.kind == "clip" else x

    def pooled(self):
        g, x = self.g, self.embeddings()
        for i in range(works.LAYERS):
            if self.tower.norm_first:
                x = g.op("Add", self.attention(self.norm(x, f"{i}.norm1"), i), x)
                x = g.op("Add", self.mlp(self.norm(x, f"{i}.norm2"), i), x)
            else:
                x = self.norm(g.op("Add", self.attention(x, i), x), f"{i}.norm1")
                x = self.norm(g.op("Add", self.mlp(x, i), x), f"{i}.norm2")
        if self.tower.norm_first:
            x = self.norm(x, "norm")
        x = g.op("Gather", x, g.constant(np.array(0, np.int64)), axis=1)
        return x if self.tower.kind == "clip" else g.op("Tanh", self.linear(x, "pooler"))

    def embedding(self):
        x = self.g.op("MatMul", self.pooled(), self.weight("projection.weight"))
        length = self.g.op("ReduceL2", x, self.g.constant(np.array([-1], np.int64)), keepdims=1)
        return self.g.op("Div", x, length)


def build(work, ids=np.int64):
    """The model of a work; ids is the type of token ids."""
    g = Graph()
    towers = [TowerGraph(g, tower, work) for tower in work.towers]
    if work.name == "matmul":
        y = g.op("MatMul", "x", g.constant(works.matmul_weight(), "weight"))
    elif work.whole:
        y = g.op("Concat", *(t.embedding() for t in towers), axis=1)
    else:
        y = towers[0].pooled()
    kinds = {"ids": TensorProto.INT32 if ids == np.int32 else TensorProto.INT64}
    graph = helper.make_graph(
        g.nodes, "work",
        [helper.make_tensor_value_info(k, kinds.get(k, TensorProto.FLOAT), v.shape) for k, v in works.inputs(work).items()],
        [helper.make_tensor_value_info(y, TensorProto.FLOAT, work.output_shape())], g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model)
    return model
