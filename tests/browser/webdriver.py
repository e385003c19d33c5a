"""webdriver.py: headless Chromium through chromedriver, with Python's standard
library alone. For the tests of pages; must not know what is in a page.

    with webdriver.Browser() as browser:
        browser.set_view(390, 844, dark=True)
        browser.open("file:///tmp/report.html")
        title = browser.run("return document.title")

A machine without chromium or chromedriver: webdriver.missing() says so.
"""

import base64
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
START_SECONDS = 60
CALL_SECONDS = 120

# keys for Browser.press, as WebDriver names them
TAB, ENTER, SHIFT, CONTROL = "\ue004", "\ue007", "\ue008", "\ue009"
LEFT, UP, RIGHT, DOWN = "\ue012", "\ue013", "\ue014", "\ue015"


def _chromium():
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def missing():
    """The Debian package that is not installed, or None."""
    if _chromium() is None:
        return "chromium"
    if shutil.which("chromedriver") is None:
        return "chromium-driver"
    return None


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Browser:
    """One window. Every method raises RuntimeError where Chromium refuses."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="numeral-browser-")
        self.address = f"http://127.0.0.1:{_free_port()}"
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={self.address.rsplit(':', 1)[1]}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.profile})
        self.session = None
        try:
            self._wait_for_driver()
            self._begin_session()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends browser and driver, and takes the profile away."""
        try:
            if self.session is not None:
                self._call("DELETE", "")
        except (RuntimeError, OSError):
            pass
        self.session = None
        self.driver.terminate()
        try:
            self.driver.wait(10)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    # ---- the driver

    def _call(self, method, path, body=None):
        where = f"{self.address}/session"
        if self.session is not None:
            where += f"/{self.session}{path}"
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(
            where, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            said = json.load(error)["value"]
            raise RuntimeError(f"{said['error']}: {said['message']}") from None

    def _wait_for_driver(self):
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(self.address + "/status", timeout=5).close()
                return
            except OSError:
                if time.monotonic() > until or self.driver.poll() is not None:
                    raise RuntimeError("chromedriver does not answer") from None
                time.sleep(0.05)

    def _begin_session(self):
        options = {
            "binary": _chromium(),
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu",
                "--disable-dev-shm-usage", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--no-first-run",
                "--no-default-browser-check", "--hide-scrollbars",
                # a mouse is there: without a screen, Chromium finds none
                "--blink-settings=primaryHoverType=2,availableHoverTypes=2,"
                "primaryPointerType=4,availablePointerTypes=4",
                f"--user-data-dir={self.profile}/chromium"],
        }
        answer = self._call("POST", "", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})
        self.session = answer["sessionId"]
        # what Chromium's first page asks for is not ours
        self.open("about:blank")
        self.console()
        self.requests()

    # ---- what tests need

    def devtools(self, command, **parameters):
        """A command of Chromium's own protocol."""
        return self._call("POST", "/goog/cdp/execute",
                          {"cmd": command, "params": parameters})

    def set_view(self, width, height, dark=False, scale=1, touch=False):
        """The window's inside in CSS pixels, and the theme that is wished; touch:
        as a phone, with fingers for a mouse."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width,
                      height=height, deviceScaleFactor=scale, mobile=touch)
        self.devtools("Emulation.setTouchEmulationEnabled", enabled=touch)
        self.devtools("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, url):
        """Waits until the page and its pictures are loaded."""
        self._call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """Runs JavaScript in the page and gives what it returns."""
        return self._call("POST", "/execute/sync",
                          {"script": script, "args": list(arguments)})

    def run_async(self, script, *arguments):
        """The same for a script that calls its last argument when it is done."""
        return self._call("POST", "/execute/async",
                          {"script": script, "args": list(arguments)})

    def wait(self, script, seconds=30):
        """Runs the script until it returns something true, and gives that; None
        after so long."""
        until = time.monotonic() + seconds
        while True:
            found = self.run(script)
            if found:
                return found
            if time.monotonic() > until:
                return None
            time.sleep(0.02)

    def draw(self, lines, kind="mouse", pause_ms=4):
        """Lines of (x, y) in CSS pixels of the window, each drawn with a pointer of
        that kind ("mouse", "pen", "touch") that is put down, moved and lifted."""
        steps = []
        for line in lines:
            for i, (x, y) in enumerate(line):
                steps.append({"type": "pointerMove", "origin": "viewport", "x": round(x),
                              "y": round(y), "duration": 0 if i == 0 else pause_ms})
                if i == 0:
                    steps.append({"type": "pointerDown", "button": 0})
            steps.append({"type": "pointerUp", "button": 0})
        self._act({"type": "pointer", "id": kind, "actions": steps,
                   "parameters": {"pointerType": kind}})

    def press(self, *keys):
        """Presses keys one after the other: "a", webdriver.TAB, or several at once
        as a tuple, (webdriver.SHIFT, webdriver.RIGHT)."""
        steps = []
        for chord in keys:
            chord = chord if isinstance(chord, tuple) else (chord,)
            steps += [{"type": "keyDown", "value": key} for key in chord]
            steps += [{"type": "keyUp", "value": key} for key in reversed(chord)]
        self._act({"type": "key", "id": "keys", "actions": steps})

    def _act(self, source):
        self._call("POST", "/actions", {"actions": [source]})

    def choose_file(self, selector, path):
        """Gives a file to the input of that CSS selector, as its dialog would."""
        found = self._call("POST", "/element", {"using": "css selector", "value": selector})
        element = next(iter(found.values()))
        self._call("POST", f"/element/{element}/value", {"text": str(path)})

    def spoken(self):
        """What a screen reader finds: (role, name) of all that is not hidden."""
        self.devtools("Accessibility.enable")
        nodes = self.devtools("Accessibility.getFullAXTree")["nodes"]
        return [(node.get("role", {}).get("value", ""), node.get("name", {}).get("value", ""))
                for node in nodes if not node.get("ignored")]

    def console(self):
        """What was logged since the last call: (level, message)."""
        entries = self._call("POST", "/se/log", {"type": "browser"})
        return [(entry["level"], entry["message"]) for entry in entries]

    def requests(self):
        """The addresses that were asked for since the last call."""
        found = []
        for entry in self._call("POST", "/se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return found

    def screenshot(self, path):
        """The whole page, as a PNG file."""
        width, height = self.run(
            "const page = document.documentElement;"
            "return [page.clientWidth, page.scrollHeight]")
        shot = self.devtools(
            "Page.captureScreenshot", captureBeyondViewport=True,
            clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))
