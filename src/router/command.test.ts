import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { agentOf } from "../../test/support/agent.ts";
import { commandNames, readCommand } from "../core/command.ts";
import type { PlatformEvent } from "../core/event.ts";
import { textPart } from "../core/message.ts";
import type { QueuedEvent } from "../core/store.ts";
import { answerCommand } from "./command.ts";

const says = (text: string) => ({ kind: "message", parts: [textPart(text)] }) as unknown as PlatformEvent;

describe("a command is read", () => {
  for (const [text, read] of [
    ["/help", "help"],
    ["  /HELP  ", "help"],
    ["/reset@my_bot", "reset"],
    ["/model 2", "model 2"],
    ["/model   openai/gpt-4o-mini ", "model openai/gpt-4o-mini"],
    ["/model@my_bot 2", "model 2"],
    ["/helpme", undefined],
    ["/start", undefined],
    ["please /help", undefined],
    ["/help\nand more", undefined],
    ["//help", undefined],
    ["help", undefined],
  ] as const) {
    test(`${JSON.stringify(text)} → ${read ?? "words for the agent"}`, () => {
      const command = readCommand(says(text));
      assert.equal(command && [command.name, command.argument].filter(Boolean).join(" "), read);
    });
  }

  test("not from what isn't words alone", () => {
    assert.equal(readCommand({ kind: "reaction", reactions: ["/help"] } as never), undefined);
    const image = { type: "image", source: { at: "platform", ref: "1" }, caption: "/help" };
    assert.equal(readCommand({ kind: "message", parts: [image] } as never), undefined);
    assert.equal(readCommand({ kind: "message", parts: [textPart("/help"), image] } as never), undefined);
  });
});

describe("a command is answered", () => {
  const agent = agentOf({ models: ["a/big", "b/small"], commands: commandNames });
  const queued = (model?: string) => ({ conversation: { model } }) as unknown as QueuedEvent;
  const answer = (text: string, chosen?: string, of = agent) => {
    const command = readCommand(says(text));
    assert.ok(command);
    return answerCommand(command, queued(chosen), of);
  };

  test("/help names what this agent allows, and nothing else", () => {
    assert.deepEqual(
      answer("/help")
        .say.split("\n")
        .map((line) => line.split(" ")[0]),
      commandNames.map((name) => `/${name}`),
    );
    assert.equal(answer("/help", undefined, { ...agent, commands: ["help"] }).say, "/help – what I understand");
  });

  test("/model lists, chooses by number or name, and refuses what isn't the agent's", () => {
    assert.equal(answer("/model").say, "1. a/big (now)\n2. b/small\n/model <number> chooses.");
    assert.equal(answer("/model", "b/small").say, "1. a/big\n2. b/small (now)\n/model <number> chooses.");
    assert.equal(answer("/model", "gone/away").say, "1. a/big (now)\n2. b/small\n/model <number> chooses.");
    assert.equal(answer("/model 2").model, "b/small");
    assert.equal(answer("/model B/SMALL").model, "b/small");
    for (const wrong of ["0", "3", "c/other", "__proto__"]) {
      const { model, say } = answer(`/model ${wrong}`);
      assert.equal(model, undefined);
      assert.match(say, /no such model/);
    }
  });

  test("/reset, /human, /stop and /status", () => {
    assert.equal(answer("/reset").reset, true);
    assert.deepEqual(answer("/human").human, { reason: "asked for a person", returnAfterMs: 0 });
    assert.deepEqual(answer("/stop"), { say: "Stopped." });
    assert.equal(answer("/status", "b/small").say, "You are talking to main, answered by b/small.");
  });
});
