"""check_serve_page.py ADDRESS STROKES PICTURE LABEL: the page of numeral serve in
Chromium. STROKES is what write_strokes gives for all ten digits, PICTURE a PNG file
of the digit LABEL.

On a phone, a tablet and a desk, light and dark: nothing logged, nothing asked of
another host, nothing wider than the window, all words readable. Digits drawn with
a mouse, a finger and keys are read; every tool does what it says; whoever has only
a keyboard or a screen reader finds everything.
"""

import base64
import pathlib
import sys

import webdriver

VIEWS = [(width, height, dark) for width, height in ((390, 844), (768, 1024), (1440, 900))
         for dark in (False, True)]
PAGE_BYTES_MAX = 150_000
CALM_SECONDS = 30

failures = []


def expect(right, text):
    if not right:
        failures.append(text)


def check_console(browser, where):
    for level, message in browser.console():
        if "Multiple readback operations" not in message:  # of this test, not of the page
            failures.append(f"{where}: console: {level}: {message}")


# ---- the page as it is used

READY = "return document.documentElement.dataset.ready === 'yes'"
PLACE = """const box = document.getElementById("canvas").getBoundingClientRect();
return [box.left, box.top, box.width]"""
# nothing is on its way, and what is shown is of this paper
CALM = """return document.getElementById("answer").getAttribute("aria-busy") === "false" """
STATE = """
const text = id => document.getElementById(id).textContent;
return {digit: text("digit"), sure: text("sure"), truth: text("truth"), message: text("message-text"),
  invited: !document.getElementById("invitation").hidden, heat: !document.getElementById("heat").hidden,
  pressed: document.getElementById("warm").getAttribute("aria-pressed"),
  chosen: [...document.querySelectorAll(".odd")].findIndex(row => row.getAttribute("aria-pressed") === "true"),
  note: text("odds-note"), values: [...document.querySelectorAll(".odd .value")].map(e => e.textContent),
  spent: text("spent-title")}
"""
# how much of a canvas is not of one colour
INKED = """
const canvas = document.querySelector(arguments[0]), {width, height} = canvas;
const data = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer);
return data.filter(pixel => pixel !== data[0]).length / data.length;
"""


class Page:
    def __init__(self, browser, address):
        self.browser = browser
        self.address = address

    def open(self, hash_part=""):
        self.browser.open("about:blank")
        self.browser.open(self.address + hash_part)
        expect(self.browser.wait(READY), "the page does not come to life")
        self.calm()

    def calm(self):
        expect(self.browser.wait(CALM, CALM_SECONDS), "an answer never comes")

    def state(self):
        self.calm()
        return self.browser.run(STATE)

    def click(self, name):
        self.browser.run("document.getElementById(arguments[0]).click()", name)

    def draw(self, strokes, kind="mouse"):
        """Strokes in sides of the paper."""
        left, top, side = self.browser.run(PLACE)
        self.browser.draw([[(left + x * side, top + y * side) for x, y in line] for line in strokes], kind)

    def wait(self, condition, text):
        found = self.browser.wait(f"return {condition}")
        expect(found, text)


def read_strokes(path):
    """The ten digits of a stroke file: lists of lines of (x, y)."""
    digits, strokes = [], []
    for line in path.read_text().splitlines():
        words = line.split()
        if words[0] == "down":
            strokes.append([])
        if words[0] in ("down", "move"):
            strokes[-1].append((float(words[1]), float(words[2])))
        if words[0] == "clear":
            digits.append(strokes)
            strokes = []
    return digits


def check_ten(page, digits, kind):
    page.open()
    for digit, strokes in enumerate(digits):
        page.draw(strokes, kind)
        state = page.state()
        expect(state["digit"] == str(digit), f"{kind}: a {digit} was read as {state['digit']}, {state['sure']}")
        page.click("clear")


# ---- each tool

def check_tools(page, digits):
    page.open()
    page.wait("document.querySelector('.layer') !== null", "there are no layers before anything is drawn")
    blank = page.state()
    expect(blank["digit"] == "–" and blank["sure"] == "no digit yet", f"blank paper is read as {blank}")
    expect(blank["invited"], "blank paper does not invite to draw")
    page.draw(digits[3])
    three = page.state()
    expect(not three["invited"], "the invitation stays on the drawing")
    expect(sum(float(value[:-1]) for value in three["values"]) > 99.9, f"the bars are {three['values']}")
    expect(three["spent"].endswith(" ms"), f"no time is told: {three['spent']}")
    for canvas in ("#seen", ".map"):
        expect(page.browser.run(INKED, canvas) > 0.05, f"{canvas} is blank")
    check_heat(page)
    check_undo(page, three)


