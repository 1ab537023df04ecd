/* The page's program: it plays, moves the cursor, and lists events. All text that comes
   from a run is put in as text, never as markup. */
"use strict";

const ROWS_AT_ONCE = 300;
const STEP_S = 1;
const WIDE_STEP_S = 5;
const MARGIN_PX = 40;

/** One AudioContext serves all players: browsers allow few. */
let context = null;

/** @type {Player[]} */
const players = [];

/** The sound of one run, and the cursor over its timeline. */
class Player {
  constructor(run) {
    this.audio = run.querySelector("audio");
    this.now = run.querySelector(".now");
    this.gains = null;
    this.atS = 0;
    this.timeline = run.querySelector(".stage") && new Timeline(run, this);
    for (const button of run.querySelectorAll("[data-channel]")) {
      button.onclick = () => this.toggle(button);
    }
    run.addEventListener("click", (event) => {
      const button = event.target.closest("[data-seek]");
      if (button) this.seek(Number(button.dataset.seek));
    });
    if (!this.audio) return;
    this.audio.onplay = () => this.begin();
    this.audio.onseeking = this.audio.ontimeupdate = () => this.show();
  }

  begin() {
    for (const other of players) if (other !== this) other.audio?.pause();
    context?.resume();
    const step = () => {
      this.show();
      if (!this.audio.paused) requestAnimationFrame(step);
    };
    step();
  }

  seek(seconds) {
    this.atS = Math.max(0, seconds);
    if (this.audio) this.audio.currentTime = this.atS;
    this.show(this.atS);
  }

  get time() {
    return this.audio ? this.audio.currentTime : this.atS;
  }

  playOrPause() {
    if (!this.audio) return;
    if (this.audio.paused) this.audio.play();
    else this.audio.pause();
  }

  show(seconds = this.time) {
    if (this.now) this.now.textContent = `${seconds.toFixed(2)} s`;
    this.timeline?.show(seconds, Boolean(this.audio && !this.audio.paused));
  }

  toggle(button) {
    const heard = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(heard));
    this.gains ??= channels(this.audio);
    this.gains[Number(button.dataset.channel)].gain.value = heard ? 1 : 0;
  }
}

/** Take a recording apart; return the volume of its left and of its right channel. */
function channels(audio) {
  context ??= new AudioContext();
  context.resume();
  const both = context.createMediaElementSource(audio);
  const apart = context.createChannelSplitter(2);
  const together = context.createChannelMerger(2);
  both.connect(apart);
  together.connect(context.destination);
  return [0, 1].map((channel) => {
    const gain = context.createGain();
    apart.connect(gain, channel).connect(together, 0, channel);
    return gain;
  });
}

/** The timeline of one run: where the cursor stands, and where a click leads. */
class Timeline {
  constructor(run, player) {
    this.player = player;
    this.stage = run.querySelector(".stage");
    this.cursor = run.querySelector(".cursor");
    this.seeker = run.querySelector(".seeker");
    const told = this.stage.dataset;
    this.left = Number(told.left);
    this.right = Number(told.right);
    this.startS = Number(told.startS);
    this.endS = Number(told.endS);
    this.seeker.style.left = `${this.left * 100}%`;
    this.seeker.style.right = `${(1 - this.right) * 100}%`;
    this.seeker.onpointerdown = (event) => this.take(event);
    this.seeker.onpointermove = (event) => {
      if (event.buttons && event.pointerType === "mouse") this.take(event);
    };
    this.seeker.onkeydown = (event) => this.press(event);
    this.seeker.hidden = this.cursor.hidden = false;
    this.show(0, false);
  }

  take(event) {
    const box = this.seeker.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const inside = Math.min(1, Math.max(0, share));
    this.player.seek(this.startS + inside * (this.endS - this.startS));
  }

  press(event) {
    const step = event.shiftKey ? WIDE_STEP_S : STEP_S;
    const moves = {
      ArrowLeft: this.player.time - step,
      ArrowDown: this.player.time - step,
      ArrowRight: this.player.time + step,
      ArrowUp: this.player.time + step,
      Home: this.startS,
      End: this.endS,
    };
    if (event.key === " ") this.player.playOrPause();
    else if (event.key in moves) this.player.seek(Math.min(moves[event.key], this.endS));
    else return;
    event.preventDefault();
  }

