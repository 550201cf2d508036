"""ONNX Runtime: its CPU provider, or its WebGPU provider without the silent way back to the CPU."""
import onnxruntime

import onnx_model
import works


class Engine:
    def __init__(self, threads, webgpu=False):
        self.threads, self.webgpu = threads, webgpu
        self.name = "ONNX Runtime " + onnxruntime.__version__ + (" WebGPU" if webgpu else "")
        self.device = "WebGPU" if webgpu else "CPU"

    def prepare(self, work):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        model = onnx_model.build(work).SerializeToString()
        if self.webgpu:
            # Two ways back to the CPU, both shut: Python retries a session that
            # fails with the CPU provider, and the session gives it what nodes WebGPU lacks.
            options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
            try:
                session = onnxruntime.InferenceSession(model, options, providers=["WebGpuExecutionProvider"], enable_fallback=0)
            except Exception as err:
                text = str(err)
                if "adapter" in text:
                    raise RuntimeError("refused: it finds no adapter that it supports on this driver") from err
                raise
        else:
            session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        given = works.inputs(work)
        return lambda: session.run(None, given)[0]
