/** The page: its controls, and the call that they begin and end. */

import { CallView } from "./view/call-view.js";
import { DeviceMenu } from "./view/device-menu.js";
import { byId } from "./view/elements.js";
import { EventLogView } from "./view/event-log-view.js";
import { SoundView } from "./view/sound-view.js";

/** @type {HTMLButtonElement} */
const connect = byId("connect");
/** @type {HTMLButtonElement} */
const mute = byId("mute");
/** @type {HTMLInputElement} */
const token = byId("token");

const log = new EventLogView();
const sound = new SoundView();
const devices = new DeviceMenu({
  microphone: () => view?.call.changeMicrophone(devices.choice),
  speaker: () => view?.call.changeSpeaker(devices.speakerId),
});

/** @type {CallView | undefined} the call that is on. */
let view;

function begin() {
  byId("alert").textContent = "";
  setState("connecting", "Connecting");
  view = new CallView(
    {
      url: voiceUrl(),
      token: token.value,
      microphone: devices.choice,
      speakerId: devices.speakerId,
    },
    log,
    sound,
    {
      ready: () => {
        setState("connected", "Connected");
        devices.refresh();
      },
      error: (message) => (byId("alert").textContent = message),
      ended,
    },
  );
  view.call.mute(isMuted());
}

/** @param {import("./call/problems.js").Problem | string} reason */
function ended(reason) {
  view = undefined;
  if (typeof reason === "string") {
    setState("idle", `Not connected: ${reason}`);
    return;
  }
  setState("idle", "Not connected");
  byId("alert").textContent = reason.message;
  if ("wantsToken" in reason && reason.wantsToken) {
    byId("token-field").hidden = false;
    token.focus();
  }
}

/**
 * @param {"idle" | "connecting" | "connected"} state
 * @param {string} words
 */
function setState(state, words) {
  const element = byId("state");
  element.dataset.state = state;
  element.textContent = words;
  connect.dataset.ends = String(state !== "idle");
  connect.textContent = {
    idle: "Connect",
    connecting: "Cancel",
    connected: "Disconnect",
  }[state];
}

function isMuted() {
  return mute.ariaPressed === "true";
}

/** The bridge listens beside the page, encrypted if the page is. */
function voiceUrl() {
  const url = new URL("voice", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}

function showElapsed() {
  if (!view) return;
  const seconds = Math.floor(view.elapsedMs / 1000);
  const padded = String(seconds % 60).padStart(2, "0");
  byId("elapsed").textContent = `${Math.floor(seconds / 60)}:${padded}`;
}

byId("controls").onsubmit = (event) => {
  event.preventDefault();
  if (view) view.call.hangUp();
  else begin();
};
byId("dismiss").onclick = () => (byId("alert").textContent = "");
mute.onclick = () => {
  mute.ariaPressed = String(!isMuted());
  view?.call.mute(isMuted());
};
addEventListener("pagehide", () => view?.call.hangUp());
setInterval(showElapsed, 250);

/** @type {HTMLDetailsElement} */ (byId("devices")).open =
  matchMedia("(min-width: 60rem)").matches;
devices.refresh();
