/**
 * One call: microphone and loudspeaker on this side, the bridge on the other.
 *
 * The microphone is asked for first, so that one that is refused costs no session.
 */

import { Loudspeaker } from "../audio/loudspeaker.js";
import { Microphone, openMicrophone, stopTracks } from "../audio/microphone.js";
import { Problem, microphoneLost } from "./problems.js";
import { Wire } from "./wire.js";

/** The page offers what speech models listen at; the bridge has the last word. */
export const OFFERED_HZ = 16000;

/**
 * @typedef {import("../audio/microphone.js").MicrophoneChoice} MicrophoneChoice
 * @typedef {import("../audio/play-queue.js").Mark} Mark
 *
 * @typedef {object} CallListener what the views are told, all of it optional to use.
 * @property {(rateHz: number) => void} ready
 * @property {(frame: import("../audio/capture-worklet.js").MicrophoneFrame) => void} spoke
 * @property {(samples: number) => void} received
 * @property {(mark: Mark) => void} announced a mark that stands after what came.
 * @property {(mark: Mark) => void} heard
 * @property {(report: import("../audio/playback-worklet.js").PlayerReport) => void} played
 * @property {(cleared: {position: number, dropped: number, time: number}) => void} cleared
 * @property {(event: import("./wire.js").RealtimeEvent) => void} event
 * @property {(message: string) => void} error
 * @property {(reason: Problem | string) => void} ended once; nothing follows.
 */

export class Call {
  /**
   * Begin a call. To be called from a user's action, or browsers give no sound.
   *
   * @param {{url: string, token: string, microphone: MicrophoneChoice,
   *   speakerId: string}} options
   * @param {CallListener} listener
   */
  constructor(options, listener) {
    this.listener = listener;
    this.options = options;
    this.context = new AudioContext({ latencyHint: "interactive" });
    this.isOver = false;
    this.muted = false;
    this.#begin().catch((error) => this.#end(error));
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.muted = muted;
    this.microphone?.mute(muted);
  }

  /**
   * Take another microphone, or the same one otherwise processed.
   *
   * @param {MicrophoneChoice} choice
   */
  async changeMicrophone(choice) {
    try {
      const stream = await openMicrophone(choice);
      if (this.isOver) stopTracks(stream);
      else if (this.microphone) this.microphone.change(stream);
      else this.#take(stream); // the call is still being put through
    } catch (error) {
      this.listener.error(/** @type {Error} */ (error).message);
    }
  }

  /** @param {string} deviceId empty for the system's choice. */
  async changeSpeaker(deviceId) {
    try {
      await this.context.setSinkId?.(deviceId);
    } catch {
      this.listener.error("The chosen loudspeaker cannot be used: choose another one.");
    }
  }

  /** End the call, or give up beginning it. */
  hangUp() {
    if (this.wire) this.wire.close();
    else this.#end("you gave up connecting");
  }

  /** @param {MediaStream} stream takes the place of the one before. */
  #take(stream) {
    if (this.stream) stopTracks(this.stream);
    this.stream = stream;
  }

  async #begin() {
    const stream = await openMicrophone(this.options.microphone);
    if (this.stream) stopTracks(stream); // another was chosen meanwhile
    else this.#take(stream);
    if (this.isOver) return this.#release();
    const modules = ["../audio/capture-worklet.js", "../audio/playback-worklet.js"];
    await Promise.all(
      modules.map((name) =>
        this.context.audioWorklet.addModule(new URL(name, import.meta.url)),
      ),
    );
    if (this.options.speakerId) await this.changeSpeaker(this.options.speakerId);
    await this.context.resume();
    if (this.isOver) return this.#release();
    this.#connect();
  }

  #connect() {
    const { listener } = this;
    const hello = { rate: OFFERED_HZ, token: this.options.token };
    this.wire = new Wire(this.options.url, hello, {
      ready: (rateHz) => this.#start(rateHz),
      audio: (samples) => this.#play(samples),
      mark: (mark) => {
        listener.announced(mark);
        this.loudspeaker?.mark(mark);
      },
      clear: () => this.loudspeaker?.clear(),
      event: (event) => listener.event(event),
      error: (message) => listener.error(message),
      end: (reason) => this.#end(reason),
    });
  }

  /** @param {number} rateHz */
  #start(rateHz) {
    const { context, listener } = this;
    const wire = /** @type {Wire} */ (this.wire);
    listener.ready(rateHz);
    this.loudspeaker = new Loudspeaker(context, rateHz, {
      heard: (mark) => {
        wire.sendMark(mark.name);
        listener.heard(mark);
      },
      cleared: listener.cleared,
      report: listener.played,
    });
    const stream = /** @type {MediaStream} */ (this.stream);
    this.microphone = new Microphone(context, stream, rateHz, {
      frame: (frame) => {
        wire.sendAudio(frame.samples);
        listener.spoke(frame);
      },
      lost: () => this.#end(microphoneLost()),
    });
    this.microphone.mute(this.muted);
  }

  /** @param {Int16Array} samples */
  #play(samples) {
    this.listener.received(samples.length);
    this.loudspeaker?.play(samples);
  }

  /** @param {Problem | string} reason */
  #end(reason) {
    if (this.isOver) return;
    this.isOver = true;
    this.#release();
    this.listener.ended(reason);
  }

  #release() {
    this.wire?.close();
    this.loudspeaker?.stop();
    if (this.microphone) this.microphone.stop();
    else if (this.stream) stopTracks(this.stream);
    if (this.context.state !== "closed") this.context.close();
  }
}
