"""ONNX Runtime's CPU provider. Graphs are what an export of the PyTorch classes gives, with query, key and value in one product."""
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import works


class Graph:
    """Collects nodes; each call of op returns its output's name."""

    def __init__(self, weights):
        self.nodes, self.constants = [], []
        for name, array in weights.items():
            self.constant(name, array)

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def op(self, kind, *names, outputs=1, **attributes):
        out = [f"t{len(self.nodes)}.{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(names), out, **attributes))
        return out if outputs > 1 else out[0]

    def shape(self, *dims):
        return self.constant(f"shape{len(self.constants)}", np.array(dims, np.int64))

    def linear(self, x, name):
        return self.op("Add", self.op("MatMul", x, name + ".weight"), name + ".bias")

    def norm(self, x, name, epsilon):
        return self.op("LayerNormalization", x, name + ".weight", name + ".bias", axis=-1, epsilon=epsilon)


def attention(g, x, i, work):
    b, t, h = work.batch, work.tokens, works.HEADS
    d = works.HIDDEN // h
    parts = g.op("Split", g.linear(x, f"{i}.qkv"), outputs=3, axis=-1, num_outputs=3)
    q, k, v = (g.op("Reshape", part, "split.heads") for part in parts)
    q, v = (g.op("Transpose", part, perm=[0, 2, 1, 3]) for part in (q, v))
    k = g.op("Transpose", k, perm=[0, 2, 3, 1])
    scores = g.op("Div", g.op("MatMul", q, k), "sqrt.d")
    if work.name == "bert-base":
        scores = g.op("Add", scores, "mask")
    mixed = g.op("Transpose", g.op("MatMul", g.op("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3])
    return g.linear(g.op("Reshape", mixed, "merge.heads"), f"{i}.out")


def encoder(g, x, work):
    b, t, h = work.batch, work.tokens, works.HEADS
    g.constant("split.heads", np.array([b, t, h, works.HIDDEN // h], np.int64))
    g.constant("merge.heads", np.array([b, t, works.HIDDEN], np.int64))
    g.constant("sqrt.d", np.array((works.HIDDEN // h) ** 0.5, np.float32))
    for i in range(works.LAYERS):
        def mlp(y):
            return g.linear(g.op("Gelu", g.linear(y, f"{i}.up")), f"{i}.down")
        if work.norm_first:
            x = g.op("Add", attention(g, g.norm(x, f"{i}.norm1", work.epsilon), i, work), x)
            x = g.op("Add", mlp(g.norm(x, f"{i}.norm2", work.epsilon)), x)
        else:
            x = g.norm(g.op("Add", attention(g, x, i, work), x), f"{i}.norm1", work.epsilon)
            x = g.norm(g.op("Add", mlp(x), x), f"{i}.norm2", work.epsilon)
    return x


def build(work):
    weights = works.weights(work)
    given = works.inputs(work)
    g = Graph({k: v for k, v in weights.items() if k not in ("patch.weight", "cls", "positions", "types")})
    if work.name == "matmul":
        y = g.op("MatMul", "x", "weight")
    else:
        if work.name == "vit-b16":
            kernel = g.constant("kernel", weights["patch.weight"].T.reshape(works.HIDDEN, 3, works.PATCH, works.PATCH))
            x = g.op("Conv", "pixels", kernel, "patch.bias", strides=[works.PATCH] * 2)
            x = g.op("Reshape", x, g.shape(work.batch, works.HIDDEN, works.PATCHES))
            x = g.op("Transpose", x, perm=[0, 2, 1])
            cls = g.constant("cls", np.tile(weights["cls"], (work.batch, 1, 1)))
            x = g.op("Add", g.op("Concat", cls, x, axis=1), g.constant("positions", weights["positions"]))
        else:
            rest = g.constant("positions", weights["positions"][: work.length] + weights["types"][0])
            x = g.norm(g.op("Add", g.op("Gather", "words", "ids"), rest), "norm", work.epsilon)
        x = encoder(g, x, work)
        if work.norm_first:
            x = g.norm(x, "norm", work.epsilon)
        first = g.op("Gather", x, g.constant("zero", np.array(0, np.int64)), axis=1)
        y = g.op("Tanh", g.linear(first, "pooler"))
    kinds = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int64): TensorProto.INT64}
    graph = helper.make_graph(
        g.nodes, work.name,
        [helper.make_tensor_value_info(k, kinds[v.dtype], v.shape) for k, v in given.items()],
        [helper.make_tensor_value_info(y, TensorProto.FLOAT, work.output_shape())], g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model)
    return model


class Engine:
    name = "ONNX Runtime " + onnxruntime.__version__

    def __init__(self, threads):
        self.threads = threads
        self.device = "CPU"

    def prepare(self, work):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        session = onnxruntime.InferenceSession(build(work).SerializeToString(), options, providers=["CPUExecutionProvider"])
        given = works.inputs(work)
        return lambda: session.run(None, given)[0]
