"""open_inference.py: does `numeral serve` keep what the Open Inference Protocol,
version 2, demands of a server over HTTP, and the binary tensor data extension?

Each check quotes what it checks. The shapes of the objects are written down
here from the protocol's text, not from the server's code."""
import json
import struct

from serving import Connection, Server, check, run

SIZE_HEADER = "Inference-Header-Content-Length"
TYPES = {"BOOL": 1, "UINT8": 1, "UINT16": 2, "UINT32": 4, "UINT64": 8, "INT8": 1, "INT16": 2,
         "INT32": 4, "INT64": 8, "FP16": 2, "FP32": 4, "FP64": 8, "BYTES": None}
STROKE = [255 if 364 <= i % 784 < 420 else 0 for i in range(784)]


def is_object(value, required, optional=()):
    """`$name : $type` properties: those that are there have their type, the required
    ones are there, and there are no others."""
    known = {**required, **dict(optional)}
    check(isinstance(value, dict), "an object", value)
    check(set(required) <= set(value) <= set(known), "properties", value)
    for name, item in value.items():
        check(isinstance(item, known[name]) and not
              (known[name] in (int, (int, float)) and isinstance(item, bool)), name, item)
    return value


def is_error(reply, statuses=range(400, 500)):
    """"A failed request must be indicated by an HTTP error status (typically 400). The
    HTTP body must contain the $..._error_response object": {"error": <string>}."""
    check(reply.status in statuses, "an error status", reply)
    error = is_object(reply.json(), {"error": str})
    check(error["error"], "a message")


def is_metadata_tensor(value):
    """"$metadata_tensor = {"name", "datatype", "shape": [$number, ...]}", where -1 is a
    dimension of variable size."""
    is_object(value, {"name": str, "datatype": str, "shape": list})
    check(value["datatype"] in TYPES, "a data type of the protocol", value)
    check(all(isinstance(n, int) and (n > 0 or n == -1) for n in value["shape"]), value)
    return value


# ---- Health and metadata


def paths_of(name):
    return [f"/v2/models/{name}", f"/v2/models/{name}/versions/1"]


def health():
    """"The server live API indicates if the inference server is able to receive and
    respond ...": 200 for true; so for ready, and for a model that is ready."""
    with Server("--model", "a=builtin", "--model", "b=builtin") as server:
        connection = Connection(server.port)
        live = connection.ask("GET", "/v2/health/live")
        check(live.status == 200 and is_object(live.json(), {"live": bool})["live"], live)
        ready = connection.ask("GET", "/v2/health/ready")
        check(ready.status == 200 and is_object(ready.json(), {"ready": bool})["ready"], ready)
        for name in ("a", "b"):
            for path in paths_of(name):
                reply = connection.ask("GET", path + "/ready")
                told = is_object(reply.json(), {"name": str, "ready": bool})
                check(reply.status == 200 and told == {"name": name, "ready": True}, reply)
        is_error(connection.ask("GET", "/v2/models/c/ready"))
        is_error(connection.ask("GET", "/v2/models/a/versions/2/ready"))
        connection.close()


def server_metadata():
    """"$metadata_server_response = {"name", "version", "extensions": [$string, ...]}"."""
    with Server() as server:
        reply = server.ask("GET", "/v2")
        told = is_object(reply.json(), {"name": str, "version": str, "extensions": list})
        check(reply.status == 200 and "binary_tensor_data" in told["extensions"], told)
        is_error(server.ask("POST", "/v2", "{}"))


def model_metadata():
    """"$metadata_model_response = {"name", "versions" (optional), "platform",
    "inputs": [$metadata_tensor, ...], "outputs": [...]}"."""
    with Server("--model", "a=builtin") as server:
        for path in paths_of("a"):
            reply = server.ask("GET", path)
            told = is_object(reply.json(), {"name": str, "platform": str, "inputs": list,
                                            "outputs": list}, {"versions": list})
            check(reply.status == 200 and told["name"] == "a", reply)
            check(all(isinstance(version, str) for version in told["versions"]), told)
            for one in told["inputs"] + told["outputs"]:
                is_metadata_tensor(one)
        is_error(server.ask("GET", "/v2/models/b"))
        is_error(server.ask("GET", "/v2/models/a/versions/7"))


