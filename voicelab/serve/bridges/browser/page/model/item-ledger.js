/**
 * How much of each of the agent's items has come, and how much was played.
 *
 * Positions are samples since the connection began, as the player counts them.
 */

/**
 * @typedef {object} Stretch
 * @property {number} start the position of the item's first sample.
 * @property {number} end the position after its last so far.
 * @property {number | null} cut where playing it was stopped.
 */

export class ItemLedger {
  /** @param {number} rateHz */
  constructor(rateHz) {
    this.samplesPerMs = rateHz / 1000;
    this.end = 0;
    /** @type {Map<string, Stretch>} */
    this.items = new Map();
    /** @type {Stretch | undefined} */
    this.newest = undefined;
  }

  /** @param {import("../audio/play-queue.js").Mark} mark */
  mark({ item_id: itemId, audio_ms: audioMs }) {
    if (audioMs !== 0 || this.items.has(itemId)) return;
    this.newest = { start: this.end, end: this.end, cut: null };
    this.items.set(itemId, this.newest);
  }

  /** @param {number} samples that came. */
  audio(samples) {
    this.end += samples;
    if (this.newest) this.newest.end = this.end;
  }

  /**
   * Note that playing stopped, and what was not played is dropped.
   *
   * Word of it may come after the first audio of what follows, which it is not about.
   *
   * @param {number} position
   * @param {number} dropped samples after it.
   * @returns {string[]} the items of which something was dropped.
   */
  cleared(position, dropped) {
    const cut = [];
    for (const [itemId, item] of this.items) {
      if (item.end <= position || item.start >= position + dropped) continue;
      if (item.cut !== null) continue;
      item.cut = Math.max(position, item.start);
      cut.push(itemId);
    }
    return cut;
  }

  /**
   * @param {string} itemId
   * @returns {number} milliseconds of it that came; 0 before any did.
   */
  receivedMs(itemId) {
    const item = this.items.get(itemId);
    return item ? (item.end - item.start) / this.samplesPerMs : 0;
  }

  /**
   * @param {string} itemId
   * @returns {number | null} milliseconds of it that were played before it was cut
   *   short; null when it was not.
   */
  playedMs(itemId) {
    const item = this.items.get(itemId);
    if (!item || item.cut === null) return null;
    return (item.cut - item.start) / this.samplesPerMs;
  }
}
