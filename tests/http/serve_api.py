"""serve_api.py: every route and method of `numeral serve`, its headers, its errors,
and that web/openapi.json tells the truth about all of it."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

from picture_files import claimed_png, plain_png
from serving import (Connection, SOURCE_DIR, Server, check, digit_files, fail, form, numeral,
                     read_file, read_reply, run)

JSON = {"Content-Type": "application/json"}
PIXELS = json.dumps({"pixels": [0] * 300 + [255] * 20 + [0] * 464})
INFER = json.dumps({"inputs": [{"name": "image", "shape": [1, 28, 28], "datatype": "UINT8",
                                "data": [0] * 300 + [255] * 20 + [0] * 464}]})


def openapi():
    with open(os.path.join(SOURCE_DIR, "web/openapi.json"), encoding="utf-8") as file:
        return json.load(file)


def concrete(path):
    return path.replace("{name}", "default").replace("{version}", "1")


def example_of(path):
    """Headers and body of a POST that succeeds."""
    return (JSON, INFER) if path.startswith("/v2") else (JSON, PIXELS)


def check_error(reply, status, code=None, protocol=False):
    """As JSON, in the words of its interface."""
    check(reply.status == status, "status", status, reply)
    error = reply.json()["error"]
    if protocol:
        check(isinstance(error, str) and error, "a sentence", reply)
    else:
        check(error["code"] == code, "code", code, reply)
        check(set(error) == {"code", "message"} and error["message"], "a sentence", reply)
    check(reply.headers["x-content-type-options"] == "nosniff", reply)
    if status in (429, 503):
        check(int(reply.headers["retry-after"]) >= 1, "Retry-After", reply)


# ---- The description


def routes_of_source():
    """(method, path) of every route in app/serve/routes.c."""
    with open(os.path.join(SOURCE_DIR, "app/serve/routes.c"), encoding="ascii") as file:
        text = file.read()
    table = text[text.index("static const route routes[]"):]
    table = table[:table.index("these two are found otherwise")]
    found = set()
    for method, label in re.findall(r'\.method = "(\w+)",\s+\.path = "[^"]+",\s+\.label = "([^"]+)"',
                                    table):
        found.add((method.lower(), label))
    for kind, label in re.findall(r'(GET|INFER)_ROUTE\("[^"]+",\s+"([^"]+)"', table):
        found.add(("get" if kind == "GET" else "post", label))
    check(len(found) == table.count("_ROUTE(") + table.count(".method"), "all are found", found)
    return found


def described():
    return {(method, path) for path, item in openapi()["paths"].items() for method in item
            if method in ("get", "post", "put", "delete", "patch", "head", "options")}


def the_description_has_every_route():
    check(described() == routes_of_source(), described() ^ routes_of_source())
    check(os.path.getsize(os.path.join(SOURCE_DIR, "web/openapi.json")) < 40000, "< 40 kB")


def resolve(value, root):
    while "$ref" in value:
        place = root
        for part in value["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        value = place
    return value


def check_refs(value, root):
    """Every reference leads somewhere."""
    if isinstance(value, dict):
        if "$ref" in value:
            resolve(value, root)
        for inner in value.values():
            check_refs(inner, root)
    elif isinstance(value, list):
        for inner in value:
            check_refs(inner, root)


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_of_type(value, word):
    if word in ("number", "integer"):
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole or (word == "number" and isinstance(value, float))
    return isinstance(value, TYPES[word])


def matches(value, schema, root):
    """The part of JSON Schema that the description uses, and nothing else."""
    schema = resolve(schema, root)
    known = {"type", "properties", "required", "items", "enum", "const", "minimum", "maximum",
             "minItems", "maxItems", "oneOf", "anyOf", "allOf", "description", "examples",
             "example", "contentEncoding", "contentMediaType", "format", "default", "title",
             "additionalProperties", "maxLength", "pattern"}
    check(set(schema) <= known, "schema words", set(schema) - known)
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds and not any(is_of_type(value, kind) for kind in kinds):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "const" in schema and value != schema["const"]:
        return False
    for word, count in (("oneOf", 1), ("anyOf", None), ("allOf", None)):
        if word in schema:
            good = sum(matches(value, inner, root) for inner in schema[word])
            wanted = len(schema[word]) if word == "allOf" else count
            if good == 0 or (wanted is not None and good != wanted):
                return False
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        if not set(schema.get("required", [])) <= set(value):
            return False
        if schema.get("additionalProperties") is False and not set(value) <= set(inner):
            return False
        return all(matches(value[name], inner[name], root) for name in value if name in inner)
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return False
        return all(matches(item, schema.get("items", {}), root) for item in value)
    if is_of_type(value, "number"):
        return schema.get("minimum", value) <= value <= schema.get("maximum", value)
    return True


def check_reply_described(operation, reply, root, what):
    said = resolve(operation["responses"][str(reply.status)], root)
    kind = reply.headers["content-type"].split(";")[0]
    check(kind in said["content"], what, "content type", kind)
    schema = said["content"][kind].get("schema")
    if kind == "application/json":
        check(matches(json.loads(reply.body), schema, root), what, "its schema", reply)


def the_description_is_true():
    """Every operation answers, with what its schema says; so do its examples."""
    root = openapi()
    check(root["openapi"].startswith("3.1."), "3.1")
    check(root["info"]["version"] == numeral("--version")[0].split()[1], "version")
    check_refs(root, root)
    with Server() as server:
        for path, item in root["paths"].items():
            for method in (word for word in item if word in ("get", "post")):
                headers, body = example_of(path) if method == "post" else ({}, None)
                reply = server.ask(method.upper(), concrete(path), body, headers)
                check(reply.status == 200, method, path, reply)
                check_reply_described(item[method], reply, root, path)
                if method == "post":
                    check_posts(server, path, item[method], root)
        missing = server.ask("GET", "/v1/models/missing")
        check_reply_described(root["paths"]["/v1/models/{name}"]["get"], missing, root, "404")
        missing = server.ask("GET", "/v2/models/missing")
        check_reply_described(root["paths"]["/v2/models/{name}"]["get"], missing, root, "404")


def check_posts(server, path, operation, root):
    """The examples of requests that the description gives are answered with 200, and
    a bad one as it says."""
    for kind, content in resolve(operation["requestBody"], root)["content"].items():
        for name, example in content.get("examples", {}).items():
            value = resolve(example, root)["value"]
            reply = server.ask("POST", concrete(path), json.dumps(value), {"Content-Type": kind})
            check(reply.status == 200, path, "example", name, reply)
            check_reply_described(operation, reply, root, path)
    bad = server.ask("POST", concrete(path), "{", JSON)
    check(bad.status == 400, bad)
    check_reply_described(operation, bad, root, path)


# ---- Routes and methods


def every_route_and_method():
    methods = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")
    with Server() as server:
        connection = Connection(server.port)
        for known, path in sorted(described()) + [("get", "/"), ("get", "/openapi.json")]:
            allowed = {"GET", "HEAD"} if known == "get" else {"POST"}
            for method in methods:
                headers, body = example_of(path) if method == "POST" else ({}, None)
                reply = connection.ask(method, concrete(path), body, headers)
                if method not in allowed:
                    if method == "HEAD":
                        check(reply.status == 405 and reply.body == b"", path, reply)
                    else:
                        check_error(reply, 405, "method_not_allowed", path.startswith("/v2"))
                    said = {word.strip() for word in reply.headers["allow"].split(",")}
                    check(said == allowed, path, "Allow", reply)
                    continue
                check(reply.status == 200, method, path, reply)
                if method == "HEAD":
                    check_head(connection, reply, concrete(path))
        connection.close()


def check_head(connection, head, path):
    """HEAD says what GET says, without a body."""
    check(head.body == b"", "no body", head)
    body = connection.ask("GET", path)
    check(set(head.headers) == set(body.headers), path, head, body)
    for name in ("content-type", "etag"):
        check(head.headers.get(name) == body.headers.get(name), path, head, body)
    if path not in ("/metrics", "/v1/samples/random"):
        check(head.headers["content-length"] == body.headers["content-length"], head, body)


def paths_that_are_none():
    with Server() as server:
        connection = Connection(server.port)
        for path in ("/x", "/v1", "/v1/", "/v1/predict/", "/v1/models/", "/v1/models/a/b",
                     "//", "/..", "/../etc/passwd", "/%2e%2e/etc/passwd", "/page.css/",
                     "/v1/predict%00", "/index.html", "/" + "x" * 3000):
            reply = connection.ask("GET", path)
            if reply.status == 405 and path == "/v1/predict%00":
                continue  # a zero ends a path: that is /v1/predict, for POST
            check_error(reply, 404, "not_found")
        for path in ("/v2/", "/v2/x", "/v2/models", "/v2/models/", "/v2/health", "/v2/models//ready",
                     "/v2/models/missing", "/v2/models/missing/ready",
                     "/v2/models/default/versions/2", "/v2/models/default/versions/11/ready",
                     "/v2/models/default/versions//ready", "/v2/models/" + "d" * 65):
            check_error(connection.ask("GET", path), 404, protocol=True)
        check_error(connection.ask("GET", "/v1/models/missing"), 404, "not_found")
        check_error(connection.ask("POST", "/v1/predict?model=missing", PIXELS, JSON), 404,
                    "not_found")
        check_error(connection.ask("POST", "/v2/models/default/versions/2/infer", INFER, JSON),
                    404, protocol=True)
        connection.close()


# ---- The page


def the_page_and_its_files():
    with Server() as server:
        connection = Connection(server.port)
        page = connection.ask("GET", "/")
        check(page.headers["content-type"] == "text/html; charset=utf-8", page)
        for name, value in {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
                            "cache-control": "no-cache",
                            "cross-origin-opener-policy": "same-origin"}.items():
            check(page.headers[name] == value, name, page)
        policy = page.headers["content-security-policy"]
        for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
                     "base-uri 'none'", "form-action 'none'"):
            check(rule in policy, rule, policy)
        check("unsafe" not in policy and "http" not in policy, policy)
        files = set(re.findall(r'(?:src|href)="(/?[\w.-]+\.(?:js|css|svg|json))"',
                               page.body.decode()))
        check(files, "files of the page")
        for path in {"/"} | {"/" + name.lstrip("/") for name in files} | {"/openapi.json"}:
            check_file(connection, path)
        connection.close()


def check_file(connection, path):
    file = connection.ask("GET", path)
    check(file.status == 200 and file.body, path, file)
    tag = file.headers["etag"]
    check(re.fullmatch(r'"[0-9a-f]+"', tag), tag)
    for asked, status in ((tag, 304), ("W/" + tag, 304), ('"a", ' + tag, 304), ("*", 304),
                          ('"other"', 200), ("", 200)):
        reply = connection.ask("GET", path, headers={"If-None-Match": asked})
        check(reply.status == status, path, "If-None-Match:", asked, reply)
        check(reply.headers["etag"] == tag, reply)
        check(bool(reply.body) == (status == 200), reply)


# ---- Errors


def bodies_that_are_wrong():
    picture = read_file(digit_files(1)[0])
    headers, two = form(("a.png", picture), ("b.png", picture))
    cases = [
        # path, headers, body, status, code
        ("/v1/predict", {}, b"", 400, "malformed"),
        ("/v1/predict", JSON, "{", 400, "malformed"),
        ("/v1/predict", JSON, '{"pixels": [], "pixels": []}', 400, "malformed"),
        ("/v1/predict", JSON, b'{"pixels": "\xff"}', 400, "malformed"),
        ("/v1/predict", JSON, "[" * 100000, 400, "malformed"),
        ("/v1/predict", JSON, "[]", 422, "cannot_be_read"),
        ("/v1/predict", JSON, "{}", 422, "cannot_be_read"),
        ("/v1/predict", JSON, '{"pixels": [], "images": []}', 422, "cannot_be_read"),
        ("/v1/predict", JSON, '{"pixels": [0, 1]}', 422, "cannot_be_read"),
        ("/v1/predict", JSON, json.dumps({"pixels": [0] * 783 + [256]}), 422, "cannot_be_read"),
        ("/v1/predict", JSON, json.dumps({"pixels": [0] * 783 + [-1]}), 422, "cannot_be_read"),
        ("/v1/predict", JSON, json.dumps({"pixels": [0] * 783 + [0.5]}), 422, "cannot_be_read"),
        ("/v1/predict", JSON, json.dumps({"pixels": [0] * 785}), 422, "cannot_be_read"),
        ("/v1/predict", JSON, json.dumps({"pixels": [[0] * 28] * 27 + [[0] * 27]}), 422,
         "cannot_be_read"),
        ("/v1/predict", JSON, '{"images": []}', 422, "cannot_be_read"),
        ("/v1/predict", JSON, '{"images": 7}', 422, "cannot_be_read"),
        ("/v1/predict", {}, b"no picture", 422, "cannot_be_read"),
        ("/v1/predict", {}, picture[:60], 422, "cannot_be_read"),
        ("/v1/predict", {}, claimed_png(100000, 28), 413, "too_large"),
        ("/v1/predict", {}, claimed_png(30000, 30000), 413, "too_large"),
        ("/v1/predict", {"Content-Type": "text/plain"}, picture, 415, "unsupported_type"),
        ("/v1/predict", {**JSON, "Content-Encoding": "gzip"}, PIXELS, 415, "unsupported_type"),
        ("/v1/predict", headers, two[:-200], 400, "malformed"),
        ("/v1/predict", headers, b"nothing like it", 422, "cannot_be_read"),
        ("/v1/predict", {"Content-Type": "multipart/form-data"}, two, 400, "malformed"),
        ("/v1/predict", headers, form()[1], 422, "cannot_be_read"),
        ("/v1/predict", headers, form(("a.png", picture), ("b.txt", b"text"))[1], 422,
         "cannot_be_read"),
        ("/v1/explain", headers, two, 422, "cannot_be_read"),
        ("/v1/explain?maps=x", {}, picture, 400, "malformed"),
        ("/v1/explain?maps=-1", {}, picture, 400, "malformed"),
        ("/v1/explain?heat=10", {}, picture, 400, "malformed"),
        ("/v1/explain?heat=", {}, picture, 400, "malformed"),
        ("/v1/explain?heat=99999999999999999999", {}, picture, 400, "malformed"),
        ("/v1/explain", {}, b"no picture", 422, "cannot_be_read"),
    ]
    with Server() as server:
        connection = Connection(server.port)
        for path, kind, body, status, code in cases:
            try:
                check_error(connection.ask("POST", path, body, kind), status, code)
            except AssertionError as error:
                raise AssertionError(f"{path} {kind} {body[:60]!r}: {error}") from error
        connection.close()


def what_is_no_http():
    """400, an end, or 408 (blank lines may yet become a request) for what never was
    one, and the server lives on."""
    head = b"POST /v1/predict HTTP/1.1\r\nHost: a\r\n"
    with Server("--request-time", "1") as server:
        for request in (b"\r\n\r\n\r\n", b"\0\1\2\3\r\n\r\n", b"GET\r\n\r\n",
                        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
                        b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
                        head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
                        head + b"Content-Length: -1\r\n\r\n", head + b"Content-Length: x\r\n\r\n",
                        head + b"Content-Length: 99999999999999999999999\r\n\r\n",
                        head + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
            with server.connect() as sock, sock.makefile("rb") as stream:
                sock.sendall(request)
                sock.shutdown(socket.SHUT_WR)
                reply = read_reply(stream)
            check(reply is None or reply.status in (400, 408, 411, 413, 505), request, reply)
        check(server.ask("GET", "/v2/health/live").status == 200, "it lives")


def lengths_and_limits():
    """411, 413, 431, as JSON, and before the body is sent."""
    head = b"POST /v1/predict HTTP/1.1\r\nHost: a\r\n"
    chunked = b"Transfer-Encoding: chunked\r\n\r\n"
    with Server("--body", "1", "--pixels", "1") as server:
        check_error(server.raw(head + chunked + b"4\r\nabcd\r\n0\r\n\r\n"), 411, "length_required")
        check_error(server.raw(head + chunked), 411, "length_required")
        check_error(server.raw(head.replace(b"/v1/predict", b"/v2/models/default/infer") + chunked),
                    411, protocol=True)
        check_error(server.raw(head + b"Content-Length: 1025\r\n\r\n"), 413, "too_large")
        check_error(server.raw(head + b"Content-Length: 1025\r\nExpect: 100-continue\r\n\r\n"),
                    413, "too_large")
        check_error(server.raw(head.replace(b"/v1/predict", b"/v2/models/default/infer") +
                               b"Content-Length: 1025\r\n\r\n"), 413, protocol=True)
        check_error(server.ask("POST", "/v1/predict", claimed_png(1001, 1000)), 413, "too_large")
        check(server.ask("POST", "/v1/predict", b"x" * 1024).status == 422, "1024 may come")
        for size in (17000, 20000, 40000, 400000):
            for request in (head + b"X: " + b"x" * size + b"\r\n\r\n",
                            b"GET /" + b"x" * size + b" HTTP/1.1\r\nHost: a\r\n\r\n"):
                long = server.raw(request)
                check(long.status in (414, 431), size, long)
                if size <= 20000:  # larger ones libmicrohttpd refuses by itself
                    check(long.json()["error"], long)
        with server.connect() as sock, sock.makefile("rb") as stream:
            sock.sendall(head + b"Content-Length: 4\r\nExpect: 100-continue\r\n\r\n")
            check(read_reply(stream).status == 100, "continue")
            sock.sendall(b"abcd")
            check(read_reply(stream).status == 422, "... and the answer")
        check(server.ask("GET", "/").status == 200, "it lives")


def slow_ones_end():
    """408 as JSON where the body does not come; heads end too."""
    head = b"POST /v1/predict HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"
    with Server("--request-time", "0.3", "--idle-time", "0.3") as server:
        late = server.raw(head)
        check(late.status == 408 and late.json()["error"], late)
        check(late.headers["connection"] == "close", late)
        late = server.raw(b"GET / HTT")
        check(late is None or late.status == 408, late)
        check(server.raw(b"") is None, "idle ones end without a word")
        check(server.ask("GET", "/").status == 200, "others do not")
        server.wait_log(lambda line: line.get("status") == 408, "a 408")
        server.wait_idle()
        metrics = server.ask("GET", "/metrics").body.decode()
        check('code="408"} 1' in metrics, metrics)


def the_server_was_slow():
    """What came in time is answered, though the server stood still meanwhile."""
    text = (b"POST /v1/predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(PIXELS) + PIXELS.encode())
    with Server("--request-time", "1", "--idle-time", "30") as server:
        for cut in (10, len(text) - 5):
            socks = [server.connect() for _ in range(50)]
            for sock in socks:
                sock.sendall(text[:cut])
            time.sleep(0.2)  # they are seen to have begun
            server.signal(signal.SIGSTOP)
            for sock in socks:
                sock.sendall(text[cut:])
            time.sleep(1.2)
            server.signal(signal.SIGCONT)
            for sock in socks:
                with sock, sock.makefile("rb") as stream:
                    reply = read_reply(stream)
                    check(reply is not None and reply.status == 200, cut, reply)


def too_many():
    """429 where an address asks too often; health and page are free."""
    with Server("--rate", "1") as server:
        connection = Connection(server.port)
        replies = [connection.ask("POST", "/v1/predict", PIXELS, JSON) for _ in range(10)]
        check(replies[0].status == 200, replies[0])
        refused = [reply for reply in replies if reply.status != 200]
        check(len(refused) >= 5, "most are refused", len(refused))
        for reply in refused:
            check_error(reply, 429, "too_many_requests")
        check_error(connection.ask("GET", "/v2"), 429, protocol=True)
        for path in ("/v2/health/live", "/v2/health/ready", "/"):
            check(connection.ask("GET", path).status == 200, path)
        connection.close()


def too_busy():
    """503 with Retry-After where too many wait; those that do not, are answered."""
    large = plain_png(4000, 4000)
    with Server("--threads", "1", "--queue", "1", "--drain-time", "60") as server:
        for _ in range(20):
            replies = []
            threads = [threading.Thread(target=lambda: replies.append(
                server.ask("POST", "/v1/predict", large))) for _ in range(16)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            check(len(replies) == 16, "all are answered")
            for reply in (reply for reply in replies if reply.status != 200):
                check_error(reply, 503, "busy")
            if any(reply.status == 503 for reply in replies):
                return
        fail("503 never came")


def long_bodies():
    """Long bodies share 32 times the most of one; short ones come through."""
    head = b"POST /v1/predict HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (512 * 1024)
    with Server("--body", "512") as server, contextlib.ExitStack() as stack:
        for _ in range(32):
            stack.enter_context(server.connect()).sendall(head + b"x")
        check(server.ask("POST", "/v1/predict", PIXELS, JSON).status == 200, "a short one")
        server.wait_idle(others=32)
        check_error(server.raw(head), 503, "busy")
        stack.close()
        server.wait_idle()
        check(server.ask("POST", "/v1/predict", b"x" * 512 * 1024).status == 422,
              "there is room for long ones again")


# ---- Who may ask


def tokens():
    with open("token.txt", "w", encoding="ascii") as file:
        file.write("0123456789abcdef-token\nsecond line\n")
    right = {"Authorization": "Bearer 0123456789abcdef-token"}
    with Server("--token-file", "token.txt") as server:
        for path in ("/v1/models", "/v1/samples/random", "/metrics"):
            check_error(server.ask("GET", path), 401, "unauthorised")
            check(server.ask("GET", path, headers=right).status == 200, path)
        reply = server.ask("GET", "/v2")
        check_error(reply, 401, protocol=True)
        check(reply.headers["www-authenticate"] == "Bearer", reply)
        check(server.ask("POST", "/v1/predict", PIXELS, {**JSON, **right}).status == 200, "right")
        for wrong in ("Bearer 0123456789abcdef-tokeN", "Bearer ", "Bearer", "", "Basic YTpi",
                      "Bearer 0123456789abcdef-token2", "Bearer 0123456789abcdef",
                      "Bearer 0123456789abcdef-token0123456789abcdef-token"):
            check_error(server.ask("POST", "/v1/predict", PIXELS, {"Authorization": wrong}), 401,
                        "unauthorised")
        # RFC 9110, 11.1: the scheme's case does not matter
        check(server.ask("GET", "/v1/models",
                         headers={"Authorization": right["Authorization"].replace("B", "b")}
                         ).status == 200, "bearer")
        for path in ("/", "/openapi.json", "/v2/health/live", "/v2/health/ready"):
            check(server.ask("GET", path).status == 200, path, "is open")
        check(all("0123456789abcdef" not in str(line) for line in server.log()), "no token in logs")


def other_origins():
    asks = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    with Server() as server:
        check("access-control-allow-origin" not in
              server.ask("GET", "/v2", headers={"Origin": "https://a.example"}).headers, "none")
        check_error(server.ask("OPTIONS", "/v1/predict", headers=asks), 405, "method_not_allowed")
    with open("token.txt", "w", encoding="ascii") as file:
        file.write("0123456789abcdef-token\n")
    with Server("--cors", "https://a.example", "--token-file", "token.txt") as server:
        reply = server.ask("OPTIONS", "/v1/predict", headers=asks)
        check(reply.status == 204 and reply.body == b"", reply)
        check("POST" in reply.headers["access-control-allow-methods"], reply)
        said = reply.headers["access-control-allow-headers"].lower()
        check("content-type" in said and "authorization" in said, reply)
        check(int(reply.headers["access-control-max-age"]) > 0, reply)
        for reply in (reply, server.ask("GET", "/v2"), server.ask("GET", "/v2/health/live")):
            check(reply.headers["access-control-allow-origin"] == "https://a.example", reply)
            check(reply.headers["vary"] == "Origin", reply)
    with Server("--cors", "*") as server:
        reply = server.ask("POST", "/v1/predict", PIXELS, JSON)
        check(reply.headers["access-control-allow-origin"] == "*", reply)
        check("vary" not in reply.headers, reply)


def encrypted():
    """HTTPS, where there is openssl to make a certificate with."""
    if shutil.which("openssl") is None:
        print("skipped: openssl is not installed")
        return
    import ssl  # pylint: disable=import-outside-toplevel
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    "key.pem", "-out", "cert.pem"], check=True, capture_output=True)
    context = ssl.create_default_context(cafile="cert.pem")
    picture = read_file(digit_files(1)[0])
    with Server("--cert", "cert.pem", "--key", "key.pem") as server:
        import http.client  # pylint: disable=import-outside-toplevel
        client = http.client.HTTPSConnection("127.0.0.1", server.port, context=context)
        for _ in range(2):
            client.request("POST", "/v1/predict", picture)
            reply = client.getresponse()
            check(reply.status == 200 and json.load(reply)["digit"] is not None, reply.status)
            check("max-age" in reply.getheader("Strict-Transport-Security"), "HSTS")
        client.close()
    numeral("serve", "--port", "0", "--cert", "cert.pem", status=2)
    numeral("serve", "--port", "0", "--cert", "key.pem", "--key", "cert.pem", status=1)


# ---- How it is started


def wrong_usage():
    with open("short.txt", "w", encoding="ascii") as file:
        file.write("short\n")
    with open("no-model", "w", encoding="ascii") as file:
        file.write("no model\n")
    for status, options in (
            (2, ["--port", "70000"]), (2, ["--port", "x"]), (2, ["--queue", "0"]),
            (2, ["--body", "0"]), (2, ["--pixels", "1000"]), (2, ["--rate", "-1"]),
            (2, ["--precision", "fp8"]), (2, ["--unknown"]), (2, ["operand"]),
            (2, ["--connections", "1"]),
            (1, ["--token-file", "missing.txt"]), (1, ["--token-file", "short.txt"]),
            (1, ["--model", "missing.safetensors"]), (1, ["--model", "no-model"]),
            (1, ["--model", "a b=builtin"]), (1, ["--model", "=builtin"]),
            (1, ["--model", "a=builtin", "--model", "a=builtin"]),
            (1, ["--host", "no.such.host.invalid"]), (1, ["--host", "192.0.2.1"]),
            (1, ["--log", "missing-folder/log"]), (1, ["--cert", "short.txt", "--key", "short.txt"])):
        out, err = numeral("serve", *(["--port", "0"] if "--port" not in options else []), *options,
                           status=status)
        check(out == "" and err.startswith("numeral: "), options, err)
        check(len(err.splitlines()) <= 4, options, err)
    numeral("serve", status=2, environment={"PORT": "x"})
    numeral("serve", status=2, environment={"PORT": "70000"})


def ports():
    """--port before PORT; what is taken is said to be; 0 is any free one."""
    with Server() as first, Server("--log", "second.jsonl") as second:
        check(first.port != second.port and first.port > 0, "two free ports")
        _, err = numeral("serve", "--port", str(first.port), status=1)
        check(str(first.port) in err and "taken" in err, err)
        _, err = numeral("serve", status=1, environment={"PORT": str(first.port)})
        check(str(first.port) in err, err)
    with Server(environment={"PORT": "0"}, port_option=False) as server:
        check(server.ask("GET", "/v2/health/live").status == 200, "PORT")
    with Server(environment={"PORT": str(first.port)}) as server:
        check(server.ask("GET", "/v2/health/live").status == 200, "--port 0 counts")
    with Server("--host", "localhost") as server:
        check(server.ask("GET", "/v2/health/live").status == 200, "a name")


run(the_description_has_every_route, the_description_is_true, every_route_and_method,
    paths_that_are_none, the_page_and_its_files, bodies_that_are_wrong, what_is_no_http,
    lengths_and_limits, slow_ones_end, the_server_was_slow, too_many, too_busy, long_bodies,
    tokens, other_origins, encrypted, wrong_usage, ports)