# ---- Inference


def request_of(count=1, **more):
    """A request for the one input."""
    return {"inputs": [{"name": "image", "shape": [count, 28, 28], "datatype": "UINT8",
                        "data": STROKE * count}], **more}


def infer(connection, request, path="/v2/models/default/infer"):
    return connection.ask("POST", path, json.dumps(request), {"Content-Type": "application/json"})


def is_response(reply, metadata, count, names=None, identity=None):
    """"$inference_response = {"model_name", "model_version" (optional), "id" (optional),
    "parameters" (optional), "outputs": [$response_output, ...]}", and "$response_output =
    {"name", "shape", "datatype", "parameters" (optional), "data"}"."""
    check(reply.status == 200, reply)
    told = is_object(reply.json(), {"model_name": str, "outputs": list},
                     {"model_version": str, "id": str, "parameters": dict})
    check(told["model_name"] == metadata["name"], "the model's name", told["model_name"])
    check(told.get("id") == identity, "id: \"must be returned in the response\" if given")
    described = {one["name"]: one for one in metadata["outputs"]}
    wanted = names if names is not None else list(described)
    check(sorted(one["name"] for one in told["outputs"]) == sorted(wanted), "outputs", told)
    for one in told["outputs"]:
        is_object(one, {"name": str, "shape": list, "datatype": str, "data": list},
                  {"parameters": dict})
        has_shape(one, described[one["name"]], count)
        is_flat(one)
    return told


def has_shape(one, described, count):
    """As the metadata describes it, with so many images."""
    check(one["datatype"] == described["datatype"], "data type", one)
    check(one["shape"] == [count if n == -1 else n for n in described["shape"]], "shape", one)


def is_flat(one):
    """"Tensor data must be presented as row-major": so many numbers as its shape says."""
    size = 1
    for n in one["shape"]:
        size *= n
    check(len(one["data"]) == size, "its numbers", one)
    kind = int if one["datatype"].startswith(("INT", "UINT")) else (int, float)
    check(all(isinstance(value, kind) for value in one["data"]), "numbers", one)


def inference():
    with Server() as server:
        connection = Connection(server.port)
        metadata = connection.ask("GET", "/v2/models/default").json()
        for path in paths_of("default"):
            for count in (1, 2, 5):
                is_response(infer(connection, request_of(count), path + "/infer"), metadata, count)
        # "id": any string; "If the client gives it, the response has the same"
        for identity in ("a", "", "42", "ü\n\"\\", "x" * 1000):
            is_response(infer(connection, request_of(id=identity)), metadata, 1,
                        identity=identity)
        # "outputs" is optional; without it, or empty, all of the model's
        for names in (["digit"], ["probabilities", "digit"],
                      ["confidence", "digit", "probabilities"]):
            outputs = [{"name": name} for name in names]
            is_response(infer(connection, request_of(outputs=outputs)), metadata, 1, names)
        # "parameters" are optional everywhere, and unknown ones do no harm
        odd = {"x": "y", "n": 1, "b": True}
        request = request_of(parameters=odd, outputs=[{"name": "digit", "parameters": odd}])
        request["inputs"][0]["parameters"] = odd
        is_response(infer(connection, request), metadata, 1, ["digit"])
        connection.close()


def tensors_in():
    """""data": flat or "in the natural, multi-dimensional representation", all the same."""
    rows = [STROKE[28 * y:28 * y + 28] for y in range(28)]
    with Server() as server:
        connection = Connection(server.port)
        metadata = connection.ask("GET", "/v2/models/default").json()
        expected = is_response(infer(connection, request_of()), metadata, 1)
        for shape, data in (([1, 28, 28], [rows]), ([1, 28, 28], rows), ([28, 28], rows),
                            ([1, 784], [STROKE]), ([784], STROKE),
                            ([1, 1, 28, 28], [[rows]]),
                            ([1, 28, 28, 1], [[[[value] for value in row] for row in rows]])):
            for datatype, scale in (("UINT8", 1), ("FP32", 255)):
                request = request_of()
                request["inputs"][0].update(shape=shape, datatype=datatype, data=json.loads(
                    json.dumps(data).replace("255", "1") if scale == 255 else json.dumps(data)))
                told = is_response(infer(connection, request), metadata, 1)
                check(told == expected, shape, datatype, told)
        connection.close()


