/* tabs.js: the pages behind the tabs, and #model in the address. */
import { byId } from "./elements.js";

const NAMES = ["draw", "model"];

function named() {
  const name = location.hash.slice(1);
  return NAMES.includes(name) ? name : NAMES[0];
}

/* opened(name) whenever another page is opened, also at first. */
export function makeTabs(opened) {
  const tabs = NAMES.map(name => byId(`tab-${name}`));

  function show() {
    const chosen = named();
    NAMES.forEach((name, i) => {
      byId(name).hidden = name !== chosen;
      tabs[i].setAttribute("aria-selected", String(name === chosen));
      tabs[i].tabIndex = name === chosen ? 0 : -1;
    });
    opened(chosen);
  }

  function open(index) {
    const name = NAMES[(index + NAMES.length) % NAMES.length];
    history.pushState(null, "", `#${name}`);
    show();
    byId(`tab-${name}`).focus();
  }

  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => open(i));
    tab.addEventListener("keydown", event => {
      const to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: NAMES.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      open(to);
    });
  });
  addEventListener("popstate", show);
  addEventListener("hashchange", show);
  show();
}
