"""serve_models.py: models by name, read again at SIGHUP; what the log and the
metrics say of it."""
import json
import os
import signal

import prometheus
from serving import Connection, Server, check, digit_files, numeral, predict_json, read_file, run

JSON = {"Content-Type": "application/json"}
KEYS_OF_REQUESTS = {"time", "address", "method", "path", "route", "model", "status", "received",
                    "sent", "images", "ms", "gone"}


def train(path, seed):
    numeral("train", "--net", "flatten, dense 10", "--data", "synth:500", "--epochs", "1",
            "--seed", str(seed), "--run", f"run-{seed}", "--no-report", "--quiet", "-o", path)


def models():
    """Two small ones, made once."""
    for seed in (1, 2):
        if not os.path.exists(f"model-{seed}.safetensors"):
            train(f"model-{seed}.safetensors", seed)
    return [f"model-{seed}.safetensors" for seed in (1, 2)]


def place(source, path):
    """As `numeral train -o` does: whole, or not at all."""
    with open(path + ".new", "wb") as file:
        file.write(source)
    os.replace(path + ".new", path)


def metrics_of(server):
    reply = server.ask("GET", "/metrics")
    check(reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8", reply)
    return prometheus.parse(reply.body.decode())


def probabilities(prediction):
    return prediction["probabilities"]


def several_models():
    first, second = models()
    picture = digit_files(1)[0]
    with Server("--model", "one=" + first, "--model", second, "--model", "builtin") as server:
        connection = Connection(server.port)
        listed = connection.ask("GET", "/v1/models").json()
        check(listed["default"] == "one", listed["default"])
        names = [model["name"] for model in listed["models"]]
        check(names == ["one", "model-2", "default"], names)
        for name, path in (("one", first), ("model-2", second), ("default", None)):
            expected = predict_json(picture, *(["--model", path] if path else []))[0]
            for query in ([f"?model={name}"] + (["", "?model="] if name == "one" else [])):
                reply = connection.ask("POST", "/v1/predict" + query, read_file(picture)).json()
                check(reply["model"] == name, name, reply)
                check(probabilities(reply) == probabilities(expected), name, reply, expected)
            record = connection.ask("GET", "/v1/models/" + name).json()
            shown = json.loads(numeral("models", "show", path or "builtin", "--json")[0])
            check(record["spec"] == shown["spec"] and record["layers"] == shown["layers"], record)
            reply = connection.ask("GET", f"/v2/models/{name}").json()
            check(reply["name"] == name, reply)
        record = connection.ask("GET", "/v1/models/default").json()
        check(len(record["log"]) > 1 and record["evaluation"]["count"] == 10000, "its records")
        check(connection.ask("GET", "/v1/models/one").json()["log"] is None, "none beside it")
        connection.close()
    with Server("--model", "run-1/model.safetensors") as server:
        record = server.ask("GET", "/v1/models/model").json()
        check(record["log"][0]["epoch"] == 1, "the run's log", record["log"])


def models_are_read_again():
    first, second = (read_file(path) for path in models())
    picture = read_file(digit_files(1)[0])
    place(first, "served.safetensors")
    expected = [probabilities(predict_json("--model", path, digit_files(1)[0])[0])
                for path in models()]
    check(expected[0] != expected[1], "two models")

    with Server("--model", "served.safetensors") as server:
        def answer():
            return probabilities(server.ask("POST", "/v1/predict", picture).json())

        def reload(event, count, text):
            server.signal(signal.SIGHUP)
            for _ in range(100000):
                found = [line for line in server.log() if line.get("event") == event]
                if len(found) == count:
                    break
            check(len(found) == count and text in found[-1]["message"], event, found)

        check(answer() == expected[0], "the first")
        place(second, "served.safetensors")
        check(answer() == expected[0], "... until it is told")
        reload("model_loaded", 1, "served.safetensors")
        check(answer() == expected[1], "the second")
        for damaged, text in ((b"rubbish" * 100, "served.safetensors"),
                              (first[:len(first) // 2], "served.safetensors"), (b"", "served")):
            place(damaged, "served.safetensors")
            kept = sum(line.get("event") == "model_kept" for line in server.log())
            reload("model_kept", kept + 1, text)
            check(answer() == expected[1], "the second stays")
        os.remove("served.safetensors")
        reload("model_kept", 4, "served.safetensors")
        check(answer() == expected[1], "the second stays")
        check(server.log()[-2].get("level") in (None, "error"), "the level")
        place(first, "served.safetensors")
        reload("model_loaded", 2, "served.safetensors")
        check(answer() == expected[0], "the first again")
        metrics = metrics_of(server)
        name = "numeral_model_reloads_total"
        check(metrics[name, (("result", "loaded"),)] == 2, "two loaded")
        check(metrics[name, (("result", "failed"),)] == 4, "four failed")
        check(any("served stays as it was" in line for line in server.error_lines), "said so")


def a_log_that_was_moved_is_opened_anew():
    with Server() as server:
        server.ask("GET", "/v2/health/live")
        server.wait_log(lambda line: line.get("path") == "/v2/health/live", "a request")
        os.replace("log.jsonl", "log.old.jsonl")
        server.signal(signal.SIGHUP)
        while not os.path.exists("log.jsonl"):
            server.ask("GET", "/v2")
        server.ask("GET", "/v2/health/ready")
        server.wait_log(lambda line: line.get("path") == "/v2/health/ready", "the next one")


def the_log_tells_who_and_what_but_no_picture():
    picture = digit_files(1)[0]
    content = read_file(picture)
    with Server() as server:
        server.ask("POST", "/v1/predict", content)
        server.ask("GET", '/%22%0a%00%ff{"x":1}')
        server.ask("GET", "/p%C3%A4per?token=secret")
        server.ask("POST", "/v1/predict", json.dumps({"pixels": [7] * 784}), JSON)
        server.ask("BREW", "/")
    with open("log.jsonl", "rb") as file:
        text = file.read()
    lines = server.log()
    check([line["event"] for line in lines if "event" in line] ==
          ["started", "leaving", "ended"], lines)
    requests = [line for line in lines if "event" not in line]
    check(len(requests) == 5, "a line a request", requests)
    for line in requests:
        check(set(line) <= KEYS_OF_REQUESTS and line["address"] == "127.0.0.1", line)
    first = next(line for line in requests if line["images"] == 1 and line["received"] < 1000)
    odd = next(line for line in requests if line["path"].startswith('/"\n'))
    check(first["status"] == 200 and first["images"] == 1 and first["model"] == "default", first)
    check(first["received"] == len(content) and first["sent"] > 100 and first["ms"] > 0, first)
    check(first["route"] == "/v1/predict" and first["method"] == "POST", first)
    check(odd["route"] == "none" and odd["status"] == 404, odd)
    check(b"secret" not in text and b"[7" not in text and b"7, 7" not in text, "no content")


def quiet_logs_only_events():
    with Server("--quiet", "--log", "quiet.jsonl") as server:
        server.ask("GET", "/v2")
    check({line["event"] for line in server.log()} == {"started", "leaving", "ended"}, server.log())


def metrics_count():
    picture = read_file(digit_files(1)[0])
    bar = [255 if i % 28 in (13, 14) and 4 <= i // 28 < 24 else 0 for i in range(784)]
    with Server() as server:
        before = metrics_of(server)
        for _ in range(3):
            server.ask("POST", "/v1/predict", picture)
        server.ask("POST", "/v1/predict", json.dumps({"images": [[0] * 784, bar]}), JSON)
        server.ask("POST", "/v1/predict", b"no picture")
        server.ask("GET", "/missing")
        total = "numeral_http_requests_total"
        expected = {
            (total, (("code", "200"), ("method", "POST"), ("route", "/v1/predict"))): 4,
            (total, (("code", "422"), ("method", "POST"), ("route", "/v1/predict"))): 1,
            (total, (("code", "404"), ("method", "other"), ("route", "none"))): 1}
        for _ in range(1000):  # a request is counted a moment after its reply
            after = metrics_of(server)
            if all(after.get(key, 0) >= count for key, count in expected.items()):
                break
        check(all(after.get(key, 0) == count for key, count in expected.items()), after)
        answers = "numeral_answers_total"
        check(after[answers, (("answer", "digit"),)] == 4, "digits")
        check(after[answers, (("answer", "blank"),)] == 1, "blank")
        check(after["numeral_images_total", ()] == 5, "images", after["numeral_images_total", ()])
        check(after["numeral_batch_images_count", ()] == 4, "batches")
        server.wait_idle()
        check(after["numeral_ready", ()] == 1, "ready")
        check(after["process_resident_memory_bytes", ()] > 1e6, "memory")
        for (name, labels), value in before.items():
            if name.endswith(("_total", "_count", "_sum", "_bucket")):
                check(after[name, labels] >= value, name, labels, "does not fall")


run(several_models, models_are_read_again, a_log_that_was_moved_is_opened_anew,
    the_log_tells_who_and_what_but_no_picture, quiet_logs_only_events, metrics_count)
