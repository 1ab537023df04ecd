/** The microphone: opened as chosen, turned into frames by its worklet. */

import { insecureContext, microphoneProblem } from "../call/problems.js";

/**
 * @typedef {import("./capture-worklet.js").MicrophoneFrame} MicrophoneFrame
 *
 * @typedef {object} MicrophoneChoice
 * @property {string} deviceId empty for the system's choice.
 * @property {boolean} echoCancellation
 * @property {boolean} noiseSuppression
 */

/**
 * Ask the browser for a microphone.
 *
 * @param {MicrophoneChoice} choice
 * @returns {Promise<MediaStream>}
 * @throws {import("../call/problems.js").Problem}
 */
export async function openMicrophone({ deviceId, echoCancellation, noiseSuppression }) {
  if (!navigator.mediaDevices) throw insecureContext(location.host);
  const audio = {
    ...(deviceId && { deviceId: { exact: deviceId } }),
    channelCount: 1,
    echoCancellation,
    noiseSuppression,
    autoGainControl: true,
  };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw microphoneProblem(error);
  }
}

export class Microphone {
  /**
   * @param {AudioContext} context whose `capture-worklet.js` is loaded.
   * @param {MediaStream} stream
   * @param {number} rateHz of the frames.
   * @param {object} listener
   * @param {(frame: MicrophoneFrame) => void} listener.frame
   * @param {() => void} listener.lost the device is gone.
   */
  constructor(context, stream, rateHz, listener) {
    this.context = context;
    this.listener = listener;
    this.muted = false;
    this.node = new AudioWorkletNode(context, "microphone-frames", {
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions: { rateHz },
    });
    this.node.port.onmessage = ({ data }) => listener.frame(data);
    // Its output is silence; connected, it runs in every browser.
    this.node.connect(context.destination);
    this.stream = stream;
    this.source = this.#connect();
  }

  /**
   * A muted microphone sends silence, not nothing: the other side measures time by
   * the audio that it gets, and hears the end of a turn in silence.
   *
   * @param {boolean} muted
   */
  mute(muted) {
    this.muted = muted;
    for (const track of this.stream.getTracks()) track.enabled = !muted;
  }

  /** @param {MediaStream} stream takes the place of the one in use. */
  change(stream) {
    this.#release();
    this.stream = stream;
    this.source = this.#connect();
  }

  stop() {
    this.node.port.onmessage = null;
    this.#release();
  }

  #connect() {
    const source = this.context.createMediaStreamSource(this.stream);
    source.connect(this.node);
    this.mute(this.muted);
    for (const track of this.stream.getTracks()) {
      track.onended = () => this.listener.lost();
    }
    return source;
  }

  #release() {
    this.source.disconnect();
    stopTracks(this.stream);
  }
}

/** @param {MediaStream} stream */
export function stopTracks(stream) {
  for (const track of stream.getTracks()) {
    track.onended = null;
    track.stop();
  }
}
