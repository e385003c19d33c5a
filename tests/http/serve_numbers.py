"""serve_numbers.py: what `numeral serve` answers is what `numeral predict --json`
answers, in every form that a picture can be sent in, alone, in batches and beside
others."""
import base64
import json
import os
import random
import struct
import threading

from picture_files import grey_png, plain_png
from serving import (Connection, SOURCE_DIR, Server, check, digit_files, form, is_sanitized, numeral,
                     predict_json, read_file, run)

SLOW_BUILD = is_sanitized()
CORPUS = os.path.join(SOURCE_DIR, "tests/fuzz/corpus/image")
JSON = {"Content-Type": "application/json"}
SIZE_HEADER = "Inference-Header-Content-Length"
ANSWER = ("digit", "confidence", "probabilities", "reason")


def answer_of(prediction):
    """What is compared: all but the name, who answered, and how long it took."""
    return {name: prediction[name] for name in ANSWER if name in prediction}


def image_of(connection, picture):
    """The 28 x 28 bytes that the network sees of it."""
    reply = connection.ask("POST", "/v1/explain?maps=0", picture).json()
    pixels = base64.b64decode(reply["image"], validate=True)
    check(len(pixels) == 784, "784 pixels")
    return pixels


# ---- The Open Inference Protocol, as far as numbers go


def tensor(images, datatype):
    """The values of images as the tensor of that type: 255 is 1."""
    if datatype == "UINT8":
        return list(b"".join(images))
    return [struct.unpack("<f", struct.pack("<f", value / 255))[0] for value in b"".join(images)]


def infer_json(connection, images, datatype="UINT8"):
    """{output: [values]}"""
    request = {"inputs": [{"name": "image", "shape": [len(images), 28, 28], "datatype": datatype,
                           "data": tensor(images, datatype)}]}
    reply = connection.ask("POST", "/v2/models/default/infer", json.dumps(request), JSON)
    check(reply.status == 200, reply)
    return {output["name"]: output["data"] for output in reply.json()["outputs"]}


def infer_binary(connection, images, datatype="UINT8"):
    """{output: bytes}"""
    values = tensor(images, datatype)
    data = bytes(values) if datatype == "UINT8" else struct.pack(f"<{len(values)}f", *values)
    head = json.dumps({"parameters": {"binary_data_output": True}, "inputs": [
        {"name": "image", "shape": [len(images), 28, 28], "datatype": datatype,
         "parameters": {"binary_data_size": len(data)}}]}).encode()
    reply = connection.ask("POST", "/v2/models/default/infer", head + data,
                           {SIZE_HEADER: str(len(head))})
    check(reply.status == 200, reply)
    size = int(reply.headers[SIZE_HEADER.lower()])
    outputs, place = {}, size
    for output in json.loads(reply.body[:size])["outputs"]:
        length = output["parameters"]["binary_data_size"]
        outputs[output["name"]] = reply.body[place:place + length]
        place += length
    check(place == len(reply.body), "all bytes are told of")
    return outputs


def floats(values):
    """The bits of numbers in JSON."""
    return struct.pack(f"<{len(values)}f", *values)


def check_same_bits(told, binary):
    check(struct.pack(f"<{len(told['digit'])}i", *told["digit"]) == binary["digit"], "digits")
    for name in ("confidence", "probabilities"):
        check(floats(told[name]) == binary[name], name, "bits")


# ---- Tests


