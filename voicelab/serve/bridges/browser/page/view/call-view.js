/** What the page shows of one call. */

import { Call, OFFERED_HZ } from "../call/call.js";
import { ItemLedger } from "../model/item-ledger.js";
import { Transcript } from "../model/transcript.js";
import { TranscriptView } from "./transcript-view.js";
import { Turns } from "../model/turns.js";
import { TurnsView } from "./turns-view.js";

/**
 * @typedef {import("../call/wire.js").RealtimeEvent} RealtimeEvent
 * @typedef {import("../audio/play-queue.js").Mark} Mark
 * @typedef {import("../call/problems.js").Problem} Problem
 */

export class CallView {
  /**
   * Begin a call and show it.
   *
   * @param {ConstructorParameters<typeof Call>[0]} options
   * @param {import("./event-log-view.js").EventLogView} log
   * @param {import("./sound-view.js").SoundView} sound
   * @param {object} listener
   * @param {() => void} listener.ready
   * @param {(message: string) => void} listener.error
   * @param {(reason: Problem | string) => void} listener.ended
   */
  constructor(options, log, sound, listener) {
    this.log = log;
    this.sound = sound;
    this.listener = listener;
    this.startMs = performance.now();
    this.rateHz = OFFERED_HZ;
    this.ledger = new ItemLedger(OFFERED_HZ);
    this.turns = new Turns();
    this.turnsView = new TurnsView();
    this.transcript = new Transcript();
    this.transcriptView = new TranscriptView();
    this.call = new Call(options, this.#callListener());
    sound.begin(this.call.context);
    log.clear();
    this.turnsView.show(this.turns);
  }

  get elapsedMs() {
    return performance.now() - this.startMs;
  }

  /** @returns {import("../call/call.js").CallListener} */
  #callListener() {
    return {
      ready: (rateHz) => this.#ready(rateHz),
      spoke: (frame) => this.sound.spoke(frame),
      received: (samples) => this.ledger.audio(samples),
      announced: (mark) => this.ledger.mark(mark),
      heard: (mark) => this.#heard(mark),
      played: (report) => this.sound.played(report, this.rateHz),
      cleared: (cleared) => this.#cleared(cleared),
      event: (event) => this.#event(event),
      error: (message) => this.#error(message),
      ended: (reason) => this.#ended(reason),
    };
  }

  /** @param {number} rateHz */
  #ready(rateHz) {
    this.rateHz = rateHz;
    this.ledger = new ItemLedger(rateHz);
    this.#log("page.ready", { rate: rateHz });
    this.listener.ready();
  }

  /** @param {Mark} mark */
  #heard(mark) {
    this.#log("page.mark", mark);
    if (mark.audio_ms !== 0) return;
    this.turns.heard(mark.item_id, performance.now());
    this.turnsView.show(this.turns);
    this.sound.agentBegins();
  }

  /** @param {{position: number, dropped: number, time: number}} cleared */
  #cleared({ position, dropped, time }) {
    const droppedMs = Math.round((dropped * 1000) / this.rateHz);
    this.#log("page.cleared", { dropped_ms: droppedMs });
    const [interrupted, ...waiting] = this.ledger.cleared(position, dropped);
    if (interrupted === undefined) return;
    this.turns.interruptions += 1;
    const [played, received] = this.#cut(interrupted).map((ms) =>
      (ms / 1000).toFixed(2),
    );
    this.sound.interrupted(time, `Interrupted: ${played} of ${received} s heard`);
    for (const itemId of waiting) this.#cut(itemId);
    this.turnsView.show(this.turns);
  }

  /**
   * Show that an item was cut short.
   *
   * @param {string} itemId
   * @returns {[number, number]} milliseconds played and received.
   */
  #cut(itemId) {
    const playedMs = this.ledger.playedMs(itemId) ?? 0;
    const receivedMs = this.ledger.receivedMs(itemId);
    this.turns.cut(itemId, playedMs, receivedMs);
    this.transcriptView.show(this.transcript.cut(itemId, playedMs), receivedMs);
    return [playedMs, receivedMs];
  }

  /** @param {RealtimeEvent} event */
  #event(event) {
    this.#log(event.type, event);
    this.#noteTurns(event);
    const receivedMs = this.ledger.receivedMs(event.item_id);
    const utterance = this.transcript.take(event, receivedMs);
    if (utterance) this.transcriptView.show(utterance, receivedMs);
  }

  /** @param {RealtimeEvent} event */
  #noteTurns(event) {
    switch (event.type) {
      case "input_audio_buffer.speech_started":
        this.sound.callerSpeaks(true, event.audio_start_ms);
        break;
      case "input_audio_buffer.speech_stopped":
        this.sound.callerSpeaks(false, event.audio_end_ms);
        this.turns.speechStopped(performance.now());
        break;
      case "conversation.item.truncated":
        this.turns.truncated(event.item_id, event.audio_end_ms);
        this.turnsView.show(this.turns);
        break;
      case "error":
        this.listener.error(`The session reported: ${event.error?.message}`);
        break;
    }
  }

  /** @param {string} message */
  #error(message) {
    this.#log("page.error", { error: { message } });
    this.listener.error(message);
  }

  /** @param {Problem | string} reason */
  #ended(reason) {
    const words = reason instanceof Error ? reason.message : reason;
    this.#log("page.ended", { reason: words });
    this.sound.end();
    this.listener.ended(reason);
  }

  /**
   * @param {string} type
   * @param {any} data
   */
  #log(type, data) {
    this.log.add(this.elapsedMs, type, data);
  }
}
