/** The connection to the bridge: JSON text frames of one key each, both ways. */

import { fromBase64, toBase64 } from "../audio/pcm.js";
import {
  Problem,
  TOKEN_WANTED,
  connectionLost,
  endedThere,
  refused,
  stalled,
  tokenWanted,
  tooLate,
  unreachable,
} from "./problems.js";

const ANSWER_WITHIN_S = 15;
const CLOSES_WITHIN_S = 1;

/** A minute of microphone that the network has not taken: nobody is talking any more. */
const MAX_UNSENT_BYTES = 60 * 16000 * 2 * (4 / 3);

/** The close code of an end as agreed (RFC 6455, 7.4.1). */
const NORMAL_CLOSURE = 1000;

const ENDED_THERE = "the bridge ended the call";

/**
 * @typedef {import("../audio/play-queue.js").Mark} Mark
 *
 * @typedef {{type: string, [field: string]: any}} RealtimeEvent
 *
 * @typedef {object} Listener what comes from the bridge.
 * @property {(rateHz: number) => void} ready
 * @property {(samples: Int16Array) => void} audio
 * @property {(mark: Mark) => void} mark
 * @property {() => void} clear
 * @property {(event: RealtimeEvent) => void} event
 * @property {(message: string) => void} error something that is not the end.
 * @property {(reason: Problem | string) => void} end a reason in words, when it was
 *   agreed; else what went wrong. Nothing comes after it.
 */

/** Reads a frame's value, by its key. */
const READERS = {
  /** @param {unknown} value */
  audio: (value) => fromBase64(String(value)),
  event: asObject,
  mark: asObject,
  clear: () => true,
  ready: asObject,
  error: asObject,
  bye: asObject,
};

/**
 * Read a frame from the bridge.
 *
 * @param {string} data
 * @returns {{key: keyof typeof READERS, value: any}}
 * @throws {Error} which says what is wrong with it.
 */
export function decode(data) {
  const entries = Object.entries(asObject(JSON.parse(data)));
  for (const [key, value] of entries) {
    if (Object.hasOwn(READERS, key)) {
      const known = /** @type {keyof typeof READERS} */ (key);
      return { key: known, value: READERS[known](value) };
    }
  }
  const keys = entries.map(([key]) => key).join(", ");
  throw new Error(`a frame with ${keys || "nothing in it"}`);
}

/**
 * @param {unknown} value
 * @returns {any}
 */
function asObject(value) {
  if (typeof value !== "object" || value === null) {
    throw new Error(`${JSON.stringify(value)} where an object belongs`);
  }
  return value;
}

/** @param {unknown} error */
function said(error) {
  return error instanceof Error ? error.message : String(error);
}

export class Wire {
  /**
   * @param {string} url
   * @param {{rate: number, token: string}} hello
   * @param {Listener} listener
   */
  constructor(url, hello, listener) {
    this.url = url;
    this.listener = listener;
    this.opened = false;
    this.isReady = false;
    this.ended = false;
    this.saidError = "";
    this.goodbye = "";
    this.deadline = setTimeout(
      () => this.#end(tooLate(ANSWER_WITHIN_S)),
      ANSWER_WITHIN_S * 1000,
    );
    this.socket = new WebSocket(url);
    this.socket.onopen = () => {
      this.opened = true;
      this.#send({ hello });
    };
    this.socket.onmessage = ({ data }) => this.#receive(data);
    this.socket.onclose = ({ code, reason }) =>
      this.#end(this.#whyClosed(code, reason));
  }

  /** @param {Int16Array} samples from the microphone. */
  sendAudio(samples) {
    if (this.socket.bufferedAmount > MAX_UNSENT_BYTES) this.#end(stalled());
    else this.#send({ audio: toBase64(samples) });
  }

  /** @param {string} name of a mark that was reached. */
  sendMark(name) {
    this.#send({ mark: { name } });
  }

  /** End the call from this side. */
  close() {
    this.#send({ bye: {} });
    this.#end("you ended the call");
  }

  /** @param {object} frame */
  #send(frame) {
    if (this.socket.readyState === WebSocket.OPEN)
      this.socket.send(JSON.stringify(frame));
  }

  /** @param {string} data */
  #receive(data) {
    let frame;
    try {
      frame = decode(data);
    } catch (error) {
      this.#end(
        new Problem(`The bridge sent what this page cannot read: ${said(error)}.`),
      );
      return;
    }
    this.#take[frame.key](frame.value);
  }

  /** @type {Record<string, (value: any) => void>} what is done with a frame, by its key. */
  #take = {
    audio: (samples) => this.listener.audio(samples),
    event: (event) => this.listener.event(event),
    mark: (mark) => this.listener.mark(mark),
    clear: () => this.listener.clear(),
    ready: ({ rate }) => this.#becomeReady(rate),
    error: ({ message }) => this.#takeError(String(message)),
    bye: ({ reason }) => this.#takeGoodbye(String(reason ?? "")),
  };

  /** @param {number} rateHz */
  #becomeReady(rateHz) {
    this.isReady = true;
    clearTimeout(this.deadline);
    this.listener.ready(rateHz);
  }

  /** @param {string} message */
  #takeError(message) {
    this.saidError = message;
    if (this.isReady) this.listener.error(message);
  }

  /**
   * The connection's end comes after it, and its code says whether all is well.
   *
   * @param {string} reason
   */
  #takeGoodbye(reason) {
    this.goodbye = reason || ENDED_THERE;
    clearTimeout(this.deadline);
    const close = () => this.#end(this.#whyClosed(NORMAL_CLOSURE, ""));
    this.deadline = setTimeout(close, CLOSES_WITHIN_S * 1000);
  }

  /**
   * @param {number} code
   * @param {string} reason
   * @returns {Problem | string}
   */
  #whyClosed(code, reason) {
    if (code === TOKEN_WANTED) return tokenWanted();
    if (!this.opened) return unreachable(this.url);
    const words = this.saidError || reason || this.goodbye;
    if (!this.isReady && words) return refused(words);
    if (code === NORMAL_CLOSURE) return reason || this.goodbye || ENDED_THERE;
    return words ? endedThere(words) : connectionLost(code);
  }

  /** @param {Problem | string} reason */
  #end(reason) {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.deadline);
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close(NORMAL_CLOSURE);
    this.listener.end(reason);
  }
}
