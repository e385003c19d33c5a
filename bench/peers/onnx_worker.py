"""onnx_worker.py: ONNX Runtime, measured on request. See worker.py."""

import os
import sys
import tempfile

import numpy as np
import onnxruntime

import onnx_network
import worker

CALIBRATION_IMAGES = 512


class OnnxRuntime(worker.Worker):
    def __init__(self, images_path, labels_path):
        images, _ = worker.read_data(images_path, labels_path)
        images = np.frombuffer(images, np.uint8).reshape(-1, 1, 28, 28)
        self.images = images[:8192].astype(np.float32) / 255
        self.folder = tempfile.TemporaryDirectory(prefix="numeral-onnx-")

    def describe(self):
        return {"version": onnxruntime.__version__, "train": [], "predict": ["fp32", "int8"]}

    def settings(self, workload):
        names = {"optimization": ["all", "extended"], "bound": [True, False],
                 "spinning": [True, False], "arena": [True, False]}
        if workload["precision"] == "int8":
            names.update(operators=[False, True], unsigned=[True, False],
                         per_channel=[False, True])
        return names

    def session(self, workload, setting, path):
        levels = onnxruntime.GraphOptimizationLevel
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = {
            "all": levels.ORT_ENABLE_ALL,
            "extended": levels.ORT_ENABLE_EXTENDED}[setting["optimization"]]
        options.intra_op_num_threads = workload["threads"]
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = setting["arena"]
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning",
                                         "1" if setting["spinning"] else "0")
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def model(self, workload, setting, batch):
        path = os.path.join(self.folder.name, "model.onnx")
        onnx_network.build(workload["spec"], path, batch)
        if workload["precision"] == "fp32":
            return path
        int8_path = os.path.join(self.folder.name, "int8.onnx")
        images = self.images[:max(batch, CALIBRATION_IMAGES)]
        batches = [images[at:at + batch] for at in range(0, len(images) - batch + 1, batch)]
        onnx_network.quantise(path, int8_path, batches, setting["operators"], setting["unsigned"],
                            setting["per_channel"])
        return int8_path

    def prepare(self, workload, setting):
        batch = workload["batch"]
        session = self.session(workload, setting, self.model(workload, setting, batch))
        batches = [np.ascontiguousarray(self.images[i * batch:(i + 1) * batch])
                   for i in range(worker.BATCHES)]
        if not setting["bound"]:
            return lambda i: session.run(None, {"image": batches[i]})
        bindings = []
        for images in batches:  # inputs and outputs that stay where they are
            binding = session.io_binding()
            binding.bind_ortvalue_input(
                "image", onnxruntime.OrtValue.ortvalue_from_numpy(images))
            binding.bind_ortvalue_output(
                "probabilities", onnxruntime.OrtValue.ortvalue_from_shape_and_type(
                    [batch, 10], np.float32))
            bindings.append(binding)
        return lambda i: session.run_with_iobinding(bindings[i])


if __name__ == "__main__":
    worker.serve(OnnxRuntime(*sys.argv[1:3]))
