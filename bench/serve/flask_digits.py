"""flask_digits.py: what people write: the same network in PyTorch behind Flask.

    gunicorn flask_digits:app             NUMERAL_MODEL: the safetensors file

POST /v1/predict takes a PNG of 28 x 28, dark on white, or {"images": [[784
numbers]]}, as numeral serve does, and answers in the same form. It does less:
a picture is not looked over for its digit, only turned into numbers.
"""

import io
import json
import os

import flask
import numpy
import torch
from PIL import Image

from networks import Network


def read_model(path):
    with open(path, "rb") as f:
        data = f.read()
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    net = Network(header["__metadata__"]["spec"]).eval()

    def tensor(name):
        at = header[name]["data_offsets"]
        values = numpy.frombuffer(data[begin + at[0]:begin + at[1]], "<f4")
        return torch.from_numpy(values.reshape(header[name]["shape"]).copy())

    with torch.no_grad():
        for number, kind, module, _ in net.trained:
            module.weight.copy_(tensor(f"{number}.{kind}.weight"))
            module.bias.copy_(tensor(f"{number}.{kind}.bias"))
    return torch.nn.Sequential(net, torch.nn.Softmax(dim=1)).eval()


torch.set_num_threads(1)
with torch.inference_mode():
    plain = read_model(os.environ["NUMERAL_MODEL"])
    model = torch.jit.optimize_for_inference(
        torch.jit.freeze(torch.jit.trace(plain, torch.zeros(1, 1, 28, 28))))
    for images in (1, 1, 256, 256):  # what it compiles at first, it compiles now
        model(torch.zeros(images, 1, 28, 28))
app = flask.Flask(__name__)


def answer_of(row):
    digit = int(row.argmax())
    return {"digit": digit, "confidence": round(float(row[digit]), 4),
            "probabilities": [round(p, 6) for p in row.tolist()]}


@app.post("/v1/predict")
def predict():
    if flask.request.mimetype == "application/json":
        pixels = numpy.array(flask.request.get_json()["images"], numpy.float32)
        pixels = pixels.reshape(-1, 1, 28, 28) / 255
    else:
        picture = Image.open(io.BytesIO(flask.request.get_data())).convert("L")
        pixels = 1 - numpy.asarray(picture, numpy.float32).reshape(1, 1, 28, 28) / 255
    with torch.inference_mode():
        rows = model(torch.from_numpy(pixels)).numpy()
    answers = [answer_of(row) for row in rows]
    if flask.request.mimetype == "application/json":
        return flask.jsonify(predictions=answers)
    return flask.jsonify(answers[0])