  show(seconds, isPlaying) {
    const share = (seconds - this.startS) / (this.endS - this.startS);
    const inside = Math.min(1, Math.max(0, share));
    const place = this.left + inside * (this.right - this.left);
    this.cursor.style.left = `${place * 100}%`;
    this.seeker.setAttribute("aria-valuenow", seconds.toFixed(2));
    this.seeker.setAttribute("aria-valuetext", `${seconds.toFixed(2)} s`);
    if (isPlaying) this.follow(place);
  }

  /** Keep the cursor in sight where the figure is wider than the screen. */
  follow(place) {
    const view = this.stage.parentElement;
    if (view.scrollWidth <= view.clientWidth) return;
    const x = place * this.stage.clientWidth - view.scrollLeft;
    if (x < MARGIN_PX || x > view.clientWidth - MARGIN_PX) {
      view.scrollLeft += x - view.clientWidth / 3;
    }
  }
}

/** The events of one run, listed as far as one reads. */
class EventList {
  constructor(box) {
    this.box = box;
    this.list = box.querySelector(".event-list");
    this.words = box.querySelector("input[type=search]");
    this.lane = box.querySelector("select");
    this.all = box.querySelector("input[type=checkbox]");
    this.count = box.querySelector(".count");
    this.more = box.querySelector(".more");
    this.events = null;
    this.words.oninput = this.lane.onchange = this.all.onchange = () => this.find();
    this.more.onclick = () => this.extend();
    this.list.onclick = (event) => event.target.closest("li")?.classList.toggle("whole");
    box.ontoggle = () => this.open();
    if (box.open) this.open();
  }

  /** Read the events when they are first looked at: a page may hold many runs. */
  open() {
    if (this.events || !this.box.open) return;
    const told = JSON.parse(this.box.querySelector("script").textContent);
    this.events = told.rows.map(([ms, lane, type, item, text]) => ({
      seconds: ms / 1000,
      lane: told.lanes[lane],
      type: told.types[type],
      text: [told.items[item], text].filter(Boolean).join(" "),
      isBulk: told.bulk[type],
      isProblem: told.problems[type],
    }));
    for (const event of this.events) {
      event.words = `${event.lane} ${event.type} ${event.text}`.toLowerCase();
    }
    this.lane.append(...told.lanes.map((name) => new Option(name, name)));
    this.find();
  }

  find() {
    const words = this.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const lane = this.lane.value;
    this.found = this.events.filter(
      (event) =>
        (this.all.checked || !event.isBulk) &&
        (!lane || event.lane === lane) &&
        words.every((word) => event.words.includes(word)),
    );
    this.shown = 0;
    this.list.replaceChildren();
    this.list.scrollTop = 0;
    this.count.textContent = `${this.found.length} of ${this.events.length} events`;
    this.extend();
  }

  extend() {
    const next = this.found.slice(this.shown, this.shown + ROWS_AT_ONCE);
    this.list.append(...next.map(eventRow));
    this.shown += next.length;
    const left = this.found.length - this.shown;
    this.more.hidden = left === 0;
    this.more.textContent = `Show ${Math.min(left, ROWS_AT_ONCE)} more`;
  }
}

function eventRow(event) {
  const at = make("button", "seek", event.seconds.toFixed(3));
  at.type = "button";
  at.dataset.seek = String(event.seconds);
  const row = make("li", event.isProblem ? "problem" : "");
  row.append(
    at,
    make("span", "lane", event.lane),
    make("span", "type", event.type),
    make("span", "told", event.text),
  );
  row.dataset.seek = at.dataset.seek;
  return row;
}

function make(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

for (const run of document.querySelectorAll(".run")) players.push(new Player(run));
for (const box of document.querySelectorAll("details.events")) new EventList(box);
for (const part of document.querySelectorAll(".needs-program")) part.hidden = false;
for (const part of document.querySelectorAll(".without-program")) part.hidden = true;
