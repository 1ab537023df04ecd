/** Shows the sound of a call: both waveforms, and who is speaking now. */

import { COLUMNS_PER_S, rangeOf } from "../audio/envelope.js";
import { byId } from "./elements.js";
import { showMs } from "./turns-view.js";
import { Waveform } from "./waveform.js";

/** Numbers that change 50 times a second cannot be read. */
const REPORTS_PER_FIGURE = 10;

/** Those who do not want motion get a new picture each second instead. */
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const STILL_EVERY_MS = 1000;
const MOVING_EVERY_MS = 33;

/** Screens refresh when they do: a picture may be that much early. */
const FRAME_SLACK_MS = 4;

/** @typedef {import("../audio/capture-worklet.js").MicrophoneFrame} MicrophoneFrame */
/** @typedef {import("../audio/playback-worklet.js").PlayerReport} PlayerReport */

export class SoundView {
  constructor() {
    this.canvas = /** @type {HTMLCanvasElement} */ (byId("waveform"));
    this.waveform = new Waveform(this.canvas, () => 0);
    this.running = false;
    this.drawnMs = -Infinity;
    this.reports = 0;
    /** @type {AudioContext | undefined} of the call. */
    this.context = undefined;
    /** @type {number | null} when the caller's first sample was taken, in seconds. */
    this.beganAt = null;
    this.#describe();
    const draw = () => this.waveform.draw();
    new ResizeObserver(draw).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  }

  /**
   * Begin anew, for a call.
   *
   * @param {AudioContext} context of the call.
   */
  begin(context) {
    this.context = context;
    this.waveform = new Waveform(this.canvas, () => context.currentTime);
    this.running = true;
    this.reports = 0;
    this.beganAt = null;
    this.#describe();
    this.callerSpeaks(false);
    light("agent", false, "Agent silent");
    this.agentBegins();
    byId("underruns").textContent = "0";
    requestAnimationFrame((nowMs) => this.#frame(nowMs));
  }

  /** @param {MicrophoneFrame} frame */
  spoke({ samples, column }) {
    this.beganAt ??= column / COLUMNS_PER_S;
    this.waveform.caller.add(column, ...rangeOf(samples));
  }

  /**
   * @param {PlayerReport} report
   * @param {number} rateHz of its positions.
   */
  played({ column, least, greatest, queued, underruns }, rateHz) {
    this.waveform.agent.add(column, least, greatest);
    this.reports += 1;
    if (this.reports % REPORTS_PER_FIGURE !== 0) return;
    light("agent", queued > 0, queued > 0 ? "Agent speaking" : "Agent silent");
    showMs("queued", (queued * 1000) / rateHz);
    const { outputLatency, baseLatency } = /** @type {AudioContext} */ (this.context);
    showMs("device-delay", (outputLatency || baseLatency) * 1000);
    byId("underruns").textContent = String(underruns);
  }

  /**
   * @param {boolean} speaks as the session hears it.
   * @param {number} [atMs] where in the caller's audio that changed.
   */
  callerSpeaks(speaks, atMs) {
    light("caller", speaks, speaks ? "Caller speaking" : "Caller silent");
    if (atMs === undefined || this.beganAt === null) return;
    const time = this.beganAt + atMs / 1000;
    const { bands } = this.waveform;
    if (speaks) bands.push({ from: time, to: null });
    else if (bands.length > 0) bands[bands.length - 1].to = time;
  }

  /**
   * @param {number} time of the context, in seconds.
   * @param {string} words
   */
  interrupted(time, words) {
    this.waveform.cuts.push(time);
    light("interrupt", true, words);
    this.#describe();
  }

  agentBegins() {
    light("interrupt", false, "No interruption");
  }

  end() {
    this.running = false;
    this.callerSpeaks(false);
    light("agent", false, "Agent silent");
  }

  #describe() {
    const count = this.waveform.cuts.length;
    this.canvas.ariaLabel =
      "Waveforms of the last seconds, caller above and agent below; " +
      `${count} ${count === 1 ? "interruption" : "interruptions"} in this call`;
  }

  /** @param {number} nowMs */
  #frame(nowMs) {
    if (!this.running) return;
    const everyMs = STILL.matches ? STILL_EVERY_MS : MOVING_EVERY_MS;
    if (nowMs - this.drawnMs >= everyMs - FRAME_SLACK_MS) {
      this.drawnMs = nowMs;
      this.waveform.draw();
    }
    requestAnimationFrame((laterMs) => this.#frame(laterMs));
  }
}

/**
 * @param {"caller" | "agent" | "interrupt"} lamp
 * @param {boolean} isLit
 * @param {string} words
 */
function light(lamp, isLit, words) {
  const element = byId(`${lamp}-lamp`);
  element.classList.toggle("lit", isLit);
  if (element.textContent !== words) element.textContent = words;
}