def requests_that_are_wrong():
    changes = [
        lambda r: r.pop("inputs"), lambda r: r.update(inputs=[]), lambda r: r.update(inputs={}),
        lambda r: r.update(inputs="image"), lambda r: r.update(inputs=[1]),
        lambda r: r["inputs"].append(dict(r["inputs"][0])),
        lambda r: r["inputs"][0].update(name="other"), lambda r: r["inputs"][0].pop("name"),
        lambda r: r["inputs"][0].update(datatype="FP64"),
        lambda r: r["inputs"][0].update(datatype="uint8"),
        lambda r: r["inputs"][0].pop("datatype"), lambda r: r["inputs"][0].pop("shape"),
        lambda r: r["inputs"][0].update(shape=[]), lambda r: r["inputs"][0].update(shape=784),
        lambda r: r["inputs"][0].update(shape=[2, 28, 28]),
        lambda r: r["inputs"][0].update(shape=[0, 28, 28]),
        lambda r: r["inputs"][0].update(shape=[-1, 28, 28]),
        lambda r: r["inputs"][0].update(shape=["1", 28, 28]),
        lambda r: r["inputs"][0].update(shape=[1.0, 28, 28]),
        lambda r: r["inputs"][0].update(shape=[2, 392]),
        lambda r: r["inputs"][0].update(shape=[1, 56, 14]),
        lambda r: r["inputs"][0].update(shape=[1 << 62, 28, 28]),
        lambda r: r["inputs"][0].update(shape=[4097, 28, 28]),
        lambda r: r["inputs"][0].pop("data"), lambda r: r["inputs"][0].update(data=[]),
        lambda r: r["inputs"][0].update(data="AAAA"),
        lambda r: r["inputs"][0].update(data=STROKE[1:]),
        lambda r: r["inputs"][0].update(data=STROKE + [0]),
        lambda r: r["inputs"][0].update(data=[256] + STROKE[1:]),
        lambda r: r["inputs"][0].update(data=[-1] + STROKE[1:]),
        lambda r: r["inputs"][0].update(data=[0.5] + STROKE[1:]),
        lambda r: r["inputs"][0].update(data=[True] + STROKE[1:]),
        lambda r: r["inputs"][0].update(datatype="FP32", data=[1.5] + [0] * 783),
        lambda r: r["inputs"][0].update(datatype="FP32", data=[-0.1] + [0] * 783),
        lambda r: r["inputs"][0].update(parameters={"binary_data_size": 784}),
        lambda r: r.update(outputs=[{"name": "other"}]), lambda r: r.update(outputs=[{}]),
        lambda r: r.update(outputs=[1])]
    with Server() as server:
        connection = Connection(server.port)
        for i, change in enumerate(changes):
            request = request_of()
            change(request)
            try:
                is_error(infer(connection, request), [400])
            except AssertionError as error:
                raise AssertionError(f"change {i}: {error}") from error
        for body in ("", "x", "[]", "null", "[" * 3000):
            is_error(connection.ask("POST", "/v2/models/default/infer", body), [400])
        is_error(infer(connection, request_of(), "/v2/models/other/infer"), [404])
        connection.close()


# ---- Binary tensor data


def binary_request(connection, request, data, header=None):
    head = json.dumps(request).encode()
    return connection.ask("POST", "/v2/models/default/infer", head + data,
                          {SIZE_HEADER: str(len(head)) if header is None else header,
                           "Content-Type": "application/octet-stream"})


