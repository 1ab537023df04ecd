/** The audio thread's side of the microphone: frames at the wire's rate. */

import { COLUMNS_PER_S } from "./envelope.js";
import { toInt16 } from "./pcm.js";
import { Resampler } from "./resampler.js";
import { SampleRing } from "./sample-ring.js";

/**
 * @typedef {object} MicrophoneFrame
 * @property {Int16Array} samples 20 ms at the wire's rate.
 * @property {number} column which column of the context's time it is.
 */

class MicrophoneFrames extends AudioWorkletProcessor {
  /** @param {{processorOptions: {rateHz: number}}} options */
  constructor({ processorOptions: { rateHz } }) {
    super();
    this.ring = new SampleRing();
    this.resampler = new Resampler(this.ring, sampleRate, rateHz);
    this.frame = new Float32Array(Math.round(rateHz / COLUMNS_PER_S));
    this.filled = 0;
    this.column = Math.round(currentTime * COLUMNS_PER_S);
  }

  /** @param {Float32Array[][]} inputs one mono microphone, or none. */
  process([[microphone]]) {
    // A frame is due every 20 ms, whether or not there is a microphone.
    this.ring.push(microphone ?? new Float32Array(128));
    while (this.resampler.ready) this.#take(this.resampler.next());
    return true;
  }

  /** @param {number} sample */
  #take(sample) {
    this.frame[this.filled] = sample;
    this.filled += 1;
    if (this.filled < this.frame.length) return;
    this.filled = 0;
    const samples = toInt16(this.frame);
    this.port.postMessage({ samples, column: this.column }, [samples.buffer]);
    this.column += 1;
  }
}

registerProcessor("microphone-frames", MicrophoneFrames);
