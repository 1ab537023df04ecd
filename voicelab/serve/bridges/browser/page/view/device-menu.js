/** The choice of microphone and loudspeaker. */

import { byId, make } from "./elements.js";

const CAN_CHOOSE_SPEAKER = "setSinkId" in AudioContext.prototype;

export class DeviceMenu {
  /**
   * @param {object} listener
   * @param {() => void} listener.microphone another one, or otherwise processed.
   * @param {() => void} listener.speaker another one.
   */
  constructor(listener) {
    /** @type {HTMLSelectElement} */
    this.microphone = byId("microphone");
    /** @type {HTMLSelectElement} */
    this.speaker = byId("speaker");
    /** @type {HTMLInputElement} */
    this.echo = byId("echo");
    /** @type {HTMLInputElement} */
    this.noise = byId("noise");
    for (const control of [this.microphone, this.echo, this.noise]) {
      control.onchange = listener.microphone;
    }
    this.speaker.onchange = listener.speaker;
    this.speaker.disabled = !CAN_CHOOSE_SPEAKER;
    navigator.mediaDevices?.addEventListener("devicechange", () => this.refresh());
  }

  /** Read the devices again: their names are known only once one was allowed. */
  async refresh() {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    fill(this.microphone, devices, "audioinput", "System's choice");
    fill(
      this.speaker,
      CAN_CHOOSE_SPEAKER ? devices : [],
      "audiooutput",
      CAN_CHOOSE_SPEAKER
        ? "System's choice"
        : "System's choice (fixed by this browser)",
    );
  }

  /** @returns {import("../audio/microphone.js").MicrophoneChoice} */
  get choice() {
    return {
      deviceId: this.microphone.value,
      echoCancellation: this.echo.checked,
      noiseSuppression: this.noise.checked,
    };
  }

  get speakerId() {
    return this.speaker.value;
  }
}

/**
 * @param {HTMLSelectElement} select
 * @param {MediaDeviceInfo[]} devices
 * @param {MediaDeviceKind} kind
 * @param {string} byDefault
 */
function fill(select, devices, kind, byDefault) {
  const chosen = select.value;
  const options = devices
    .filter((device) => device.kind === kind && device.deviceId !== "")
    .filter(({ deviceId }) => deviceId !== "default")
    .map(({ deviceId, label }, index) =>
      option(deviceId, label || `Device ${index + 1}`),
    );
  select.replaceChildren(option("", byDefault), ...options);
  select.value = options.some(({ value }) => value === chosen) ? chosen : "";
}

/**
 * @param {string} value
 * @param {string} label
 */
function option(value, label) {
  const element = make("option", "", label);
  element.value = value;
  return element;
}