def binary_input(data, datatype="UINT8", count=1, size=None, **more):
    return {"inputs": [{"name": "image", "shape": [count, 28, 28], "datatype": datatype,
                        "parameters": {"binary_data_size": len(data) if size is None else size}}],
            **more}


def read_binary(reply):
    """""Inference-Header-Content-Length" gives the length of the JSON object, and
    Content-Length that of the whole body"; outputs "in the same order as in the JSON"."""
    check(reply.status == 200, reply)
    size = int(reply.headers[SIZE_HEADER.lower()])
    check(int(reply.headers["content-length"]) == len(reply.body), "Content-Length")
    told, place = json.loads(reply.body[:size]), size
    for one in told["outputs"]:
        length = one.get("parameters", {}).get("binary_data_size")
        check((length is None) == ("data" in one), "data or binary_data_size", one)
        if length is not None:
            one["bytes"] = reply.body[place:place + length]
            check(len(one["bytes"]) == length, "all of it came")
            place += length
    check(place == len(reply.body), "nothing is left")
    return told


def binary_tensors():
    data = bytes(STROKE)
    shares = struct.pack("<784f", *(value / 255 for value in STROKE))
    with Server() as server:
        connection = Connection(server.port)
        metadata = connection.ask("GET", "/v2/models/default").json()
        plain = is_response(infer(connection, request_of()), metadata, 1)
        for datatype, content in (("UINT8", data), ("FP32", shares)):
            # binary in, JSON out: "binary_data" is false by default
            reply = binary_request(connection, binary_input(content, datatype), content)
            check(is_response(reply, metadata, 1) == plain, datatype)
            check(SIZE_HEADER.lower() not in reply.headers, "no header without binary data")
        for more, binary in (
                ({"parameters": {"binary_data_output": True}}, {"digit", "confidence",
                                                                "probabilities"}),
                ({"outputs": [{"name": "digit"},
                              {"name": "probabilities", "parameters": {"binary_data": True}}]},
                 {"probabilities"}),
                ({"parameters": {"binary_data_output": True},
                  "outputs": [{"name": "digit", "parameters": {"binary_data": False}},
                              {"name": "confidence"}]}, {"confidence"})):
            told = read_binary(infer(connection, request_of(3, **more)))
            check({one["name"] for one in told["outputs"] if "bytes" in one} == binary, told)
            for one in told["outputs"]:
                same = next(o for o in plain["outputs"] if o["name"] == one["name"])
                has_shape(one, next(o for o in metadata["outputs"] if o["name"] == one["name"]), 3)
                letter = "i" if one["datatype"] == "INT32" else "f"
                packed = struct.pack(f"<{3 * len(same['data'])}{letter}", *same["data"] * 3)
                check(one.get("bytes", packed) == packed, one["name"], "little-endian, in order")
        connection.close()


def binary_tensors_that_are_wrong():
    data = bytes(STROKE)
    nan = struct.pack("<784f", float("nan"), *[0] * 783)
    with Server() as server:
        connection = Connection(server.port)
        head = len(json.dumps(binary_input(data)).encode())
        for header in ("", "x", "-1", "+5", " ", "0x10", str(head + 785), "9" * 40, str(head - 1),
                       "0", f"{head} "):
            reply = binary_request(connection, binary_input(data), data, header)
            if header == f"{head} ":
                continue  # blanks around a header's value are no part of it
            is_error(reply, [400])
        for content, request in (
                (data, binary_input(data, size=783)), (data, binary_input(data, size=785)),
                (data + b"\0", binary_input(data)), (data[:-1], binary_input(data)),
                (data, binary_input(data, size=-1)), (data, binary_input(data, size="784")),
                (data, binary_input(data, "FP32")), (data * 2, binary_input(data, count=2)),
                (nan, binary_input(nan, "FP32")), (data, request_of())):
            is_error(binary_request(connection, request, content), [400])
        connection.close()


run(health, server_metadata, model_metadata, inference, tensors_in, requests_that_are_wrong,
    binary_tensors, binary_tensors_that_are_wrong)
