/* model.js: the second page: what the model is, how good, and how it was made. */
import { byId, element, percent, count, shapeOf } from "./elements.js";
import { heatColour, css, dark } from "./colours.js";
import { curves } from "./curves.js";
import { get } from "./asking.js";

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const CONFUSION_SHARE = 0.42; /* of heat's range: words stay readable on it */

function card(title, ...children) {
  return element("section", { class: "card" }, element("h2", {}, title), ...children);
}

/* head: [words, is a number]; rows of texts or elements, the first one its name. */
function table(caption, head, rows) {
  const cell = (tag, content, i, scope) =>
    element(tag, { class: head[i][1] ? "number" : null, scope }, content);
  return element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
    element("table", {}, element("caption", { class: "unseen" }, caption),
      element("thead", {}, element("tr", {}, ...head.map(([words], i) => cell("th", words, i, "col")))),
      element("tbody", {}, ...rows.map(row => element("tr", {},
        ...row.map((content, i) => i === 0 ? cell("th", content, i, "row") : cell("td", content, i)))))));
}

/* ---- In short ---- */

function figures(model) {
  const e = model.evaluation;
  const all = [
    ...e ? [[percent(e.accuracy), `right of ${count(e.count)} test images of ${e.data}`],
      [`${percent(e.accuracy_low)} to ${percent(e.accuracy_high)}`, "95% interval"],
      [count(e.count - e.correct), "mistakes"]] : [],
    [count(model.parameters), "parameters"],
    [count(model.operations), "operations an image"]
  ];
  return element("dl", { class: "figures" }, ...all.map(([value, words]) =>
    element("div", {}, element("dt", {}, words), element("dd", {}, value))));
}

/* ---- The network ---- */

function network(model) {
  const rows = model.layers.map(layer => [layer.text, shapeOf(layer),
    count(layer.parameters), count(layer.operations)]);
  rows.push(["all", "", count(model.parameters), count(model.operations)]);
  return card("Network", element("p", {}, element("code", {}, model.spec)),
    table("Layers", [["Layer"], ["Output", true], ["Parameters", true], ["Operations", true]], rows));
}

/* ---- Training ---- */

function lineOf(log, name, role, field) {
  const values = log.filter(row => Number.isFinite(row[field])).map(row => ({ x: row.epoch, y: row[field] }));
  return values.length > 0 ? [{ name, role, values }] : [];
}

function chartsOf(log) {
  const figure = (title, field, format) => {
    const lines = [...lineOf(log, "training", "second", field), ...lineOf(log, "validation", "first", `val_${field}`)];
    return lines.length > 0 ? [curves(title, lines, format)] : [];
  };
  return [...figure("Loss", "loss", y => y.toFixed(2)), ...figure("Accuracy", "accuracy", y => `${(100 * y).toFixed(1)}%`)];
}

function logTable(log) {
  const number = (value, digits) => Number.isFinite(value) ? value.toFixed(digits) : "";
  const share = value => Number.isFinite(value) ? percent(value) : "";
  return table("Epochs", [["Epoch", true], ["Loss", true], ["Accuracy", true], ["Validation loss", true],
    ["Validation accuracy", true], ["Learning rate", true], ["Seconds", true]],
  log.map(row => [`${row.epoch}`, number(row.loss, 4), share(row.accuracy), number(row.val_loss, 4),
    share(row.val_accuracy), row.learning_rate?.toPrecision(3) ?? "", number(row.seconds, 2)]));
}

function training(model) {
  if (!model.log?.length) return [];
  return [card("Training", element("div", { class: "charts" }, ...chartsOf(model.log)),
    element("details", {}, element("summary", {}, "The numbers"), logTable(model.log)))];
}

function making(model) {
  const facts = Object.entries(model.metadata).map(([name, value]) =>
    element("div", {}, element("dt", {}, name.replaceAll("_", " ")), element("dd", {}, `${value}`)));
  return card("How it was trained", facts.length > 0 ? element("dl", { class: "facts" }, ...facts)
    : element("p", {}, "The model's file does not say."));
}

/* ---- Mistakes ---- */

function confusionCell(value, isRight, most) {
  const cell = element("td", { class: isRight ? "right" : value > 0 ? "mistakes" : "none" }, `${value}`);
  if (!isRight && value > 0) cell.dataset.share = Math.sqrt(value / most);
  return cell;
}

function confusion(evaluation) {
  const rows = evaluation.confusion;
  const most = Math.max(1, ...rows.flatMap((row, i) => row.filter((_, j) => i !== j)));
  return card("What is taken for what",
    element("p", { class: "faint" }, "Rows: the true digit. Columns: the answer. On the diagonal they agree; the warmer, the more mistakes."),
    element("div", { class: "scroll matrix", tabindex: "0", role: "group", "aria-label": "Confusion matrix" },
      element("table", { class: "confusion" },
        element("caption", { class: "unseen" }, "Confusion matrix: rows are the true digit, columns the answer"),
        element("thead", {}, element("tr", {}, element("th", { scope: "col" }, element("span", { class: "unseen" }, "True digit")),
          ...DIGITS.map(digit => element("th", { scope: "col" }, `${digit}`)))),
        element("tbody", {}, ...rows.map((row, i) => element("tr", {}, element("th", { scope: "row" }, `${i}`),
          ...row.map((value, j) => confusionCell(value, i === j, most))))))));
}

function warmConfusion() {
  for (const cell of document.querySelectorAll("[data-share]")) {
    cell.style.backgroundColor = css(heatColour(CONFUSION_SHARE * cell.dataset.share));
  }
}

function classes(evaluation) {
  return card("Each digit", table("Precision, recall and F1 of each digit",
    [["Digit", true], ["Precision", true], ["Recall", true], ["F1", true]],
    evaluation.classes.map(of => [`${of.digit}`, percent(of.precision), percent(of.recall), percent(of.f1)])),
  measures(evaluation));
}

function measures(evaluation) {
  const rows = [["Loss", evaluation.loss?.toFixed(4)], ["Calibration error", percent(evaluation.calibration_error)]];
  return element("dl", { class: "facts" }, ...rows.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

/* ---- The page ---- */

function show(model) {
  const evaluation = model.evaluation;
  const unmeasured = () => card("How good it is", element("p", {}, "It has no report here. ",
    element("code", {}, "numeral eval"), " measures a model."));
  const left = element("div", { class: "column" }, network(model), ...training(model));
  const right = element("div", { class: "column" },
    ...evaluation ? [confusion(evaluation), classes(evaluation)] : [unmeasured()], making(model));
  byId("model-page").replaceChildren(element("h2", { class: "model-name" }, `Model: ${model.name}`),
    figures(model), element("div", { class: "model-cards" }, left, right));
  warmConfusion();
}

let asked = null; /* name of the model that is shown or on its way */

export async function openModel(name) {
  if (asked === name) return;
  asked = name;
  byId("model-wait").hidden = false;
  byId("model-wait").textContent = "Asking for the model.";
  try {
    const model = await get(`/v1/models/${encodeURIComponent(name)}`);
    if (asked !== name) return;
    show(model);
    byId("model-wait").hidden = true;
  } catch (error) {
    asked = null;
    byId("model-page").replaceChildren();
    byId("model-wait").textContent = `${error.message} Open this page again to try once more.`;
  }
}

dark.addEventListener("change", warmConfusion);
