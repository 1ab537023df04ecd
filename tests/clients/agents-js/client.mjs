// The published npm package `@openai/agents-realtime`, its RealtimeSession.

import assert from "node:assert/strict";

import {
  OpenAIRealtimeWebSocket,
  RealtimeAgent,
  RealtimeSession,
  tool,
} from "@openai/agents-realtime";
import { z } from "zod";

// What the library itself reads events with. An event that its schemas refuse is
// dropped in silence, so the scripts ask it about every one.
import { parseRealtimeEvent } from "./node_modules/@openai/agents-realtime/dist/openaiRealtimeEvents.mjs";

import { arrayBuffer, durationMs, main, MODEL, sleep, speak, until } from "./trial.mjs";

class Call {
  constructor(job, agent = {}, config = {}) {
    this.job = job;
    this.events = [];
    this.errors = [];
    this.audio = 0;
    this.interrupted = 0;
    this.transport = new OpenAIRealtimeWebSocket({ url: `${job.url}?model=${MODEL}` });
    this.session = new RealtimeSession(
      new RealtimeAgent({ name: "Cook", instructions: "Help.", ...agent }),
      { transport: this.transport, model: MODEL, config },
    );
    this.transport.on("*", (event) => this.#take(event));
    this.session.on("error", (error) => this.errors.push(error));
    this.session.on("audio", (event) => (this.audio += event.data.byteLength));
    this.session.on("audio_interrupted", () => (this.interrupted += 1));
  }

  #take(event) {
    this.events.push(event);
    this.job.record(JSON.stringify(event));
    const read = parseRealtimeEvent({ data: JSON.stringify(event) });
    if (read.isGeneric) {
      this.errors.push(new Error(`the library's schemas refuse ${event.type}`));
    }
  }

  async connect(apiKey = this.job.api_key) {
    await this.session.connect({ apiKey });
    await this.next("session.updated");
    return this;
  }

  of(type) {
    return this.events.filter((event) => event.type === type);
  }

  async next(type, count = 1) {
    await until(() => this.of(type).length >= count || this.errors.length);
    assert.deepEqual(this.errors, []);
    return this.of(type)[count - 1];
  }

  async say(name) {
    const send = (audio) => this.session.sendAudio(arrayBuffer(audio));
    await speak(this.job.speech(name), send);
  }

  /** The contents of one side's messages, as the session's history has them. */
  history(role) {
    return this.session.history
      .filter((item) => item.type === "message" && item.role === role)
      .map((item) => item.content[0])
      .filter(Boolean);
  }

  async said(role, words) {
    const transcripts = () => this.history(role).map((part) => part.transcript);
    await until(() => transcripts().includes(words));
  }
}

const BY_SILENCE = {
  audio: {
    input: {
      transcription: { model: "gpt-4o-mini-transcribe" },
      turnDetection: { type: "server_vad", interruptResponse: true },
    },
  },
};

async function turn(job) {
  const call = await new Call(job, {}, BY_SILENCE).connect();
  await call.say("interruption");
  await call.next("response.done");
  await call.said("assistant", job.short_answer);
  await call.said("user", job.interruption_text);
  assert.ok(durationMs(call.audio) > 3600);
  assert.equal(call.interrupted, 0);
  call.session.close();
}

async function bargeIn(job) {
  const call = await new Call(job, {}, BY_SILENCE).connect();
  await call.say("question");
  const first = await call.next("response.output_audio.delta");
  await call.say("interruption");
  await call.next("response.done", 2);
  await call.said("assistant", job.short_answer);
  assert.equal(call.interrupted, 1);
  const truncated = await call.next("conversation.item.truncated");
  assert.equal(truncated.item_id, first.item_id);
  assert.ok(truncated.audio_end_ms > 200 && truncated.audio_end_ms < 5000);
  const kept = await until(() =>
    call
      .of("conversation.item.retrieved")
      .map((event) => event.item)
      .find((item) => item.id === first.item_id && item.content[0].audio),
  );
  const bytes = Buffer.from(kept.content[0].audio, "base64").length;
  assert.equal(durationMs(bytes), truncated.audio_end_ms);
  assert.deepEqual(
    call.of("response.done").map((event) => event.response.status),
    ["cancelled", "completed"],
  );
  assert.deepEqual(call.errors, []);
  call.session.close();
}

async function manual(job) {
  const config = { audio: { input: { turnDetection: null } } };
  const call = await new Call(job, {}, config).connect();
  call.session.sendAudio(arrayBuffer(job.speech("interruption")), { commit: true });
  await call.next("input_audio_buffer.committed");
  await sleep(300);
  assert.equal(call.of("response.created").length, 0);
  call.transport.sendEvent({ type: "response.create" });
  await call.next("response.done");
  assert.ok(call.audio > 0);
  assert.equal(call.of("input_audio_buffer.speech_started").length, 0);
  call.session.close();
}

async function text(job) {
  const call = await new Call(job, {}, { outputModalities: ["text"] }).connect();
  call.session.sendMessage("What is for dinner?");
  await call.next("response.done");
  const [said] = await until(
    () => call.history("assistant").length && call.history("assistant"),
  );
  assert.ok(said.text);
  assert.equal(call.history("user")[0].text, "What is for dinner?");
  call.session.close();
}

async function tools(job) {
  const asked = [];
  const weather = tool({
    name: "get_weather",
    description: "Tells the weather of a city.",
    parameters: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      asked.push(city);
      return "clear";
    },
  });
  const call = await new Call(job, { tools: [weather] }).connect();
  call.session.sendMessage("Please get weather!");
  await call.next("response.done", 2);
  assert.equal(asked.length, 1);
  assert.ok(call.audio > 0);
  call.session.close();
}

async function errors(job) {
  const call = await new Call(job, {}, BY_SILENCE).connect();
  call.transport.sendEvent({ type: "session.dance", event_id: "e1" });
  await until(() => call.errors.length);
  const [{ error }] = call.errors.splice(0);
  assert.equal(error.error.code, "invalid_value");
  assert.equal(error.error.event_id, "e1");
  call.session.sendMessage("Are you still there?");
  await call.next("response.done");
  assert.ok(call.audio > 0);
  call.session.close();
}

async function badKey(job) {
  const call = new Call(job);
  const closed = new Promise((resolve) =>
    call.transport.on("connection_change", (status) => {
      if (status === "disconnected") resolve();
    }),
  );
  await Promise.allSettled([call.session.connect({ apiKey: "sk-wrong" })]);
  await closed;
  const codes = call.errors.map(({ error }) => error.error.code);
  assert.deepEqual(codes, ["invalid_api_key"]);
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
