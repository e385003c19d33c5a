"""check_report.py ONE BOTH EVAL: opens the report of one run and that of
several in Chromium, light and dark, on a phone and on a desk: nothing is asked
of any network, nothing is logged, every picture is there and not blank, nothing
is wider than the window, and the figures are those of eval --json.
"""

import json
import pathlib
import sys

import webdriver

VIEWS = [(width, height, dark) for width, height in ((390, 844), (768, 1024), (1440, 900))
         for dark in (False, True)]

# Each picture drawn on a canvas: how large it is, and how much its pixels vary.
LOOK_AT_PICTURES = """
const done = arguments[arguments.length - 1];
const style = getComputedStyle(document.documentElement);
const paper = parseInt(style.getPropertyValue("--paper").trim().slice(1), 16);
Promise.all([...document.images].map(async image => {
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 200;
  canvas.height = Math.round(200 * image.naturalHeight / image.naturalWidth);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0, squares = 0, papers = 0, count = data.length / 4;
  for (let i = 0; i < data.length; i += 4) {
    const grey = (data[i] + data[i + 1] + data[i + 2]) / 3;
    sum += grey;
    squares += grey * grey;
    papers += (data[i] << 16 | data[i + 1] << 8 | data[i + 2]) == paper;
  }
  const box = image.getBoundingClientRect();
  return {alt: image.alt, complete: image.complete, natural: image.naturalWidth,
          width: box.width, right: box.right,
          papers: papers / count, deviation: Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2))};
})).then(done, error => done(String(error)));
"""

FIGURES = """
return [...document.querySelectorAll("[data-figure]")].map(
  e => [e.dataset.figure, Number(e.dataset.value), e.textContent]);
"""

failures = []


def expect(right, text):
    if not right:
        failures.append(text)


def check_view(browser, path, view, pictures):
    width, height, dark = view
    where = f"{path.name} at {width} px, {'dark' if dark else 'light'}"
    browser.set_view(width, height, dark)
    browser.open(path.as_uri())
    found = browser.run_async(LOOK_AT_PICTURES)
    if isinstance(found, str):
        failures.append(f"{where}: {found}")
        return
    expect(len(found) == pictures, f"{where}: {len(found)} pictures, not {pictures}")
    for image in found:
        name = f"{where}: picture \"{image['alt'][:40]}\""
        expect(image["complete"] and image["natural"] > 0, f"{name} is not there")
        expect(image["deviation"] > 5, f"{name} is blank: {image['deviation']:.1f}")
        expect(image["papers"] > 0.02, f"{name} is of the other theme")
        expect(image["width"] >= 200 and image["right"] <= width, f"{name} does not fit")
    wide = browser.run("return document.documentElement.scrollWidth")
    expect(wide <= width, f"{where}: the page is {wide} px wide")
    for level, message in browser.console():
        failures.append(f"{where}: console: {level}: {message}")
    for address in browser.requests():
        scheme = address.split(":", 1)[0]
        expect(scheme == "data" or address == path.as_uri(),
               f"{where}: asked for {address[:100]}")


def expected_figures(measured):
    figures = {name: measured[name] for name in
               ("accuracy", "accuracy_low", "accuracy_high", "loss",
                "calibration_error", "parameters")}
    figures["mistakes"] = measured["count"] - measured["correct"]
    for row in measured["classes"]:
        for name in ("count", "precision", "recall", "f1"):
            figures[f"{name}.{row['digit']}"] = row[name]
    for i, row in enumerate(measured["confusion"]):
        for j, count in enumerate(row):
            figures[f"confusion.{i}.{j}"] = count
    return figures


def check_figures(browser, path, measured):
    browser.open(path.as_uri())
    shown = {name: (value, text) for name, value, text in browser.run(FIGURES)}
    for name, value in expected_figures(measured).items():
        if name not in shown:
            failures.append(f"the page does not show {name}")
            continue
        expect(abs(shown[name][0] - value) <= 1.01e-6,
               f"{name} is {shown[name][0]} on the page, {value} in eval --json")
    expect(shown["accuracy"][1] == f"{100 * measured['accuracy']:.2f}%",
           f"accuracy is shown as {shown['accuracy'][1]}")


def main():
    one, both, measured = (pathlib.Path(name).resolve() for name in sys.argv[1:])
    with webdriver.Browser() as browser:
        for view in VIEWS:
            check_view(browser, one, view, 9)
            check_view(browser, both, view, 2)
        check_figures(browser, one, json.loads(measured.read_text()))
    for text in failures:
        print("FAILED:", text)
    return 1 if failures else 0


sys.exit(main())