def check_heat(page):
    page.click("warm")
    page.wait("!document.getElementById('heat').hidden", "no heat is shown")
    expect("speaks for 3" in page.state()["note"], "heat is not said to be of the answer")
    expect(page.browser.run(INKED, "#heat") > 0.05, "the heat is blank")
    page.browser.run("document.querySelectorAll('.odd')[8].click()")
    page.wait("document.getElementById('odds-note').textContent.includes('speaks for 8')", "no heat of another digit")
    expect(page.state()["chosen"] == 8, "the chosen digit is not marked")
    page.click("warm")
    state = page.state()
    expect(not state["heat"] and state["pressed"] == "false", "heat cannot be put away")


def check_undo(page, three):
    page.click("clear")
    expect(page.state()["digit"] == "–", "Clear leaves a digit")
    page.browser.press((webdriver.CONTROL, "z"))
    again = page.state()
    expect(again["digit"] == three["digit"], "Ctrl+Z does not bring the drawing back")
    expect(again["values"] == three["values"], "what Undo brings back is read otherwise")
    page.click("undo")
    expect(page.state()["invited"], "Undo leaves the stroke")
    page.browser.press("u")
    expect("nothing to undo" in page.state()["message"], "u on blank paper says nothing")


def check_keyboard(page):
    """A 1, drawn with keys."""
    page.open()
    page.browser.run("document.getElementById('canvas').focus()")
    up = [(webdriver.SHIFT, webdriver.UP)] * 3
    page.browser.press(*up, " ", *[webdriver.DOWN] * 30, " ")
    state = page.state()
    expect(state["digit"] == "1", f"a 1 drawn with keys is read as {state['digit']}")
    expect(page.browser.run("return !document.getElementById('cursor').hidden"), "the keys' pen is not shown")
    page.browser.press("+", "c")
    expect(page.state()["invited"], "c does not clear")


# a finger draws; a palm is beside it; then a pen comes: how much ink there is
HANDS = """
const canvas = document.getElementById("canvas"), box = canvas.getBoundingClientRect();
const send = (type, pointerId, pointerType, x, y) => canvas.dispatchEvent(new PointerEvent(type, {
  pointerId, pointerType, bubbles: true, button: type === "pointermove" ? -1 : 0, pressure: 0.5,
  clientX: box.left + x * box.width, clientY: box.top + y * box.height}));
const ink = () => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.filter((v, i) => i % 4 === 3 && v > 0).length;
const inks = [];
for (const [id, kind, y] of [[1, "touch", 0.2], [2, "touch", 0.8], [3, "pen", 0.5]]) {
  send("pointerdown", id, kind, 0.2, y);
  if (kind === "touch") send("pointermove", id, kind, id === 1 ? 0.8 : 0.5, y);
  inks.push(ink());
}
send("pointerup", 3, "pen", 0.2, 0.5);
return inks;
"""


def check_palm(page):
    page.open()
    finger, palm, pen = page.browser.run(HANDS)
    expect(finger > 0 and palm == finger, f"a palm beside a finger draws: {palm} pixels after {finger}")
    expect(0 < pen < finger / 2, f"a pen does not take over from a finger: {pen} pixels after {finger}")
    page.calm()


def check_random(page):
    page.open()
    page.browser.press("r")
    page.wait("document.getElementById('truth').textContent !== ''", "r brings no test image")
    state = page.state()
    expect(state["truth"].startswith("it is a "), f"the truth is told as {state['truth']}")
    told, wanted = state["truth"].split(": ")
    expect((wanted == "right") == (told[-1] == state["digit"]), f"{state['truth']}, read as {state['digit']}")
    expect(page.browser.run(INKED, "#canvas") > 0.01, "the test image is not shown")


GIVE = """
const [kind, name, text] = arguments, done = arguments[3];
const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0)), data = new DataTransfer();
data.items.add(new File([bytes], name, {type: name.endsWith(".png") ? "image/png" : "text/plain"}));
const event = kind === "paste" ? new ClipboardEvent("paste", {clipboardData: data, bubbles: true})
  : new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true});
document.getElementById("canvas").dispatchEvent(event);
setTimeout(done, 200);
"""


# a picture without ink, in base64
WHITE = """
const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
context.fillStyle = "#fff";
context.fillRect(0, 0, canvas.width, canvas.height);
return canvas.toDataURL("image/png").split(",")[1];
"""


