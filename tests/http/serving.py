"""serving.py: a numeral that serves, started for a test and asked by it.

    with Server("--rate", "5") as server:
        reply = server.ask("POST", "/v1/predict", body)
    check(reply.status == 200, "...")

Standard library only. The program is $NUMERAL; the test runs in a folder of its
own. Whatever is asked is asked at 127.0.0.1.
"""
import collections
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback

PROGRAM = os.environ["NUMERAL"]
SOURCE_DIR = os.environ["SOURCE_DIR"]
PATIENCE_SECONDS = 120  # nothing is timed: only a server that hangs takes so long


def is_sanitized():
    with open(PROGRAM, "rb") as file:
        program = file.read()
    return b"__asan_init" in program or b"__tsan_init" in program


def fail(text):
    print("FAILED:", text, file=sys.stderr)
    sys.exit(1)


def check(holds, *words):
    """Ends the test where this does not hold; the words say what it is."""
    if not holds:
        raise AssertionError(" ".join(str(word)[:2000] for word in words))


def numeral(*arguments, status=0, environment=None):
    """Runs the program; gives its standard output."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, check=False,
                          env={**os.environ, **(environment or {})},
                          timeout=PATIENCE_SECONDS)
    check(done.returncode == status, arguments, done.returncode, done.stderr.decode())
    return done.stdout.decode(), done.stderr.decode()


def predict_json(*arguments):
    """What `numeral predict --json` says, an object an image."""
    return [json.loads(line) for line in numeral("predict", "--json", *arguments)[0].splitlines()]


class Reply:
    """headers by their names in small letters; a list where one comes twice."""

    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        self.headers = {}
        for name, value in headers:
            name = name.lower()
            if name in self.headers:
                value = self.headers[name] + ", " + value
            self.headers[name] = value

    def json(self):
        check(self.headers.get("content-type") == "application/json", "JSON", self)
        check(self.body.endswith(b"\n") or b'"error"' in self.body, "a line", self)
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status} {self.headers} {self.body[:500]!r}"


class Connection:
    """One that stays open, as long as the server lets it."""

    def __init__(self, port, timeout=PATIENCE_SECONDS):
        self.client = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None):
        self.client.request(method, path, body, headers or {})
        reply = self.client.getresponse()
        return Reply(reply.status, reply.getheaders(), reply.read())

    def close(self):
        self.client.close()


def read_reply(stream, method="GET"):
    """The next reply of a raw socket's file, or None where it has ended."""
    line = stream.readline()
    if not line:
        return None
    check(line.startswith(b"HTTP/1.1 "), "a status line:", line)
    headers = []
    while (field := stream.readline().strip()):
        name, value = field.decode("latin-1").split(":", 1)
        headers.append((name, value.strip()))
    reply = Reply(int(line.split()[1]), headers, b"")
    length = int(reply.headers.get("content-length", 0))
    if method != "HEAD" and reply.status not in (100, 204, 304):
        reply.body = stream.read(length)
    return reply


class Server:
    """`numeral serve` at a free port, with the log in the file log.jsonl."""

    def __init__(self, *options, environment=None, port_option=True):
        self.options = list(options)
        if port_option:
            self.options += ["--port", "0"]
        if "--log" not in options:
            self.options += ["--log", "log.jsonl"]
        self.log_path = self.options[self.options.index("--log") + 1]
        self.environment = {**os.environ, **(environment or {})}
        self.error_lines = collections.deque(maxlen=1000)
        self.port = 0

    def __enter__(self):
        if os.path.exists(self.log_path):
            os.remove(self.log_path)
        self.process = subprocess.Popen([PROGRAM, "serve", *self.options],
                                        stderr=subprocess.PIPE, env=self.environment)
        self.reader = threading.Thread(target=self._read_errors, daemon=True)
        self.reader.start()
        try:
            self._find_port()
        except BaseException:
            self.process.kill()
            raise
        return self

    def _find_port(self):
        """Its log's first event tells the port, once it listens."""
        for _ in range(100 * PATIENCE_SECONDS):
            if os.path.exists(self.log_path):
                started = [line for line in self.log() if line.get("event") == "started"]
                if started:
                    self.port = int(re.search(r"port (\d+)", started[0]["message"])[1])
                    return
            check(self.process.poll() is None, "it serves:", self.options, *self.error_lines)
            time.sleep(0.01)
        fail("it never listened")

    def _read_errors(self):
        for line in self.process.stderr:
            self.error_lines.append(line.decode(errors="replace").rstrip())

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "none: it did not end"
        self.reader.join(PATIENCE_SECONDS)
        if kind is not None or code != 0:
            print("--- the server's standard error, exit code", code, file=sys.stderr)
            print("\n".join(self.error_lines), file=sys.stderr)
        if kind is None:
            check(code == 0, "exit code 0, not", code)

    def ask(self, method, path, body=None, headers=None):
        """A request on a connection of its own."""
        connection = Connection(self.port)
        try:
            return connection.ask(method, path, body, headers)
        finally:
            connection.close()

    def connect(self, timeout=PATIENCE_SECONDS):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def raw(self, *pieces, method="GET"):
        """Sends bytes as they are; gives the first reply, or None."""
        with self.connect() as sock, sock.makefile("rb") as stream:
            for piece in pieces:
                sock.sendall(piece)
            return read_reply(stream, method)

    def signal(self, number):
        self.process.send_signal(number)

    def log(self):
        """Its lines so far, each checked to be a JSON object."""
        with open(self.log_path, encoding="ascii") as file:
            lines = [json.loads(line) for line in file]
        check(all(isinstance(line, dict) and "time" in line for line in lines), "objects")
        return lines

    def wait_log(self, holds, what):
        """Waits until a line of the log holds."""
        for _ in range(100 * PATIENCE_SECONDS):
            found = [line for line in self.log() if holds(line)]
            if found:
                return found
            time.sleep(0.01)
        fail(f"the log never had {what}")

    def wait_idle(self, others=0):
        """Waits until so many requests of others are left; a reply may come a
        moment before its request's end."""
        for _ in range(1000):
            metrics = self.ask("GET", "/metrics").body.decode()
            if f"\nnumeral_requests_in_flight {others + 1}\n" in metrics:
                return
        fail("requests hang: " + metrics)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def form(*files, field="file", boundary="a9Xk2"):
    """A form with (name, bytes) of files; its headers and body."""
    body = b""
    for name, content in files:
        body += (f"--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; "
                 f"filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n").encode()
        body += content + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return {"Content-Type": f"multipart/form-data; boundary={boundary}"}, body


def read_file(path):
    with open(path, "rb") as file:
        return file.read()


def digit_files(count, seed=1):
    """So many PNG files with digits that the program draws: their paths."""
    paths = []
    for i in range(count):
        path = f"digit-{seed + i}.png"
        if not os.path.exists(path):
            numeral("data", "show", f"synth:test:{seed + i}", "-o", path, "--quiet")
        paths.append(path)
    return paths


def run(*tests):
    """Runs the functions; the exit code is 1 where one failed."""
    failed = 0
    for test in tests:
        begun = time.monotonic()
        try:
            test()
            print(f"ok     {test.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
        except (AssertionError, OSError, http.client.HTTPException, ValueError,
                KeyError, TypeError) as error:
            failed += 1
            traceback.print_exc()
            print("FAILED", test.__name__, "-", type(error).__name__, error)
    sys.exit(1 if failed else 0)
