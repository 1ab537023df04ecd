/** What happened in a call, in order, and which of it a filter lets through. */

/** A call of an hour has some thousand events; the oldest go first. */
const KEPT = 5000;

/**
 * @typedef {object} Entry
 * @property {number} atMs since the call began.
 * @property {string} type of the session's event, or `page.…` for what the page did.
 * @property {any} data the whole event.
 * @property {string} words what filters look at.
 *
 * @typedef {{words: string, all: boolean}} Filter `all`: deltas and marks too.
 */

export class EventLog {
  constructor() {
    /** @type {Entry[]} */
    this.entries = [];
  }

  /**
   * @param {number} atMs
   * @param {string} type
   * @param {any} data
   * @returns {Entry}
   */
  add(atMs, type, data) {
    const words = `${type} ${JSON.stringify(data)}`.toLowerCase();
    const entry = { atMs, type, data, words };
    this.entries.push(entry);
    if (this.entries.length > KEPT) this.entries.shift();
    return entry;
  }

  /**
   * @param {Filter} filter
   * @returns {string} what it lets through, a JSON object a line.
   */
  asText(filter) {
    const shown = this.entries.filter((entry) => lets(filter, entry));
    const lines = shown.map(({ atMs, type, data }) =>
      JSON.stringify({ at_ms: Math.round(atMs), type, data }),
    );
    return lines.join("\n");
  }
}

/**
 * Whether a filter lets an entry through: it has every word, and none after a minus.
 *
 * @param {Filter} filter
 * @param {Entry} entry
 */
export function lets({ words, all }, entry) {
  if (!all && (entry.type.endsWith(".delta") || entry.type === "page.mark"))
    return false;
  return words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "-")
    .every((word) =>
      word.startsWith("-")
        ? !entry.words.includes(word.slice(1))
        : entry.words.includes(word),
    );
}

/**
 * @param {Entry} entry
 * @returns {string} what is worth knowing of it at a glance.
 */
export function briefly({ type, data }) {
  if (type in PAGE_BRIEFS) return PAGE_BRIEFS[type](data);
  const { response, error, transcript, text, delta } = data;
  if (response)
    return [response.status, response.status_details?.reason].join(" ").trim();
  if (error) return error.message ?? String(error);
  const ms = ["audio_start_ms", "audio_end_ms"].filter((name) => name in data);
  if (ms.length > 0) return ms.map((name) => `${name} ${data[name]}`).join(", ");
  return transcript ?? text ?? delta ?? "";
}

/** @type {Record<string, (data: any) => string>} */
const PAGE_BRIEFS = {
  "page.ready": ({ rate }) => `${rate} Hz`,
  "page.mark": ({ name, audio_ms: ms }) => `${name} at ${ms} ms`,
  "page.cleared": ({ dropped_ms: ms }) => `${ms} ms not played`,
  "page.ended": ({ reason }) => reason,
};

/** @param {Entry} entry */
export function isBad({ type, data }) {
  return (
    type === "error" || type === "page.error" || data.response?.status === "failed"
  );
}
