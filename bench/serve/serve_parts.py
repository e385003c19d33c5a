"""serve_parts.py: what serve_bench.py measures with: servers that come and go,
the bodies that are sent, wrk and steady_load. Must not know the table."""

import atexit
import gzip
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, "build")
SCRATCH = os.path.join(BUILD, "serve-bench")
NUMERAL = os.path.join(BUILD, "numeral")
MODEL = os.path.join(ROOT, "models", "cnn.safetensors")
BATCH = 256
BINARY_HEADER = "Inference-Header-Content-Length"


# ---- Servers

class Server:
    """One that listens on a port of this machine; ended in every case."""

    running = []

    def __init__(self, name, command, port, environment=None):
        self.name, self.port = name, port
        log = open(os.path.join(SCRATCH, re.sub(r"\W+", "-", name) + ".log"), "wb")
        # a group of its own, so that its children end with it
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=HERE,
            start_new_session=True, env={**os.environ, **(environment or {})})
        log.close()
        Server.running.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self in Server.running:
            Server.running.remove(self)
        for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(patience)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue

    def wait(self, body, kind, seconds=60):
        """Until it answers; its first answer."""
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until:
            try:
                return json.loads(self.ask("/v1/predict", body, kind))
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.name} does not answer: see {SCRATCH}")

    def ask(self, path, body, kind, headers=None):
        with open(body, "rb") as f:
            data = f.read()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", path, data, {"Content-Type": kind, **(headers or {})})
        reply = connection.getresponse()
        answer = reply.read()
        connection.close()
        if reply.status != 200:
            raise RuntimeError(f"{self.name} answered {reply.status}: {answer[:200]}")
        return answer

    def processor_seconds(self):
        """Of its process and its children: what their threads really ran. The sums in
        /proc/PID/stat have in them what a virtual machine's host took away."""
        nanoseconds = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.getpgid(int(pid)) != self.process.pid:
                    continue
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                        nanoseconds += int(f.read().split()[0])
            except OSError:
                continue
        return 1e-9 * nanoseconds

    def resident_mb(self):
        with open(f"/proc/{self.process.pid}/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


@atexit.register
def stop_all():
    for server in list(Server.running):
        server.stop()


def end_on_signals():
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))


def numeral(precision, port, *more):
    return Server(f"numeral {precision}",
                  [NUMERAL, "serve", "--port", str(port), "--precision", precision,
                   "--model", f"default={MODEL}", "--log", "none", *more], port)


def python_with_flask():
    """The Python that has what the Flask server needs, or None."""
    for python in ("/usr/bin/python3", sys.executable):
        proof = [python, "-c", "import flask, gunicorn, numpy, torch, PIL"]
        if os.path.exists(python) and subprocess.run(proof, capture_output=True).returncode == 0:
            return python
    return None


def flask(kind, port):
    threads = ["--threads", "4"] if kind == "gthread" else []
    return Server(f"Flask, gunicorn {kind}",
                  [python_with_flask(), "-m", "gunicorn", "--workers", "2",
                   "--worker-class", kind, *threads, "--bind", f"127.0.0.1:{port}",
                   "--log-level", "warning", "--keep-alive", "60", "flask_digits:app"],
                  port,
                  {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1",
                   "PYTHONPATH": os.path.join(ROOT, "bench", "peers"),
                   "NUMERAL_MODEL": MODEL})


# ---- Bodies

def test_images():
    """Where they are from, and BATCH of them: MNIST's, or without it pixels by
    chance, a fifth of them ink, as in MNIST."""
    folder = os.path.join(os.environ.get("NUMERAL_DATA_DIR", "data"), "mnist")
    for name in ("t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"):
        for ending, opener in (("", open), (".gz", gzip.open)):
            path = os.path.join(folder, name + ending)
            if os.path.exists(path):
                with opener(path, "rb") as f:
                    return "mnist", f.read(16 + BATCH * 784)[16:]
    chance = random.Random(1)
    return "synth", bytes(chance.randrange(1, 256) if chance.random() < 0.2 else 0
                          for _ in range(BATCH * 784))


def write(name, data):
    path = os.path.join(SCRATCH, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


class Bodies:
    """Files of what is sent: a picture, a batch as JSON, a batch as OIP v2."""

    def __init__(self):
        os.makedirs(SCRATCH, exist_ok=True)
        self.source, images = test_images()
        self.picture = os.path.join(SCRATCH, "digit.png")
        subprocess.run([NUMERAL, "data", "show", f"{self.source}:test:3", "-o",
                        self.picture], check=True, capture_output=True)
        rows = [list(images[i:i + 784]) for i in range(0, len(images), 784)]
        self.batch = write("batch.json", json.dumps(
            {"images": rows}, separators=(",", ":")).encode())
        head = json.dumps(
            {"inputs": [{"name": "image", "shape": [BATCH, 28, 28], "datatype": "UINT8",
                         "parameters": {"binary_data_size": len(images)}}],
             "parameters": {"binary_data_output": True}}).encode()
        self.binary = write("batch.bin", head + images)
        self.binary_head = len(head)


# ---- Load

def wrk(server, path, body, kind, connections, seconds, header=()):
    """Requests a second, and the server's microseconds of processor for each."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s",
               os.path.join(HERE, "post.lua"), f"http://127.0.0.1:{server.port}{path}",
               "--", body, kind, *header]
    before = server.processor_seconds()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = server.processor_seconds() - before
    if "Non-2xx" in said:
        raise RuntimeError(f"{server.name}: {said}")
    requests = int(re.search(r"(\d+) requests in", said).group(1))
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1)),
            1e6 * used / max(1, requests))


def steady(server, body, kind, rate, connections, count):
    """What steady_load says; rate 0: as fast as it goes."""
    command = [os.path.join(BUILD, "steady_load"), str(server.port), "/v1/predict", body,
               kind, str(rate), str(connections), str(int(count))]
    return json.loads(subprocess.run(command, check=True, capture_output=True,
                                     text=True).stdout)
