/** Shows the agent's turns in a table, and their figures. */

import { byId, make, wholeMs } from "./elements.js";
import { median } from "../model/turns.js";

const SIGNED = new Intl.NumberFormat("en", { signDisplay: "exceptZero" });

export class TurnsView {
  constructor() {
    this.rows = byId("turns");
    this.emptyRow = make("tr", "", make("td", "empty", "None yet."));
    /** @type {HTMLTableCellElement} */ (this.emptyRow.firstChild).colSpan = 6;
  }

  /** @param {import("../model/turns.js").Turns} turns */
  show(turns) {
    const latencies = turns.latenciesMs;
    showMs("latest", latencies[latencies.length - 1] ?? null);
    showMs("median", median(latencies));
    byId("answers").textContent = String(latencies.length);
    byId("interruptions").textContent = String(turns.interruptions);
    const rows = turns.list.map(row);
    this.rows.replaceChildren(...(rows.length > 0 ? rows : [this.emptyRow]));
  }
}

/**
 * @param {string} id of the figure.
 * @param {number | null} ms
 */
export function showMs(id, ms) {
  const unit = ms === null ? [] : [make("small", "", " ms")];
  byId(id).replaceChildren(wholeMs(ms), ...unit);
}

/**
 * @param {import("../model/turns.js").Turn} turn
 * @param {number} index
 */
function row({ latencyMs, receivedMs, playedMs, claimedMs }, index) {
  const isKnown = claimedMs !== null && playedMs !== null;
  const error = isKnown ? SIGNED.format(claimedMs - Math.round(playedMs)) : "–";
  const number = make("th", "", String(index + 1));
  number.scope = "row";
  return make(
    "tr",
    "",
    number,
    make("td", "", wholeMs(latencyMs)),
    make("td", "", wholeMs(receivedMs)),
    make("td", "", wholeMs(playedMs)),
    make("td", "", wholeMs(claimedMs)),
    make("td", "", error),
  );
}