def pictures_are_read_as_predict_reads_them():
    names = digit_files(6) + ["blank.png", "wide.png"]
    with open("blank.png", "wb") as file:
        file.write(plain_png(50, 40))
    with open("wide.png", "wb") as file:  # larger than what is quick
        paper, stroke = b"\xe6" * 1000, b"\xe6" * 400 + bytes(80) + b"\xe6" * 520
        file.write(grey_png([paper] * 200 + [stroke] * 500 + [paper] * 200))
    corpus = [os.path.join(CORPUS, name) for name in sorted(os.listdir(CORPUS))
              if name.rsplit(".", 1)[-1] in ("png", "jpg", "gif", "webp", "bmp", "tif", "pgm")]
    names += corpus[::6] if SLOW_BUILD else corpus
    with Server() as server:
        connection = Connection(server.port)
        compared = 0
        for name in names:
            reply = connection.ask("POST", "/v1/predict", read_file(name))
            if reply.status != 200:
                numeral("predict", name, status=1)
                continue
            is_digit = reply.json()["digit"] is not None
            check(is_digit or name not in names[:6] + ["wide.png"], name, "is a digit")
            expected = json.loads(numeral("predict", "--json", name, status=0 if is_digit else 3)[0])
            check(answer_of(reply.json()) == answer_of(expected), name, reply, expected)
            check("file" not in reply.json(), "a body has no name")
            compared += 1
        check(compared >= len(names) * 2 // 3, "most were read:", compared, "of", len(names))
        connection.close()


def a_form_is_a_list():
    names = digit_files(3)
    expected = predict_json(*names)
    with Server() as server:
        connection = Connection(server.port)
        headers, body = form(*((name, read_file(name)) for name in names))
        reply = connection.ask("POST", "/v1/predict", body, headers).json()["predictions"]
        check(reply == expected, "names and numbers:", reply, expected)
        headers, body = form(("päper.png", read_file(names[0])))
        reply = connection.ask("POST", "/v1/predict", body, headers).json()
        check(answer_of(reply) == answer_of(expected[0]), "a form of one", reply)
        check(reply["file"] == "päper.png", "its name", reply["file"])
        large = read_file("wide.png")
        headers, body = form((names[0], read_file(names[0])), ("wide.png", large),
                             (names[1], read_file(names[1])))
        reply = connection.ask("POST", "/v1/predict", body, headers).json()["predictions"]
        check(reply == [expected[0], predict_json("wide.png")[0], expected[1]], "a large one")
        connection.close()


def pixels_are_read_as_pictures_are():
    names = digit_files(6)
    with Server() as server:
        connection = Connection(server.port)
        for name, expected in zip(names, predict_json(*names)):
            image = image_of(connection, read_file(name))
            rows = [list(image[28 * y:28 * y + 28]) for y in range(28)]
            for pixels in (list(image), rows):
                reply = connection.ask("POST", "/v1/predict", json.dumps({"pixels": pixels}), JSON)
                check(answer_of(reply.json()) == answer_of(expected), name, reply)
            told = infer_json(connection, [image])
            check(told["digit"] == [expected["digit"]], "v2's digit")
            check([round(value, 6) for value in told["probabilities"]] ==
                  expected["probabilities"], "v2's probabilities")
            check(round(told["confidence"][0], 4) == expected["confidence"], "confidence")
            check_explained(connection, read_file(name), expected)
        blank = infer_json(connection, [bytes(784)])
        check(blank == {"digit": [-1], "confidence": [0], "probabilities": [0] * 10}, blank)
        connection.close()


def check_explained(connection, picture, expected):
    """The explanation is of the same answer, and of a map for every channel."""
    reply = connection.ask("POST", "/v1/explain", picture).json()
    check(reply["digit"] == expected["digit"], reply["digit"])
    for a, b in zip(reply["probabilities"], expected["probabilities"]):
        check(abs(a - b) <= 2e-6, "probabilities", reply["probabilities"], expected)
    check(len(base64.b64decode(reply["heat"]["values"])) == 784, "heat")
    check(reply["heat"]["digit"] == expected["digit"], "heat of the answer")
    for layer in reply["layers"]:
        size = layer["shown"] * layer["height"] * layer["width"]
        check(layer["shown"] == layer["channels"], "all of them")
        check(len(base64.b64decode(layer["maps"])) == size, "maps")
    few = connection.ask("POST", "/v1/explain?maps=2&heat=3", picture).json()
    check(few["heat"]["digit"] == 3, "heat of 3")
    check(few["layers"][0]["shown"] == 2, "two maps")
    for a, b in zip(reply["layers"], few["layers"]):
        shown = base64.b64decode(b["maps"])
        if a["height"] > 1 and a["channels"] > 2:
            check(len(shown) == 2 * b["height"] * b["width"], "two maps")


def binary_and_json_have_the_same_bits():
    names = digit_files(6)
    with Server() as server:
        connection = Connection(server.port)
        images = [image_of(connection, read_file(name)) for name in names] + [bytes(784)]
        told = infer_json(connection, images)
        for datatype in ("UINT8", "FP32"):
            check_same_bits(told, infer_binary(connection, images, datatype))
        again = infer_json(connection, images, "FP32")
        check(again == told, "FP32 in JSON")
        connection.close()


def noisy_images(count):
    generator = random.Random(7)
    return [bytes(generator.choice((0, 0, 0, generator.randrange(256))) for _ in range(784))
            for _ in range(count)]


def a_batch_has_the_bits_of_single_images():
    images = noisy_images(300)
    with Server() as server:
        connection = Connection(server.port)
        single = [infer_binary(connection, [image]) for image in images]
        lone = [connection.ask("POST", "/v1/predict", json.dumps({"pixels": list(image)}),
                               JSON).json() for image in images[:65]]
        for count in (1, 3, 64, 65, 300):
            together = infer_binary(connection, images[:count])
            for name, values in together.items():
                check(values == b"".join(one[name] for one in single[:count]), name, "of", count)
        body = json.dumps({"images": [list(image) for image in images[:65]]})
        reply = connection.ask("POST", "/v1/predict", body, JSON).json()["predictions"]
        check([answer_of(one) for one in reply] == [answer_of(one) for one in lone], "v1")
        connection.close()


def everybody_gets_their_own_answer():
    """Threads that ask at once, each with pictures of its own in many forms."""
    names = digit_files(12) + ["wide.png"]
    expected = [answer_of(one) for one in predict_json(*names)]
    files = [read_file(name) for name in names]
    wrong = []
    with Server() as server:
        connection = Connection(server.port)
        images = [image_of(connection, picture) for picture in files]
        connection.close()

        def ask_some(seed):
            generator = random.Random(seed)
            mine = Connection(server.port)
            for _ in range(8 if SLOW_BUILD else 40):
                i = generator.randrange(len(files) if generator.random() < 0.03 else 12)
                kind = generator.randrange(5)
                if kind == 0:
                    got = [mine.ask("POST", "/v1/predict", files[i]).json()]
                elif kind == 1:
                    got = [mine.ask("POST", "/v1/predict", json.dumps({"pixels": list(images[i])}),
                                    JSON).json()]
                elif kind == 2:
                    headers, body = form((names[i], files[i]), (names[i], files[i]))
                    got = mine.ask("POST", "/v1/predict", body, headers).json()["predictions"]
                elif kind == 3:
                    told = infer_json(mine, [images[i]])
                    got = [{"digit": told["digit"][0], "confidence": round(told["confidence"][0], 4),
                            "probabilities": [round(p, 6) for p in told["probabilities"]]}]
                else:
                    reply = mine.ask("POST", "/v1/explain?maps=0", files[i]).json()
                    got = [expected[i] if reply["digit"] == expected[i]["digit"] and
                           reply["image"] == base64.b64encode(images[i]).decode() else reply]
                wrong.extend((names[i], kind, one) for one in got if answer_of(one) != expected[i])
            mine.close()

        threads = [threading.Thread(target=ask_some, args=(seed,)) for seed in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.wait_idle()
    check(not wrong, "wrong answers:", wrong[:3])


run(pictures_are_read_as_predict_reads_them, a_form_is_a_list, pixels_are_read_as_pictures_are,
    binary_and_json_have_the_same_bits, a_batch_has_the_bits_of_single_images,
    everybody_gets_their_own_answer)
