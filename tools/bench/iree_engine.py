"""IREE on Vulkan: the ONNX graph, imported and compiled for a target with the driver's own subgroup size."""
import importlib.metadata
import os
import subprocess
import sys
import sysconfig
import tempfile

import iree.compiler
import iree.runtime
import numpy as np
import onnx

import onnx_model
import works

# Its own targets are phones and cards with subgroups of 16 to 64, for which
# code is slow or wrong on a software driver's 8 or 4.
TARGET = """#hal.executable.target<"vulkan-spirv", "vulkan-spirv-fb", {{iree_codegen.target_info = #iree_gpu.target<arch = "",
features = "spirv:v1.3,cap:Shader,cap:GroupNonUniform,cap:GroupNonUniformVote,cap:GroupNonUniformBallot,cap:GroupNonUniformShuffle,\
cap:GroupNonUniformShuffleRelative,cap:GroupNonUniformArithmetic",
wgp = <compute = fp32|int32, storage = b32, subgroup = shuffle|arithmetic, subgroup_size_choices = [{subgroup}],
max_workgroup_sizes = [{group}, {group}, 64], max_thread_count_per_workgroup = {group}, max_workgroup_memory_bytes = 32768,
max_workgroup_counts = [65535, 65535, 65535]>>}}>"""


class Engine:
    def __init__(self, threads, subgroup):
        self.subgroup = subgroup
        self.name = "IREE " + importlib.metadata.version("iree-base-compiler")
        self.config = iree.runtime.Config("vulkan")
        self.device = str(self.config.device)

    def prepare(self, work):
        with tempfile.TemporaryDirectory() as folder:
            model, text = os.path.join(folder, "model.onnx"), os.path.join(folder, "model.mlir")
            onnx.save(onnx_model.build(work, ids=np.int32), model)  # int64 ids give wrong rows, silently
            importer = os.path.join(sysconfig.get_path("scripts"), "iree-import-onnx")
            subprocess.run([importer, model, "-o", text], check=True, stdout=sys.stderr)
            with open(text) as f:
                source = f.read()
            target = TARGET.format(subgroup=self.subgroup, group=1024 if self.subgroup > 4 else 256)
            head = "module {"
            if not source.startswith(head):
                raise RuntimeError(f"the imported module starts with {source[:40]!r}, want {head!r}")
            with open(text, "w") as f:
                f.write(f'module attributes {{hal.device.targets = [#hal.device.target<"vulkan", [{target}]>]}} {{' + source[len(head):])
            code = iree.compiler.compile_file(text, input_type="onnx")
        module = iree.runtime.load_vm_module(iree.runtime.VmModule.copy_buffer(self.config.vm_instance, code), self.config)
        given = [v.astype(np.int32) if v.dtype == np.int64 else v for v in works.inputs(work).values()]

        def run():
            return self.fetch(module["work"](*given), work.output_shape())

        return run

    def fetch(self, array, shape):
        """Copies a result by a staging buffer: the wheel's own to_host imports unaligned host memory, which Vulkan refuses."""
        hal = iree.runtime
        source = array._buffer_view.get_buffer()
        staging = self.config.device.allocator.allocate_buffer(
            memory_type=int(hal.MemoryType.HOST_LOCAL | hal.MemoryType.DEVICE_VISIBLE),
            allowed_usage=int(hal.BufferUsage.TRANSFER_TARGET | hal.BufferUsage.MAPPING_SCOPED),
            allocation_size=source.byte_length())
        done = self.config.device.create_semaphore(0)
        self.config.device.queue_copy(source, staging, wait_semaphores=hal.HalFence.create_at(done, 0), signal_semaphores=hal.HalFence.create_at(done, 1))
        hal.HalFence.create_at(done, 1).wait()
        return np.array(staging.map().asarray(list(shape), np.dtype(np.float32)))
