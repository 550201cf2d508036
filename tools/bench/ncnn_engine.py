"""ncnn, with Vulkan (f32 throughout) or on the CPU. Networks are written in its text form, weights in its flat file."""
import os
import tempfile

import ncnn
import numpy as np

import works


class Net:
    """Collects layers and weights. ncnn wants a Split wherever a blob has several readers."""

    def __init__(self):
        self.layers, self.data = [], []

    def layer(self, kind, *inputs, outputs=1, **parameters):
        out = [f"b{len(self.layers)}_{i}" for i in range(outputs)]
        self.layers.append((kind, list(inputs), out, parameters))
        return out if outputs > 1 else out[0]

    def weight(self, array):
        """A weight that may be stored in several types: its type's tag goes before it."""
        self.data.append(np.zeros(1, np.uint32).tobytes())
        self.plain(array)

    def plain(self, array):
        self.data.append(np.ascontiguousarray(array, np.float32).tobytes())

    def linear(self, x, w, name):
        """As a Gemm, of which ncnn has a kernel with subgroup operations: faster here than its InnerProduct."""
        matrix = w[name + ".weight"]
        rows, columns = matrix.shape
        bias = w.get(name + ".bias")
        of_columns = {"p6": 1, "p10": 4} if bias is not None else {}
        y = self.layer("Gemm", x, p3=1, p5=1, **of_columns, p8=columns, p9=rows)
        self.weight(matrix.T)
        if bias is not None:
            self.weight(bias)
        return y

    def norm(self, x, w, name, epsilon):
        y = self.layer("LayerNorm", x, p0=works.HIDDEN, p1=f"{epsilon:e}", p2=1)
        self.plain(w[name + ".weight"])
        self.plain(w[name + ".bias"])
        return y

    def memory(self, array):
        y = self.layer("MemoryData", p0=array.shape[1], p1=array.shape[0])
        self.plain(array)
        return y

    def attention(self, x, w, i):
        y = self.layer("MultiHeadAttention", x, p0=works.HIDDEN, p1=works.HEADS, p2=works.HIDDEN**2)
        matrix, bias = w[f"{i}.qkv.weight"], w[f"{i}.qkv.bias"]
        for part in range(3):
            columns = slice(part * works.HIDDEN, (part + 1) * works.HIDDEN)
            self.weight(matrix[:, columns].T)
            self.plain(bias[columns])
        self.weight(w[f"{i}.out.weight"].T)
        self.plain(w[f"{i}.out.bias"])
        return y

    def text(self):
        readers = {}
        for _, inputs, _, _ in self.layers:
            for blob in inputs:
                readers[blob] = readers.get(blob, 0) + 1
        lines, taken, blobs = [], {}, 0
        for n, (kind, inputs, outputs, parameters) in enumerate(self.layers):
            names = []
            for blob in inputs:
                if readers[blob] > 1:
                    taken[blob] = taken.get(blob, -1) + 1
                    blob = f"{blob}_copy{taken[blob]}"
                names.append(blob)
            values = " ".join(f"{k[1:]}={v}" for k, v in parameters.items())
            lines.append(f"{kind} layer{n} {len(names)} {len(outputs)} {' '.join(names + outputs)} {values}")
            blobs += len(outputs)
            for blob in outputs:
                if readers.get(blob, 0) > 1:
                    copies = [f"{blob}_copy{i}" for i in range(readers[blob])]
                    lines.append(f"Split split_{blob} 1 {len(copies)} {blob} {' '.join(copies)}")
                    blobs += len(copies)
        return f"7767517\n{len(lines)} {blobs}\n" + "\n".join(lines) + "\n"


def build(work):
    """Returns the network and the names of its input and output."""
    n = Net()
    given = n.layer("Input")
    if work.name == "matmul":
        return n, given, n.linear(given, {"product.weight": works.matmul_weight()}, "product")
    tower = work.towers[0]
    w = works.tower_weights(tower)
    if tower.patch:
        x = n.layer("Convolution", given, p0=works.HIDDEN, p1=tower.patch, p3=tower.patch, p5=1, p6=w["patch.weight"].size)
        n.weight(w["patch.weight"].T)
        n.plain(w["patch.bias"])
        x = n.layer("Permute", n.layer("Reshape", x, p0=tower.patches, p1=works.HIDDEN), p0=1)
        x = n.layer("BinaryOp", n.layer("Concat", n.memory(w["cls"]), x, p0=0), n.memory(w["positions"]), p0=0)
    else:
        x = n.layer("Embed", given, p0=works.HIDDEN, p1=works.VOCABULARY, p2=0, p3=w["words"].size)
        n.weight(w["words"])
        x = n.layer("BinaryOp", x, n.memory(w["positions"][: work.length] + w["types"][0]), p0=0)
        x = n.norm(x, w, "norm", tower.epsilon)
    for i in range(works.LAYERS):
        def mlp(y):
            return n.linear(n.layer("GELU", n.linear(y, w, f"{i}.up"), p0=0), w, f"{i}.down")
        if tower.norm_first:
            x = n.layer("BinaryOp", n.attention(n.norm(x, w, f"{i}.norm1", tower.epsilon), w, i), x, p0=0)
            x = n.layer("BinaryOp", mlp(n.norm(x, w, f"{i}.norm2", tower.epsilon)), x, p0=0)
        else:
            x = n.norm(n.layer("BinaryOp", n.attention(x, w, i), x, p0=0), w, f"{i}.norm1", tower.epsilon)
            x = n.norm(n.layer("BinaryOp", mlp(x), x, p0=0), w, f"{i}.norm2", tower.epsilon)
    if tower.norm_first:
        x = n.norm(x, w, "norm", tower.epsilon)
    first = n.layer("Crop", x, p0=0, p1=0, p3=works.HIDDEN, p4=1)
    return n, given, n.layer("TanH", n.linear(first, w, "pooler"))


class Engine:
    name = "ncnn " + ncnn.__version__

    def __init__(self, threads, vulkan):
        self.threads, self.vulkan = threads, vulkan
        self.device = "CPU"
        if vulkan:
            if ncnn.get_gpu_count() == 0:
                raise RuntimeError("ncnn finds no Vulkan device")
            self.device = ncnn.get_gpu_info(0).device_name()

    def prepare(self, work):
        if work.batch != 1:
            raise RuntimeError("skipped: ncnn has no batches")
        if work.whole:
            raise RuntimeError("skipped: the network of both towers is not written for ncnn")
        network, first, last = build(work)
        net = ncnn.Net()
        net.opt.num_threads = self.threads
        net.opt.use_vulkan_compute = self.vulkan
        for option in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
            if hasattr(net.opt, option):
                setattr(net.opt, option, False)
        if self.vulkan:
            net.set_vulkan_device(0)
        with tempfile.TemporaryDirectory() as folder:
            param, data = os.path.join(folder, "net.param"), os.path.join(folder, "net.bin")
            with open(param, "w") as f:
                f.write(network.text())
            with open(data, "wb") as f:
                f.writelines(network.data)
            if net.load_param(param) != 0 or net.load_model(data) != 0:
                raise RuntimeError("ncnn does not take the network")
        array = next(iter(works.inputs(work).values()))
        array = array[0].astype(np.int32) if work.name == "bert-base" else array.reshape(array.shape[-3:])
        given = ncnn.Mat(array).clone()

        def run():
            extractor = net.create_extractor()
            extractor.input(first, given)
            status, out = extractor.extract(last)
            if status != 0:
                raise RuntimeError(f"ncnn: extract returned {status}")
            return np.array(out).reshape(work.output_shape())

        return run