def check_pictures(page, picture, label):
    text = base64.b64encode(picture.read_bytes()).decode()
    ways = {"file": lambda: page.browser.choose_file("#file", picture),
            "camera": lambda: page.browser.choose_file("#camera", picture),
            "paste": lambda: page.browser.run_async(GIVE, "paste", "pasted.png", text),
            "drop": lambda: page.browser.run_async(GIVE, "drop", "dropped.png", text)}
    for way, give in ways.items():
        page.open()
        give()
        page.wait("document.getElementById('digit').textContent !== '–'", f"{way}: no answer")
        state = page.state()
        expect(state["digit"] == label, f"{way}: a {label} was read as {state['digit']}")
        expect(page.browser.run(INKED, "#canvas") > 0.01, f"{way}: the picture is not shown")
    page.click("warm")
    page.wait("!document.getElementById('heat').hidden", "no heat over a picture")
    page.browser.run_async(GIVE, "paste", "blank.png", page.browser.run(WHITE))
    state = page.state()
    expect(state["sure"] == "no digit: no ink", f"a blank picture is read as {state['sure']}")
    page.browser.run_async(GIVE, "drop", "words.txt", base64.b64encode(b"words").decode())
    expect("not a picture" in page.state()["message"], "a dropped text is not refused in words")


def check_silence(page, digits):
    """A server that is gone is told of; when it is back, the newest drawing is read."""
    def cut(offline):
        page.browser.devtools("Network.emulateNetworkConditions", offline=offline, latency=0,
                              downloadThroughput=-1, uploadThroughput=-1)
    page.open()
    page.browser.devtools("Network.enable")
    cut(True)
    page.draw(digits[6][:1])
    page.wait("document.getElementById('message-text').textContent.includes('does not answer')",
              "a server that is gone is not told of")
    page.click("undo")
    page.draw(digits[6])
    cut(False)
    state = page.state()
    expect(state["digit"] == "6", f"after the server is back, a 6 is read as {state['digit']}")
    expect(state["message"] == "", f"the page still says: {state['message']}")
    page.browser.console()


def check_tabs(page):
    page.open()
    page.browser.run("document.getElementById('tab-draw').focus()")
    page.browser.press(webdriver.RIGHT)
    page.wait("document.querySelector('#model .confusion, #model .facts') !== null", "the model is not shown")
    shown = page.browser.run("""const tab = document.getElementById("tab-model");
return [location.hash, tab.getAttribute("aria-selected"), document.activeElement.id,
  document.getElementById("draw").hidden, document.getElementById("model").hidden]""")
    expect(shown == ["#model", "true", "tab-model", True, False], f"the arrow opens {shown}")
    page.browser.run_async("history.back(); setTimeout(arguments[0], 200)")
    expect(page.browser.run("return !document.getElementById('draw').hidden"), "Back does not go back")
    page.open("#model")
    expect(page.browser.run("return !document.getElementById('model').hidden"), "#model does not open the model")


# ---- for every eye, and for none

# words too faint, targets too small, what is cut or lies twice
LOOK = """
const numbers = text => (text.match(/[\\d.]+/g) ?? []).map(Number);
const light = rgb => rgb.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
function behind(element) {
  for (let e = element; e; e = e.parentElement) {
    const rgb = numbers(getComputedStyle(e).backgroundColor);
    if (rgb.length === 3 || rgb[3] === 1) return rgb;
  }
  return [255, 255, 255];
}
const isSeen = e => e.checkVisibility({visibilityProperty: true}) && !e.closest(".unseen");
const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode.data.trim(), e = walker.currentNode.parentElement;
  if (text === "" || !isSeen(e) || e.closest("script, noscript, canvas, option")) continue;
  const style = getComputedStyle(e), size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
  const ratio = contrast(numbers(e.ownerSVGElement ? style.fill : style.color), behind(e));
  if (ratio < (isLarge ? 3 : 4.5)) found.push(`"${text}" has a contrast of ${ratio.toFixed(2)}`);
  if (size < 12) found.push(`"${text}" is ${size} px large`);
  const range = document.createRange();
  range.selectNodeContents(walker.currentNode);
  const box = range.getBoundingClientRect();
  if (!e.closest(".scroll") && box.right > innerWidth + 0.5) found.push(`"${text}" is cut`);
}
for (const e of document.querySelectorAll("button, a[href], select, summary")) {
  const box = e.getBoundingClientRect();
  if (isSeen(e) && (box.width < 24 || box.height < 24)) found.push(`${e.textContent} is ${box.width} x ${box.height}`);
}
const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => found.push(`two elements are called ${id}`));
for (const name of ["aria-labelledby", "aria-describedby", "aria-controls"]) {
  for (const e of document.querySelectorAll(`[${name}]`)) {
    if (!ids.includes(e.getAttribute(name))) found.push(`${name} of nothing: ${e.getAttribute(name)}`);
  }
}
const levels = [...document.querySelectorAll("h1, h2, h3, h4")].filter(e => e.checkVisibility()).map(e => Number(e.tagName[1]));
levels.forEach((level, i) => { if (level > (levels[i - 1] ?? 0) + 1) found.push(`a heading of level ${level} after ${levels[i - 1]}`); });
if (document.documentElement.lang !== "en") found.push("the page has no language");
const wide = document.documentElement.scrollWidth;
if (wide > innerWidth) found.push(`the page is ${wide} px wide`);
return found;
"""

