import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openAccount } from "../../../test/contract/account.ts";
import { outbound } from "../../../test/contract/channel.ts";
import { startWhatsAppSimulator, type WhatsAppSimulator } from "../../../test/simulators/whatsapp.ts";
import type { Outbound } from "../../core/channel.ts";
import type { DeliveryContent } from "../../core/delivery.ts";
import whatsapp from "./index.ts";

const person = "16505551234";
const chat = { id: person, kind: "direct" } as const;
const never = new AbortController().signal;
const hour = 3_600_000;
const news = { name: "news", language: "en_US" };

describe("whatsapp: templates", () => {
  let simulator: WhatsAppSimulator;
  const opened: { close(): Promise<void> }[] = [];
  before(async () => {
    simulator = await startWhatsAppSimulator();
  });
  after(async () => {
    for (const account of opened) await account.close();
    await simulator.close();
    assert.deepEqual(simulator.violations, []);
  });

  const open = (templates: object = {}, more: object = {}) => {
    const { accessToken, appSecret, verifyToken, phoneNumberId, businessAccountId, url: apiRoot } = simulator;
    const settings = { accessToken, appSecret, verifyToken, phoneNumberId, businessAccountId, apiRoot, templates, ...more };
    const account = openAccount(whatsapp, settings);
    opened.push(account);
    return account;
  };
  const late = (text: string, content: Partial<DeliveryContent> = {}, ago = 25 * hour): Outbound => ({
    ...outbound(chat, text, { visible: text, ...content }),
    heardAt: Date.now() - ago,
  });
  const last = () => simulator.sent.at(-1)?.json.template;

  test("a template goes as it is asked for, its places by number or by name, or without any", async () => {
    const account = open();
    const send = (template: NonNullable<DeliveryContent["template"]>) => whatsapp.send(account, late("", { template }), never);
    assert.equal((await send({ name: "order_update", language: "de", parameters: { 1: "Ann", 2: "4711" } })).kind, "sent");
    const parameters = ["Ann", "4711"].map((text) => ({ type: "text", text }));
    assert.deepEqual(last(), {
      name: "order_update",
      language: { code: "de", policy: "deterministic" },
      components: [{ type: "body", parameters }],
    });
    assert.equal((await send({ name: "by_name", language: "en_US", parameters: { first_name: "Ann" } })).kind, "sent");
    assert.deepEqual((last() as { components: object[] }).components, [
      { type: "body", parameters: [{ type: "text", parameter_name: "first_name", text: "Ann" }] },
    ]);
    assert.equal((await send({ name: "greeting", language: "en_US", parameters: {} })).kind, "sent");
    assert.deepEqual(last(), { name: "greeting", language: { code: "en_US", policy: "deterministic" } });
  });

  test("what WhatsApp doesn't know, or hasn't approved, is refused with the code of templates", async () => {
    const account = open();
    for (const template of [
      { name: "order_update", language: "fr", parameters: { 1: "a", 2: "b" } },
      { name: "order_update", language: "de", parameters: { 1: "a" } },
      { name: "order_update", language: "de", parameters: { 2: "a", 3: "b" } },
      { name: "waiting", language: "en_US", parameters: {} },
      { name: "order_update", parameters: { 1: "a", 2: "b" } },
    ]) {
      const outcome = await whatsapp.send(account, late("", { template }), never);
      assert.ok(outcome.kind === "refused" && outcome.code === "template-refused", JSON.stringify([template, outcome]));
    }
  });

  test("after 24 hours what was written goes as the template of its purpose, on one line", async () => {
    const account = open({ answer: news, message: { name: "order_update", language: "en_US", parameters: ["you", "{text}"] } });
    simulator.silent(person);
    const answer = late("*One*\n\n\ttwo      three", { visible: "One\n\n\ttwo      three" });
    assert.equal((await whatsapp.send(account, answer, never)).kind, "sent");
    assert.deepEqual((last() as { components: { parameters: object[] }[] }).components[0]?.parameters, [
      { type: "text", text: "One two three" },
    ]);
    const row = [["Yes", "No"].map((label, index) => ({ label, value: label, token: `ms_${"0".repeat(22)}:${index}` }))];
    assert.equal((await whatsapp.send(account, late("Well?", { buttons: row, purpose: "message" }), never)).kind, "sent");
    assert.match(JSON.stringify(last()), /order_update.*"you".*"Well\? 1\. Yes 2\. No"/);
    // Within them it goes as it is.
    simulator.silent(person, 23 * hour);
    assert.equal((await whatsapp.send(account, late("free", {}, 23 * hour), never)).kind, "sent");
    assert.equal(simulator.sent.at(-1)?.json.type ?? "text", "text");
  });

  test("what no template carries is refused before WhatsApp is asked", async () => {
    const account = open({ answer: news });
    const calls = simulator.calls.length;
    const source = { at: "store", id: "fl_1" as never, mediaType: "image/png", size: 3 } as const;
    for (const content of [late("a", { purpose: "reminder" }), late("a".repeat(1_025)), late("a", { file: { type: "image", source } })]) {
      const outcome = await whatsapp.send(account, content, never);
      assert.ok(outcome.kind === "refused" && outcome.code === "window-closed", JSON.stringify(outcome));
      assert.match(outcome.message, /24 hours ago: only (a template|templates\.answer)/);
    }
    assert.equal(simulator.calls.length, calls);
  });

  test("the list is what the platform has, over all its pages", async () => {
    const listed = await whatsapp.templates?.(open(), never);
    assert.ok(listed?.ok, JSON.stringify(listed));
    assert.equal(listed.value.length, simulator.templates.length);
    assert.deepEqual(listed.value[0], {
      ...{ name: "order_update", language: "en_US", status: "approved", category: "utility" },
      ...{ text: "Hello {{1}}, about your order: {{2}}", parameters: ["1", "2"] },
    });
    assert.equal(listed.value.find(({ name }) => name === "waiting")?.status, "pending");
    const unset = await whatsapp.templates?.(open({}, { businessAccountId: undefined }), never);
    assert.ok(unset && !unset.ok && unset.fault.code === "account-invalid");
  });
});
