// The published npm package `openai`, its class OpenAIRealtimeWS.
//
// It turns every address into `wss:`. Its own hook `createConnection` gives it a
// plain socket instead; `voicelab serve --tls-self-signed` would be the other way.

import assert from "node:assert/strict";
import net from "node:net";

import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";

import { durationMs, main, MODEL, sleep, speak, until } from "./trial.mjs";

const WEATHER = {
  type: "function",
  name: "get_weather",
  description: "Tells the weather of a city.",
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  },
};

class Call {
  constructor(job, apiKey = job.api_key) {
    this.job = job;
    this.events = [];
    this.errors = [];
    const { hostname, port } = new URL(job.base_url);
    this.rt = new OpenAIRealtimeWS(
      {
        model: MODEL,
        options: { createConnection: () => net.connect(Number(port), hostname) },
      },
      new OpenAI({ apiKey, baseURL: job.base_url }),
    );
    this.rt.socket.on("message", (data) => job.record(data.toString()));
    this.rt.on("event", (event) => this.events.push(event));
    this.rt.on("error", (error) => this.errors.push(error));
    this.closed = new Promise((resolve) => this.rt.socket.on("close", resolve));
  }

  of(type) {
    return this.events.filter((event) => event.type === type);
  }

  /** Wait for an event of a type that has not been waited for. */
  async next(type, count = 1) {
    await until(() => this.of(type).length >= count || this.errors.length);
    assert.deepEqual(this.errors, []);
    return this.of(type)[count - 1];
  }

  send(type, fields = {}) {
    this.rt.send({ type, ...fields });
  }

  async update(session) {
    await until(() => this.of("session.created").length);
    const count = this.of("session.updated").length + 1;
    this.send("session.update", { session: { type: "realtime", ...session } });
    return this.next("session.updated", count);
  }

  append(audio) {
    this.send("input_audio_buffer.append", { audio: audio.toString("base64") });
  }

  write(text) {
    const content = [{ type: "input_text", text }];
    const item = { type: "message", role: "user", content };
    this.send("conversation.item.create", { item });
  }

  received(itemId) {
    const deltas = this.of("response.output_audio.delta");
    return deltas
      .filter((event) => event.item_id === itemId)
      .reduce((sum, event) => sum + Buffer.from(event.delta, "base64").length, 0);
  }

  async end() {
    this.rt.close();
    await this.closed;
  }
}

async function turn(job) {
  const call = new Call(job);
  await call.update({ audio: { input: { transcription: { model: "whisper-1" } } } });
  await speak(job.speech("interruption"), (audio) => call.append(audio));
  const done = await call.next("response.done");
  assert.equal(done.response.output[0].content[0].transcript, job.short_answer);
  assert.ok(durationMs(call.received(done.response.output[0].id)) > 3600);
  const heard = await call.next("conversation.item.input_audio_transcription.completed");
  assert.equal(heard.transcript, job.interruption_text);
  await call.end();
}

async function bargeIn(job) {
  const call = new Call(job);
  await call.update({});
  await speak(job.speech("question"), (audio) => call.append(audio));
  const first = await call.next("response.output_audio.delta");
  const began = performance.now();
  const speaking = speak(job.speech("interruption"), (audio) => call.append(audio));
  await call.next("input_audio_buffer.speech_started", 2);
  const elapsedMs = performance.now() - began;
  const receivedMs = durationMs(call.received(first.item_id));
  const playedMs = Math.floor(Math.min(elapsedMs, receivedMs));
  call.send("conversation.item.truncate", {
    item_id: first.item_id,
    content_index: 0,
    audio_end_ms: playedMs,
  });
  const truncated = await call.next("conversation.item.truncated");
  assert.equal(truncated.audio_end_ms, playedMs);
  const cancelled = await call.next("response.done");
  assert.equal(cancelled.response.status_details.reason, "turn_detected");
  await speaking;
  const done = await call.next("response.done", 2);
  assert.equal(done.response.output[0].content[0].transcript, job.short_answer);
  await call.end();
}

async function manual(job) {
  const call = new Call(job);
  await call.update({ audio: { input: { turn_detection: null } } });
  call.append(job.speech("interruption"));
  call.send("input_audio_buffer.commit");
  await call.next("conversation.item.done");
  await sleep(300);
  assert.equal(call.of("response.created").length, 0);
  call.send("response.create");
  assert.equal((await call.next("response.done")).response.status, "completed");
  assert.equal(call.of("input_audio_buffer.speech_started").length, 0);
  await call.end();
}

async function text(job) {
  const call = new Call(job);
  await call.update({ output_modalities: ["text"] });
  call.write("What is for dinner?");
  call.send("response.create");
  const done = await call.next("response.done");
  const deltas = call.of("response.output_text.delta").map((event) => event.delta);
  assert.equal(done.response.output[0].content[0].text, deltas.join(""));
  assert.ok(deltas.length > 0);
  await call.end();
}

async function tools(job) {
  const call = new Call(job);
  await call.update({ tools: [WEATHER], tool_choice: "required" });
  call.write("Shall I take an umbrella?");
  call.send("response.create");
  const [asked] = (await call.next("response.done")).response.output;
  assert.equal(asked.name, "get_weather");
  assert.equal(typeof JSON.parse(asked.arguments).city, "string");
  call.send("conversation.item.create", {
    item: { type: "function_call_output", call_id: asked.call_id, output: "clear" },
  });
  call.send("response.create");
  const done = await call.next("response.done", 2);
  assert.ok(done.response.output[0].content[0].transcript);
  await call.end();
}

async function errors(job) {
  const call = new Call(job);
  await until(() => call.of("session.created").length);
  call.send("session.dance", { event_id: "e1" });
  await until(() => call.errors.length === 1);
  assert.equal(call.errors[0].error.code, "invalid_value");
  assert.equal(call.errors[0].error.event_id, "e1");
  call.send("input_audio_buffer.commit", { event_id: "e2" });
  await until(() => call.errors.length === 2);
  assert.equal(call.errors[1].error.code, "input_audio_buffer_commit_empty");
  call.errors.length = 0;
  call.write("Are you still there?");
  call.send("response.create");
  assert.equal((await call.next("response.done")).response.status, "completed");
  await call.end();
}

async function badKey(job) {
  const call = new Call(job, "sk-wrong");
  assert.equal(await call.closed, 3000);
  assert.deepEqual(
    call.errors.map((error) => error.error.code),
    ["invalid_api_key"],
  );
}

await main({
  turn,
  "barge-in": bargeIn,
  manual,
  text,
  tools,
  errors,
  "bad-key": badKey,
});
