"""abuse.py: numeral serve while it is ill-treated. Two clients with a valid request
every 10 ms, one on a connection that stays and one on a new connection each time,
must see no failure meanwhile. How long they waited is printed, not judged.

    abuse.py --long   a million requests in place of 20,000: does memory grow?
"""
import contextlib
import json
import os
import random
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib

from picture_files import chunk, claimed_png, plain_png, png_head
from serving import (Connection, SOURCE_DIR, Server, check, digit_files, is_sanitized, numeral,
                     predict_json, read_file, read_reply, run)

SLOW_BUILD = is_sanitized()
CORPUS = os.path.join(SOURCE_DIR, "tests/fuzz/corpus/image")
HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: a\r\n"
DONE = {200, 400, 408, 413, 415, 422}


def some(count):
    """So many, or fewer where each takes ten times as long."""
    return max(count // 20, 3) if SLOW_BUILD else count


def ask_validly(port, stays, ending, name, expected):
    """Asks every 10 ms until it ends; (failures, seconds of each request)."""
    failures, seconds = [], []
    picture = read_file(name)
    connection = Connection(port)
    while not (seconds and ending.wait(0.01)):
        begun = time.monotonic()
        try:
            reply = connection.ask("POST", "/v1/predict", picture)
            if reply.status != 200 or reply.json()["digit"] != expected:
                failures.append(str(reply))
        except Exception as error:  # pylint: disable=broad-except
            failures.append(f"{'open' if stays else 'new'} connection: {error!r}")
            connection.close()
        seconds.append(time.monotonic() - begun)
        if not stays:
            connection.close()
    connection.close()
    return failures, seconds


def be_valid_clients(port):
    """Both of them, in a process of their own, so that abuse does not hold them up;
    until standard input ends, then the result as JSON."""
    name = digit_files(1)[0]
    expected = predict_json(name)[0]["digit"]
    ending, results = threading.Event(), []
    threads = [threading.Thread(target=lambda stays=stays: results.append(
        ask_validly(port, stays, ending, name, expected))) for stays in (True, False)]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.read()
    ending.set()
    for thread in threads:
        thread.join()
    print(json.dumps({"failures": results[0][0] + results[1][0],
                      "seconds": results[0][1] + results[1][1],
                      "fewest": min(len(seconds) for _, seconds in results)}))


@contextlib.contextmanager
def valid_clients(server, what):
    with subprocess.Popen([sys.executable, "-B", __file__, "--clients", str(server.port)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as clients:
        clients.stdout.readline()
        try:
            yield
        finally:
            result = json.loads(clients.communicate()[0])
    failures, waits = result["failures"], sorted(result["seconds"])
    check(not failures, what, len(failures), "of", len(waits), "failed:", *failures[:3])
    check(result["fewest"] > 0, "both asked")
    print(f"       {what}: {len(waits)} requests, p99 "
          f"{1e3 * waits[len(waits) * 99 // 100]:.1f} ms, longest {1e3 * waits[-1]:.1f} ms")


def in_threads(count, function):
    threads = [threading.Thread(target=function, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ---- What is done to it


def hold_idle(server):
    """More connections that say nothing than there may be."""
    held = []
    for _ in range(some(500)):
        held.append(server.connect())
        time.sleep(0.001)
    for sock in held:
        sock.close()


def send_slowly(server):
    """Heads and bodies that come byte by byte: each is ended after a while."""
    answers = []

    def drip(i):
        text = HEAD + (b"X: " + b"x" * 400 if i % 2 else
                       b"Content-Length: 400\r\n\r\n" + b"x" * 399)
        with server.connect() as sock, sock.makefile("rb") as stream:
            with contextlib.suppress(OSError):
                for byte in text:
                    sock.sendall(bytes([byte]))
                    sock.settimeout(0.02)
                    with contextlib.suppress(socket.timeout):
                        if sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) is not None:
                            break
                    time.sleep(0.02)
            sock.settimeout(60)
            with contextlib.suppress(OSError):
                answers.append(read_reply(stream))

    in_threads(some(60), drip)
    check(all(reply is None or reply.status == 408 for reply in answers), answers)


def send_too_much(server):
    """Bodies over the limit: declared, and sent nevertheless; and in endless chunks."""
    def send(i):
        length = b"Transfer-Encoding: chunked" if i % 2 else b"Content-Length: 99999999999"
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n" if i % 2 else b"x" * 65536
        with server.connect() as sock, sock.makefile("rb") as stream:
            with contextlib.suppress(OSError):
                sock.sendall(HEAD + length + b"\r\n\r\n")
                for _ in range(200):
                    sock.sendall(piece)
            with contextlib.suppress(OSError):
                reply = read_reply(stream)
                check(reply is None or reply.status in (411, 413), reply)

    in_threads(some(40), send)


def one_bit_png(side):
    packed = zlib.compress(bytes(side * ((side + 7) // 8 + 1)), 9)
    return png_head(side, side, depth=1) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def send_bombs(server):
    """Pictures that are small as files and large in memory, or say so."""
    bombs = [claimed_png(100000, 28), claimed_png(28, 100000), claimed_png(32768, 32768),
             claimed_png(7000, 7000), one_bit_png(20000), plain_png(4000, 4000, 200)]
    check(max(len(bomb) for bomb in bombs) < 1 << 20, "under 1 MB each")
    statuses = []
    in_threads(some(18), lambda i: statuses.append(
        server.ask("POST", "/v1/predict", bombs[i % len(bombs)]).status))
    check(set(statuses) <= {200, 413, 422}, statuses)


def send_damaged(server):
    """Pictures cut off, changed, and no pictures at all."""
    generator = random.Random(3)
    files = [read_file(os.path.join(CORPUS, name)) for name in sorted(os.listdir(CORPUS))]
    connection = Connection(server.port)
    for i in range(some(400)):
        body = bytearray(generator.choice(files))
        if i % 3 == 0:
            body = body[:generator.randrange(len(body))]
        elif i % 3 == 1:
            for _ in range(generator.randrange(1, 20)):
                body[generator.randrange(len(body))] = generator.randrange(256)
        else:
            body = generator.randbytes(generator.randrange(2000))
        path = "/v1/explain?maps=1" if i % 7 == 0 else "/v1/predict"
        reply = connection.ask("POST", path, bytes(body))
        check(reply.status in DONE, i, reply)
    connection.close()


def send_nonsense(server):
    """Wrong methods, paths and types."""
    generator = random.Random(5)
    methods = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "BREW", "HEAD")
    paths = ("/", "/v1/predict", "/v1/explain?maps=x", "/v2/models/default/infer", "/%ff%00", "/x",
             "/v1/models/" + "y" * 500, "/v1/predict?model=%00")
    types = ("application/json", "multipart/form-data; boundary=", "text/html", "image/png", "a/b",
             "multipart/form-data; boundary=" + "b" * 500)
    connection = Connection(server.port)
    for i in range(some(600)):
        body = generator.randbytes(generator.randrange(300)) if i % 2 else b'{"pixels":[[[]]]}'
        reply = connection.ask(generator.choice(methods), generator.choice(paths), body,
                               {"Content-Type": generator.choice(types)})
        check(reply.status in DONE | {304, 404, 405}, reply)
    connection.close()


def pipeline(server):
    """Requests without waiting for replies, which come in order."""
    picture = read_file(digit_files(1)[0])
    predict = HEAD + b"Content-Length: %d\r\n\r\n" % len(picture) + picture
    ask = "GET /v1/models/m{} HTTP/1.1\r\nHost: a\r\n\r\n"
    for _ in range(some(20)):
        with server.connect() as sock, sock.makefile("rb") as stream:
            sock.sendall(b"".join(ask.format(i).encode() + predict for i in range(25)))
            for i in range(25):
                reply = read_reply(stream)
                check(reply.status == 404 and f'"m{i}\\"'.encode() in reply.body, i, reply)
                check(read_reply(stream).json()["digit"] is not None, "between them")


def come_and_go(server):
    """Connections that end at once: politely, with a reset, or amid a request."""
    reset = struct.pack("ii", 1, 0)
    for i in range(some(10000)):
        sock = server.connect()
        if i % 4 == 1:
            sock.sendall(b"GET /v1/mod")
        elif i % 4 == 2:
            sock.sendall(HEAD + b"Content-Length: 100\r\n\r\nabc")
        elif i % 4 == 3:
            sock.sendall(b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n")
        if i % 8 < 4:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        sock.close()


def everything_at_once(server):
    abuses = (hold_idle, send_slowly, send_too_much, send_bombs, send_damaged, send_nonsense,
              pipeline)
    wrong = []

    def abuse(i):
        try:
            abuses[i](server)
        except (AssertionError, OSError) as error:
            # where 256 connections are taken a rude one may find itself ended: no harm
            if isinstance(error, AssertionError):
                wrong.append(error)

    in_threads(len(abuses), abuse)
    check(not wrong, *wrong)


# ---- Tests


def valid_clients_see_nothing_of_abuse():
    with open("model", "wb") as file:
        file.write(read_file(os.path.join(SOURCE_DIR, "models/default.safetensors")))
    with Server("--model", "model", "--connections", "256", "--request-time",
                "3" if SLOW_BUILD else "1", "--quiet") as server:
        for abuse in (hold_idle, send_slowly, send_too_much, send_bombs, send_damaged,
                      send_nonsense, pipeline, come_and_go, everything_at_once):
            with valid_clients(server, abuse.__name__):
                abuse(server)
        server.wait_idle()


def valid_clients_see_nothing_of_new_models():
    """SIGHUP again and again, with the good file, rubbish and none in turn."""
    good = read_file(os.path.join(SOURCE_DIR, "models/default.safetensors"))
    with open("model", "wb") as file:
        file.write(good)
    with Server("--model", "model", "--quiet") as server:
        def events():
            return [line["event"] for line in server.log()
                    if line["event"] in ("model_kept", "model_loaded")]

        began = len(events())
        with valid_clients(server, "new models"):
            for turn, content in enumerate((good, b"rubbish", good[:1000], good, None, good) * 2):
                os.remove("model")
                if content is not None:
                    with open("model.new", "wb") as file:
                        file.write(content)
                    os.replace("model.new", "model")
                server.signal(signal.SIGHUP)
                server.wait_log(lambda _: len(events()) > began + turn, "each file")
                if content is None:
                    with open("model", "wb") as file:
                        file.write(b"")
            for _ in range(10):  # however fast they come
                server.signal(signal.SIGHUP)
        right = events()[began:began + 12] == [
            "model_loaded", "model_kept", "model_kept",
            "model_loaded", "model_kept", "model_loaded"] * 2
        check(right, "good files came, others did not", events())


def leaving_fails_no_request():
    """SIGTERM under load: what was accepted is answered, the port is free at once."""
    picture = read_file(digit_files(1)[0])
    for turn in range(3):
        failures, answered = [], []
        with Server("--log", f"leaving-{turn}.jsonl") as server:
            def load(i):
                connection = Connection(server.port)
                while True:
                    try:
                        if connection.client.sock is None:
                            connection.client.connect()
                    except OSError:
                        return  # nobody listens any more
                    try:
                        reply = connection.ask("POST", "/v1/predict", picture)
                        answered.append(reply.status)
                        if reply.status != 200:
                            failures.append(str(reply))
                    except Exception as error:  # pylint: disable=broad-except
                        failures.append(repr(error))
                        connection.close()
                    if i % 2:
                        connection.close()

            threads = [threading.Thread(target=load, args=(i,)) for i in range(8)]
            for thread in threads:
                thread.start()
            while len(answered) < some(400):
                time.sleep(0.01)
            server.signal(signal.SIGTERM)
            for thread in threads:
                thread.join()
            check(not failures, len(failures), "of", len(answered), failures[:3])
            with socket.socket() as sock:  # although the other may still be there
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind(("127.0.0.1", server.port))
                sock.listen()
            server.process.wait(120)
            with Server("--port", str(server.port), port_option=False) as other:
                check(other.ask("GET", "/v2/health/live").status == 200, "the port again")
        events = [line["event"] for line in server.log() if "event" in line]
        check(events == ["started", "leaving", "ended"], events)


def memory_does_not_grow():
    """Requests of many kinds, and those that fail: memory stays."""
    count = 1000000 if "--long" in sys.argv else some(20000)
    picture = read_file(digit_files(1)[0])
    pixels = json.dumps({"images": [[0] * 400 + [255] * 20 + [0] * 364] * 3}).encode()
    form = (b"--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\r\n\r\n" +
            picture + b"\r\n--b--\r\n")

    def post(path, body, kind=b"image/png"):
        return (b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" %
                (path, kind, len(body)) + body)

    mixture = b"".join((
        post(b"/v1/predict", picture) * 10, post(b"/v1/predict", pixels, b"application/json"),
        post(b"/v1/predict", form, b"multipart/form-data; boundary=b"),
        post(b"/v1/explain?maps=4", picture), post(b"/v1/predict", b"{", b"application/json"),
        post(b"/v1/predict", picture[:100]), post(b"/v1/predict?model=x", picture),
        post(b"/v2/models/default/infer", b"{}"),
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"))
    each = 20

    with Server("--quiet") as server:
        def ask_many(requests):
            def ask(_):
                mixtures = max(requests // 4 // each, 1)
                for done in range(0, mixtures, 50):
                    with server.connect() as sock, sock.makefile("rb") as stream:
                        for _ in range(min(50, mixtures - done)):
                            sock.sendall(mixture)
                            for _ in range(each):
                                check(read_reply(stream).status in (200, 400, 404, 422), "an answer")
            in_threads(4, ask)

        ask_many(count // 5)
        before = server.resident_bytes()
        ask_many(count)
        grown = server.resident_bytes() - before
        print(f"       {count} requests: {before / 1e6:.1f} MB, then {grown / 1e6:+.1f} MB")
        check(SLOW_BUILD or grown < 6e6, "it grew by", grown, "bytes")


if "--clients" in sys.argv:
    be_valid_clients(int(sys.argv[-1]))
    sys.exit(0)
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
if "--long" in sys.argv:
    run(memory_does_not_grow)
run(valid_clients_see_nothing_of_abuse, valid_clients_see_nothing_of_new_models,
    leaving_fails_no_request, memory_does_not_grow)
