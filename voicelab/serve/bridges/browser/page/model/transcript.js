/** Who said what, as the session's events tell it. */

/**
 * @typedef {object} Utterance
 * @property {string} itemId
 * @property {"caller" | "agent"} party
 * @property {string} text
 * @property {boolean} done whether no more text comes.
 * @property {string} note what is to be said of it besides.
 * @property {number | null} heardMs where it was cut short; null when it was not.
 * @property {Anchor[]} anchors where its text stands in its audio.
 *
 * @typedef {object} Anchor the text that begins here is said from this instant on.
 * @property {number} characters
 * @property {number} ms
 */

export class Transcript {
  constructor() {
    /** @type {Map<string, Utterance>} in the order of speaking. */
    this.utterances = new Map();
  }

  /**
   * Take an event of the session.
   *
   * @param {import("../call/wire.js").RealtimeEvent} event
   * @param {number} receivedMs the audio that had come of the event's item.
   * @returns {Utterance | undefined} what it changed.
   */
  take(event, receivedMs) {
    return READERS[event.type]?.(this, event, receivedMs);
  }

  /**
   * Note that an item was cut short.
   *
   * @param {string} itemId
   * @param {number} heardMs
   */
  cut(itemId, heardMs) {
    const utterance = this.utterance(itemId, "agent");
    utterance.heardMs = heardMs;
    return utterance;
  }

  /**
   * @param {string} itemId
   * @param {"caller" | "agent"} party
   */
  utterance(itemId, party) {
    const known = this.utterances.get(itemId);
    if (known) return known;
    /** @type {Utterance} */
    const utterance = {
      itemId,
      party,
      text: "",
      done: false,
      note: "",
      heardMs: null,
      anchors: [],
    };
    this.utterances.set(itemId, utterance);
    return utterance;
  }
}

/**
 * @typedef {(transcript: Transcript, event: import("../call/wire.js").RealtimeEvent,
 *   receivedMs: number) => Utterance} Reader
 */

/** @type {Reader} */
function agentDelta(transcript, event, receivedMs) {
  const utterance = transcript.utterance(event.item_id, "agent");
  utterance.anchors.push({ characters: utterance.text.length, ms: receivedMs });
  utterance.text += event.delta;
  return utterance;
}

/** @type {Reader} */
function agentDone(transcript, event) {
  const utterance = transcript.utterance(event.item_id, "agent");
  utterance.text = event.transcript ?? event.text ?? utterance.text;
  utterance.done = true;
  return utterance;
}

/** @type {Record<string, Reader>} */
const READERS = {
  "input_audio_buffer.speech_started": (transcript, event) => {
    const utterance = transcript.utterance(event.item_id, "caller");
    utterance.note = "speaking";
    return utterance;
  },
  "input_audio_buffer.speech_stopped": (transcript, event) => {
    const utterance = transcript.utterance(event.item_id, "caller");
    utterance.note = utterance.text ? "" : "not transcribed";
    return utterance;
  },
  "conversation.item.input_audio_transcription.delta": (transcript, event) => {
    const utterance = transcript.utterance(event.item_id, "caller");
    utterance.text += event.delta;
    utterance.note = "";
    return utterance;
  },
  "conversation.item.input_audio_transcription.completed": (transcript, event) => {
    const utterance = transcript.utterance(event.item_id, "caller");
    utterance.text = event.transcript.trim();
    utterance.note = utterance.text ? "" : "no words recognised";
    utterance.done = true;
    return utterance;
  },
  "conversation.item.input_audio_transcription.failed": (transcript, event) => {
    const utterance = transcript.utterance(event.item_id, "caller");
    utterance.note = "transcription failed";
    utterance.done = true;
    return utterance;
  },
  "response.output_audio_transcript.delta": agentDelta,
  "response.output_audio_transcript.done": agentDone,
  "response.output_text.delta": agentDelta,
  "response.output_text.done": agentDone,
  "conversation.item.truncated": (transcript, event) => {
    const utterance = transcript.utterance(event.item_id, "agent");
    utterance.heardMs ??= event.audio_end_ms; // The page's own count is better.
    return utterance;
  },
};

/**
 * Return how much of an utterance's text was said within some of its audio.
 *
 * Text comes with no times, only in some order with the audio that says it. What
 * came between two pieces of audio is spread evenly over what follows; a word that
 * was not finished does not count.
 *
 * @param {Utterance} utterance
 * @param {number} receivedMs all of the item's audio that came.
 * @param {number} heardMs
 * @returns {number} characters.
 */
export function heardCharacters({ text, anchors }, receivedMs, heardMs) {
  const points = [...anchors, { characters: text.length, ms: receivedMs }];
  const first = points.filter(
    ({ ms }, index) => index === 0 || ms > points[index - 1].ms,
  );
  const next = first.findIndex(({ ms }) => ms > heardMs);
  if (next === -1) return first[first.length - 1].characters;
  if (next === 0) return 0;
  const [from, to] = [first[next - 1], first[next]];
  const share = (heardMs - from.ms) / (to.ms - from.ms);
  const reached = from.characters + share * (to.characters - from.characters);
  return endOfLastWord(text, Math.floor(reached));
}

/**
 * @param {string} text
 * @param {number} within characters.
 */
function endOfLastWord(text, within) {
  const isEnd = (/** @type {number} */ index) => /^$|\s/.test(text.charAt(index));
  let end = within;
  while (end > 0 && !isEnd(end)) end -= 1;
  return end;
}
