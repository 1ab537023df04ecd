/**
 * The agent's turns: how long each let the caller wait, and what an interruption left.
 *
 * The latency of a turn spans the arrival of `speech_stopped` and the instant at
 * which the first sample of the answer leaves the loudspeaker. What the session took
 * to decide that the caller had finished comes before it, and is not in it.
 */

/**
 * @typedef {object} Turn
 * @property {string} itemId
 * @property {number | null} latencyMs null for what answers nothing.
 * @property {number | null} playedMs what was played of an item cut short.
 * @property {number | null} receivedMs what had come of it by then.
 * @property {number | null} claimedMs what the session was told was played.
 */

export class Turns {
  constructor() {
    /** @type {Turn[]} */
    this.list = [];
    /** How often the agent was interrupted. */
    this.interruptions = 0;
    /** @type {number | null} */
    this.stoppedMs = null;
  }

  /** @param {number} nowMs when `speech_stopped` came. */
  speechStopped(nowMs) {
    this.stoppedMs = nowMs;
  }

  /**
   * @param {string} itemId whose first sample is heard.
   * @param {number} nowMs
   */
  heard(itemId, nowMs) {
    const turn = this.#turn(itemId);
    turn.latencyMs = this.stoppedMs === null ? null : nowMs - this.stoppedMs;
    this.stoppedMs = null;
  }

  /**
   * @param {string} itemId
   * @param {number} playedMs
   * @param {number} receivedMs
   */
  cut(itemId, playedMs, receivedMs) {
    Object.assign(this.#turn(itemId), { playedMs, receivedMs });
  }

  /**
   * @param {string} itemId
   * @param {number} claimedMs
   */
  truncated(itemId, claimedMs) {
    this.#turn(itemId).claimedMs = claimedMs;
  }

  /** @returns {number[]} in order. */
  get latenciesMs() {
    return this.list.flatMap(({ latencyMs }) => latencyMs ?? []);
  }

  /** @param {string} itemId */
  #turn(itemId) {
    const known = this.list.find((turn) => turn.itemId === itemId);
    if (known) return known;
    const turn = {
      itemId,
      latencyMs: null,
      playedMs: null,
      receivedMs: null,
      claimedMs: null,
    };
    this.list.push(turn);
    return turn;
  }
}

/**
 * @param {number[]} values
 * @returns {number | null} the middle one, or the mean of the middle two.
 */
export function median(values) {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
