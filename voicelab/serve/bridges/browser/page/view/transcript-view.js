/** Shows the transcript, and says aloud what has been said in full. */

import { batched, byId, keepingTheEnd, make } from "./elements.js";
import { heardCharacters } from "../model/transcript.js";

const PARTY = { caller: "Caller", agent: "Agent" };

/** @typedef {import("../model/transcript.js").Utterance} Utterance */

export class TranscriptView {
  /** @type {Map<Utterance, number>} what changed, and how much of its audio came. */
  #changed = new Map();

  constructor() {
    this.list = byId("transcript");
    this.announcer = byId("announcer");
    this.list.replaceChildren();
    this.announcer.textContent = "";
    /** @type {Map<string, HTMLLIElement>} */
    this.items = new Map();
    /** @type {Set<string>} */
    this.announced = new Set();
  }

  /**
   * @param {Utterance} utterance
   * @param {number} receivedMs all of its audio that came.
   */
  show(utterance, receivedMs) {
    this.#item(utterance);
    this.#changed.set(utterance, receivedMs);
    this.#showSoon();
  }

  #showSoon = batched(() => {
    keepingTheEnd(this.list, () => {
      for (const [utterance, receivedMs] of this.#changed) {
        const heard = splitAtHeard(utterance, receivedMs);
        this.#item(utterance).replaceChildren(heading(utterance), ...heard);
      }
    });
    for (const utterance of this.#changed.keys()) this.#announce(utterance);
    this.#changed.clear();
  });

  /** @param {Utterance} utterance */
  #item({ itemId, party }) {
    const known = this.items.get(itemId);
    if (known) return known;
    const item = make("li", party);
    item.dataset.item = itemId;
    this.items.set(itemId, item);
    this.list.append(item);
    return item;
  }

  /**
   * Growing text would be read out word by word: what is read is what is finished.
   *
   * @param {Utterance} utterance
   */
  #announce({ itemId, party, text, done }) {
    if (!done || !text || this.announced.has(itemId)) return;
    this.announced.add(itemId);
    this.announcer.textContent = `${PARTY[party]}: ${text}`;
  }
}

/** @param {Utterance} utterance */
function heading({ party, note, heardMs }) {
  const parts = [make("strong", "", PARTY[party])];
  if (note) parts.push(make("span", "", note));
  if (heardMs !== null) {
    const seconds = (heardMs / 1000).toFixed(2);
    parts.push(make("span", "cut-short", `interrupted after ${seconds} s`));
  }
  return make("div", "who", ...parts);
}

/**
 * @param {Utterance} utterance
 * @param {number} receivedMs
 * @returns {Node[]}
 */
function splitAtHeard(utterance, receivedMs) {
  const { text, heardMs } = utterance;
  if (heardMs === null) return [make("p", "", text)];
  const heard = heardCharacters(utterance, receivedMs, heardMs);
  const rest = text.slice(heard).trimStart();
  const paragraph = make("p", "", text.slice(0, text.length - rest.length));
  if (rest) {
    paragraph.append(
      make("span", "visually-hidden", "(not heard:) "),
      make("del", "unheard", rest),
    );
  }
  return [paragraph];
}
