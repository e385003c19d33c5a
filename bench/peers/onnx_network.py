"""onnx_network.py: numeral's network text as an ONNX model, and the same in int8.

Weights are drawn as numeral draws them; ends with softmax. Must not know who
runs the model."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from spec import parse, same_padding

OPSET = 17


class Builder:
    def __init__(self, seed=1):
        self.nodes, self.tensors = [], []
        self.random = np.random.default_rng(seed)

    def tensor(self, name, values):
        self.tensors.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def weights(self, name, shape, fans, init):
        """Uniform, as Glorot 2010 or He 2015; biases are 0."""
        limit = np.sqrt(6 / (fans[0] if init == "he" else sum(fans)))
        return [self.tensor(f"{name}.weight", self.random.uniform(-limit, limit, shape)),
                self.tensor(f"{name}.bias", np.zeros(shape[0]))]

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output


def _pads(item, shape):
    """ONNX wants the starts of all sides, then the ends."""
    if not item.same:
        return [0, 0, 0, 0]
    sides = [same_padding(n, w, item.stride) for n, w in zip(shape[1:], item.window)]
    return [before for before, _ in sides] + [after for _, after in sides]


def _windowed_shape(item, shape, channels):
    pads = _pads(item, shape)
    return (channels, *((n + pads[a] + pads[a + 2] - item.window[a]) // item.stride + 1
                        for a, n in enumerate(shape[1:])))


def _add(b, number, item, x, shape):
    """Adds one item; gives the name and the shape of what comes out."""
    name = f"{number}.{item.kind}"
    if item.kind in ("conv", "maxpool", "avgpool"):
        place = dict(kernel_shape=item.window, strides=[item.stride] * 2,
                     pads=_pads(item, shape))
    if item.kind == "conv":
        area = item.window[0] * item.window[1]
        seen = shape[0] // item.groups
        x = b.node("Conv", [x] + b.weights(name, (item.units, seen, *item.window),
                                           (seen * area, item.units // item.groups * area),
                                           item.init),
                   name, group=item.groups, **place)
        shape = _windowed_shape(item, shape, item.units)
    elif item.kind in ("maxpool", "avgpool"):
        kind = "MaxPool" if item.kind == "maxpool" else "AveragePool"
        x = b.node(kind, [x], name, **place)
        shape = _windowed_shape(item, shape, shape[0])
    elif item.kind == "globalavgpool":
        x, shape = b.node("GlobalAveragePool", [x], name), (shape[0], 1, 1)
    elif item.kind == "dense":
        if len(shape) == 3:
            x, shape = b.node("Flatten", [x], f"{name}.flat"), (int(np.prod(shape)),)
        x = b.node("Gemm", [x] + b.weights(name, (item.units, shape[0]),
                                           (shape[0], item.units), item.init), name, transB=1)
        shape = (item.units,)
    elif item.kind == "batchnorm":
        parts = [b.tensor(f"{name}.{part}", np.full(shape[0], value)) for part, value in
                 (("scale", 1), ("bias", 0), ("mean", 0), ("variance", 1))]
        x = b.node("BatchNormalization", [x, *parts], name)
    elif item.kind == "crop":
        raise ValueError("crop is not made for ONNX: no row asks for it")
    elif item.kind == "flatten" and len(shape) == 3:
        x, shape = b.node("Flatten", [x], name), (int(np.prod(shape)),)
    if item.relu:
        x = b.node("Relu", [x], f"{name}.relu")
    if item.relu6:
        limits = [b.tensor(f"{name}.{part}", np.array(value)) for part, value in
                  (("low", 0), ("high", 6))]
        x = b.node("Clip", [x, *limits], f"{name}.relu6")
    return x, shape


def build(text, path, batch):
    """Writes the model, whose input "image" is [batch][1][28][28]."""
    b, x, shape = Builder(), "image", (1, 28, 28)
    kept = x, shape  # the branch of a residual that is not at work
    for number, item in enumerate(parse(text)):
        if item.kind == "residual":
            kept = x, shape
        elif item.kind == "shortcut":
            (x, shape), kept = kept, (x, shape)
        elif item.kind == "add":
            x = b.node("Add", [x, kept[0]], f"{number}.add")
        x, shape = _add(b, number, item, x, shape)
    b.node("Softmax", [x], "probabilities", axis=1)
    graph = helper.make_graph(
        b.nodes, "numeral",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, 1, 28, 28])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [batch, *shape])],
        b.tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, path)


def quantise(path, int8_path, batches, operators, unsigned, per_channel):
    """Static int8, its scales calibrated on `batches`."""
    from onnxruntime.quantization import (CalibrationDataReader, QuantFormat, QuantType,
                                          quantize_static)

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.rest = iter(batches)

        def get_next(self):
            images = next(self.rest, None)
            return None if images is None else {"image": images}

    quantize_static(path, int8_path, Reader(), per_channel=per_channel,
                    quant_format=QuantFormat.QOperator if operators else QuantFormat.QDQ,
                    activation_type=QuantType.QUInt8 if unsigned else QuantType.QInt8,
                    weight_type=QuantType.QInt8)
