/** Shows the event log, filtered as asked, and copies what is shown. */

import { batched, byId, keepingTheEnd, make } from "./elements.js";
import { EventLog, briefly, isBad, lets } from "../model/event-log.js";

/** More rows than one scrolls through; the copy has them all. */
const SHOWN = 500;

/** @typedef {import("../model/event-log.js").Entry} Entry */

export class EventLogView {
  /** @type {Entry[]} */
  #unshown = [];

  constructor() {
    this.log = new EventLog();
    this.list = byId("events");
    this.count = byId("event-count");
    /** @type {HTMLInputElement} */
    this.words = byId("event-filter");
    /** @type {HTMLInputElement} */
    this.all = byId("event-all");
    this.words.oninput = () => this.refresh();
    this.all.onchange = () => this.refresh();
    byId("event-copy").onclick = () => this.#copy();
  }

  clear() {
    this.log = new EventLog();
    this.refresh();
  }

  /**
   * @param {number} atMs since the call began.
   * @param {string} type
   * @param {any} data
   */
  add(atMs, type, data) {
    this.#unshown.push(this.log.add(atMs, type, data));
    this.#showSoon();
  }

  #showSoon = batched(() => {
    const shown = this.#unshown.filter((entry) => lets(this.filter, entry));
    this.#unshown = [];
    keepingTheEnd(this.list, () => {
      this.list.append(...shown.map(row));
      const tooMany = [...this.list.children].slice(0, -SHOWN);
      for (const old of tooMany) old.remove();
    });
    this.#tellCount();
  });

  refresh() {
    this.#unshown = [];
    const shown = this.log.entries.filter((entry) => lets(this.filter, entry));
    this.list.replaceChildren(...shown.slice(-SHOWN).map(row));
    this.list.scrollTop = this.list.scrollHeight;
    this.#tellCount();
  }

  get filter() {
    return { words: this.words.value, all: this.all.checked };
  }

  #tellCount() {
    const shown = this.list.childElementCount;
    this.count.textContent = `${shown} of ${this.log.entries.length}`;
  }

  async #copy() {
    const announcer = byId("announcer");
    try {
      await navigator.clipboard.writeText(this.log.asText(this.filter));
      announcer.textContent = "Events copied.";
      byId("event-copy").textContent = "Copied";
    } catch {
      announcer.textContent = "The browser does not allow this page to copy.";
      byId("event-copy").textContent = "Not allowed";
    }
    setTimeout(() => (byId("event-copy").textContent = "Copy"), 2000);
  }
}

/** @param {Entry} entry */
function row(entry) {
  const summary = make(
    "summary",
    "",
    make("time", "", (entry.atMs / 1000).toFixed(3)),
    make("span", "type", entry.type),
    make("span", "brief", briefly(entry)),
  );
  const details = make("details", "", summary);
  details.ontoggle = () => {
    if (details.childElementCount === 1) {
      details.append(make("pre", "", JSON.stringify(entry.data, null, 2)));
    }
  };
  const kind = isBad(entry) ? "bad" : entry.type.startsWith("page.") ? "page" : "";
  return make("li", kind, details);
}