NAMED = {"button", "tab", "tabpanel", "combobox", "application", "link", "img", "Canvas", "table", "textbox"}


def check_view(page, view, digits):
    width, height, dark = view
    where = f"at {width} px, {'dark' if dark else 'light'}"
    browser = page.browser
    browser.set_view(width, height, dark)
    for tab in ("", "#model"):
        page.open(tab)
        if tab:
            page.wait("document.querySelector('#model .facts') !== null", f"{where}: the model is not shown")
        else:
            page.draw(digits[5])
            page.click("warm")
        page.calm()
        for found in browser.run(LOOK):
            failures.append(f"{where}, {tab or '#draw'}: {found}")
        for role, name in browser.spoken():
            expect(role not in NAMED or name.strip(), f"{where}, {tab or '#draw'}: a {role} has no name")
    check_console(browser, where)
    for address in browser.requests():
        own = address.startswith((page.address, "data:", "blob:", "about:"))
        expect(own, f"{where}: asked for {address[:100]}")


def check_answer_is_near(page, digits):
    """On a phone, whoever draws sees the answer without scrolling."""
    page.browser.set_view(390, 664, touch=True)
    page.open()
    page.draw(digits[2], "touch")
    bottom = page.browser.run("return document.getElementById('answer').getBoundingClientRect().bottom")
    expect(bottom <= 664, f"on a phone the answer ends at {bottom} px of 664")
    expect(page.browser.run("return scrollY") == 0, "drawing scrolls the page")
    page.browser.set_view(1440, 900)


def check_focus(page, digits):
    """Tab reaches everything, in the order in which it is read."""
    page.open()
    page.draw(digits[4])
    page.calm()
    page.browser.run("document.getElementById('tab-draw').focus()")
    wanted = ["canvas", "undo", "clear", "random", "warm", "thinner", "thicker", "choose", "save"] + ["odd"] * 10
    order = []
    for _ in wanted:
        page.browser.press(webdriver.TAB)
        order.append(page.browser.run("""const e = document.activeElement, style = getComputedStyle(e);
if (e === document.body) return "end";
return style.outlineStyle === "none" ? "no ring: " + e.id : e.id || e.className.split(" ")[0]"""))
    expect(order == wanted, f"Tab goes to {order}")


def check_size(page):
    total = page.browser.run("""return [performance.getEntriesByType("navigation")[0],
...performance.getEntriesByType("resource")].filter(e => !e.name.includes("/v1/"))
.reduce((sum, e) => sum + e.decodedBodySize, 0)""")
    expect(0 < total < PAGE_BYTES_MAX, f"the page is {total} bytes large")


def main():
    address, strokes, picture, label = sys.argv[1:]
    digits = read_strokes(pathlib.Path(strokes))
    with webdriver.Browser() as browser:
        page = Page(browser, address)
        browser.set_view(1440, 900)
        check_ten(page, digits, "mouse")
        check_size(page)
        check_tools(page, digits)
        check_keyboard(page)
        check_palm(page)
        check_random(page)
        check_pictures(page, pathlib.Path(picture).resolve(), label)
        check_tabs(page)
        check_focus(page, digits)
        check_console(browser, "at 1440 px")
        check_silence(page, digits)
        browser.set_view(390, 844, touch=True)
        check_ten(page, digits, "touch")
        check_answer_is_near(page, digits)
        for view in VIEWS:
            check_view(page, view, digits)
    for text in failures:
        print("FAILED:", text)
    return 1 if failures else 0


sys.exit(main())
