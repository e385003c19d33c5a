"""torch_worker.py: PyTorch 1.13 or later, measured on request. See worker.py."""

import contextlib
import sys
import warnings

import torch
import torch.nn.functional as F
from torch import nn

import worker
from networks import Network

CALIBRATION_IMAGES = 512


def at_least_2():
    return int(torch.__version__.split(".")[0]) >= 2


def make_optimizer(net, recipe, fused):
    extra = {"fused": True} if fused else {}
    if recipe["optimizer"] == "sgd":
        return torch.optim.SGD(net.parameters(), lr=recipe["learning_rate"],
                               momentum=recipe["momentum"], **extra)
    return torch.optim.Adam(net.parameters(), lr=recipe["learning_rate"],
                            betas=(recipe["beta1"], recipe["beta2"]), **extra)


def quantise(net, images, engine):
    """int8 by PyTorch's own static quantisation, calibrated on training images."""
    from torch.ao.quantization import get_default_qconfig_mapping, quantize_fx
    torch.backends.quantized.engine = engine
    net = quantize_fx.prepare_fx(net, get_default_qconfig_mapping(engine), (images[:1],))
    net(images[:CALIBRATION_IMAGES])
    return quantize_fx.convert_fx(net)


class Torch(worker.Worker):
    def __init__(self, images_path, labels_path):
        images, labels = worker.read_data(images_path, labels_path)
        images = torch.frombuffer(images, dtype=torch.uint8)
        self.images = images.reshape(-1, 1, 28, 28).float() / 255
        self.labels = torch.frombuffer(labels, dtype=torch.uint8).long()

    def describe(self):
        return {"version": torch.__version__, "train": ["fp32", "bf16"],
                "predict": ["fp32", "bf16", "int8"]}

    def settings(self, workload):
        precision = workload["precision"]
        layouts = [True, False] if "conv" in workload["spec"] else [False]
        if precision == "int8":
            wanted = [e for e in ("x86", "onednn", "fbgemm")
                      if e in torch.backends.quantized.supported_engines]
            return {"engine": wanted, "channels_last": layouts[::-1], "form": ["script", "eager"]}
        names = {"channels_last": layouts}
        if precision == "bf16":
            names["autocast"] = [False, True]
        else:
            names["mkldnn"] = [True, False]
        if workload["task"] == "train":  # compiled, training only gets slower
            names["fused"] = [True, False] if at_least_2() else [False]
        else:
            names["form"] = ["script", "eager"] + (["compiled"] if at_least_2() else [])
        return names

    @contextlib.contextmanager
    def around(self, workload, setting):
        """Threads and mkldnn are the process's, not the network's."""
        torch.set_num_threads(workload["threads"])
        predicts = workload["task"] == "predict"
        with torch.backends.mkldnn.flags(enabled=setting.get("mkldnn", True)), \
                torch.inference_mode(predicts), \
                torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=not predicts,
                               enabled=predicts and setting.get("autocast", False)):
            yield

    def prepare(self, workload, setting):
        make = self.trainer if workload["task"] == "train" else self.predictor
        return make(workload, setting)

    def network(self, workload, setting, images):
        """The network and images, in the setting's layout and type of number."""
        net = Network(workload["spec"]).initialise()
        if workload["precision"] == "bf16" and not setting["autocast"]:
            net, images = net.bfloat16(), images.bfloat16()
        if setting["channels_last"]:
            net = net.to(memory_format=torch.channels_last)
            images = images.contiguous(memory_format=torch.channels_last)
        return net, images

    def trainer(self, workload, setting):
        net, images = self.network(workload, setting, self.images)
        labels, batch = self.labels, workload["batch"]
        optimizer = make_optimizer(net, workload["recipe"], setting["fused"])
        order = torch.randperm(len(labels))
        starts = worker.batch_rows(len(labels), batch)
        autocast = setting.get("autocast", False)

        def step():
            at = next(starts)
            rows = order[at:at + batch]
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
                loss = F.cross_entropy(net(images[rows]), labels[rows])
            loss.backward()
            optimizer.step()
            return batch
        return step

    def predictor(self, workload, setting):
        batch = workload["batch"]
        images = self.images[:max(batch * worker.BATCHES, CALIBRATION_IMAGES)]
        net, images = self.network(workload, setting, images)
        net = net.eval()
        batches = [images[i * batch:(i + 1) * batch] for i in range(worker.BATCHES)]
        if workload["precision"] == "int8":
            net = quantise(net, images, setting["engine"])
        net = nn.Sequential(net, nn.Softmax(dim=1)).eval()
        if setting["form"] == "script":
            net = torch.jit.freeze(torch.jit.trace(net, batches[0]))
            net = torch.jit.optimize_for_inference(net)
        elif setting["form"] == "compiled":
            torch._inductor.config.freezing = True
            net = torch.compile(net)
            net(batches[0])
        return lambda i: net(batches[i])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.manual_seed(1)
    worker.serve(Torch(*sys.argv[1:3]))
