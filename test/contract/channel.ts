import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import type { Channel } from "../../src/core/channel.ts";
import type { SendOutcome } from "../../src/core/delivery.ts";
import type { ErrorCode, Result } from "../../src/core/errors.ts";
import { errorTable } from "../../src/core/errors.ts";
import { openAccount, type TestAccount } from "./account.ts";
import { pictureViolations } from "./guide-pictures.ts";
import { type ChannelCases, inFull, outbound, type Platform, TestInbox } from "./platform.ts";
import { type ContractCase, contractCases, proofs } from "./proofs.ts";
import { incoming, outgoing, twoAccounts } from "./traffic.ts";
import { translationViolations } from "./translations.ts";

export { outbound, type Platform, TestInbox } from "./platform.ts";

/** Runs what every channel owes to the core. Call it once in the channel's own test. */
export function channelContract<Settings>(channel: Channel<Settings>, cases: ChannelCases): void {
  const within = async (run: (account: TestAccount<Settings>, platform: Platform) => Promise<void>, webhook = false) => {
    const platform = await cases.platform();
    const settings = { ...(platform.settings as object), ...(webhook ? cases.webhookSettings : {}) };
    const account = openAccount(channel, settings, { ...platform.account, ...(webhook ? cases.webhookAccount : {}) });
    try {
      await run(account, platform);
      keepsSecrets(account.lines);
      assert.deepEqual(platform.violations ?? [], [], "calls that break the published description");
    } finally {
      await account.close();
      await platform.close();
    }
  };
  const keepsSecrets = (shown: unknown) => {
    const text = inFull(shown);
    for (const secret of cases.secrets) assert.ok(!text.includes(secret), "a secret is shown");
  };

  describe(`${channel.kind}: the channel contract`, () => {
    test("says what it is", () => {
      assert.match(channel.kind, /^[a-z][a-z0-9-]*$/);
      for (const text of [channel.name, channel.summary, channel.guide]) assert.ok(text.trim().length > 0);
      assert.ok(!channel.summary.includes("\n"), "the summary is one line");
      assert.deepEqual(pictureViolations(channel), []);
      assert.deepEqual(translationViolations(channel), []);
      assert.ok(channel.limits.text.max > 0);
      assert.ok(channel.limits.rate.account > 0 && channel.limits.rate.conversation > 0);
      assert.equal(channel.limits.editEvery !== undefined && channel.edit === undefined, false, "editEvery needs edit");
      assert.equal(channel.limits.typingEvery !== undefined, channel.typing !== undefined, "typingEvery stands with typing");
      assert.ok((channel.limits.typingEvery ?? 3_000) >= 3_000, "it asks the platform all the time");
    });

    test("settings: at most ten described keys, and what is wrong is refused", async () => {
      const schema = z.toJSONSchema(channel.settings, { io: "input" });
      const properties = Object.entries(schema.properties ?? {});
      assert.ok(properties.length <= 10, `${properties.length} keys`);
      for (const [key, property] of properties) {
        assert.ok(typeof property === "object" && property.description, `settings.${key} has no description`);
      }
      await within(async (_, platform) => assert.ok(channel.settings.safeParse(platform.settings).success));
      await within(async (_, platform) => {
        for (const [key, property] of properties) {
          const { [key]: left, ...others } = platform.settings as Readonly<Record<string, unknown>>;
          const filled = channel.settings.safeParse(others).data as Readonly<Record<string, unknown>> | undefined;
          const isSaid = typeof property === "object" && property.default !== undefined;
          assert.equal(isSaid, filled?.[key] !== undefined, `settings.${key}: what it is by itself isn't said to who fills in the form`);
        }
      });
      assert.equal(channel.settings.safeParse({ "no-such-key": 1 }).success, false, "an unknown key is accepted");
      for (const [why, settings] of Object.entries(cases.refusedSettings ?? {})) {
        assert.equal(channel.settings.safeParse(settings).success, false, `accepted although ${why}`);
      }
    });

    test("probe says who we are, and why not", () =>
      within(async (account, platform) => {
        const found = await channel.probe(account, AbortSignal.timeout(10_000));
        assert.ok(found.ok, inFull(found));
        assert.ok(found.value.id && found.value.name);
        if (!platform.revoke) return;
        await platform.revoke();
        const refused = await channel.probe(account, AbortSignal.timeout(10_000));
        assert.equal(refused.ok, false);
        if (!refused.ok) assert.equal(refused.fault.code, "channel-auth");
        keepsSecrets(refused);
      }));

    for (const [name, { request, expect }] of Object.entries(cases.webhooks ?? {})) {
      test(`webhook: ${name}`, () =>
        within(async (account) => {
          const result = await channel.webhook?.(account, request);
          assert.ok(result, "the channel has no webhook");
          if (typeof expect === "string") {
            assert.equal(result.ok, false, inFull(result));
            if (!result.ok) assert.equal(result.fault.code, expect);
          } else {
            assert.ok(result.ok, inFull(result));
            assert.deepEqual(result.value.events, expect);
            assert.ok(result.value.response.status < 300);
            for (const event of result.value.events) assert.ok(event.key && event.chat.id && event.sender.id, "an id is empty");
          }
          keepsSecrets(result);
        }, true));
    }

    const { webhookKey } = cases;
    if (webhookKey !== undefined) {
      test("webhook: without a key nothing is taken", () =>
        within(async (account, platform) => {
          const settings = { ...(platform.settings as object), ...cases.webhookSettings, [webhookKey]: undefined };
          const read = channel.settings.safeParse(settings);
          if (!read.success) return;
          for (const [name, { request }] of Object.entries(cases.webhooks ?? {})) {
            const result: Result<unknown> | undefined = await channel.webhook?.({ ...account, settings: read.data }, request);
            assert.ok(result && !result.ok, name);
          }
        }, true));
    }

    if (channel.webhook && cases.webhooks) {
      test("webhook: hostile bodies are refused or ignored, never a throw", () =>
        within(async (account) => {
          for (const [name, { request }] of Object.entries(cases.webhooks ?? {})) {
            for (const body of mutations(request.body)) {
              const result = await channel.webhook?.(account, { ...request, body });
              assert.ok(result, name);
              if (!result.ok) assert.ok(errorTable[result.fault.code].status < 500, inFull(result));
            }
          }
        }, true));
    }

    test("send: readers see it once, under its own receipt", () =>
      within(async (account, platform) => {
        const first = await channel.send(account, outbound(platform.chat, "one"), never);
        const second = await channel.send(account, outbound(platform.chat, "two"), never);
        assert.ok(first.kind === "sent" && second.kind === "sent", inFull([first, second]));
        assert.ok(first.receipt && second.receipt && first.receipt !== second.receipt);
        assert.deepEqual(await platform.seen(), ["one", "two"]);
      }));

    if (channel.idempotent) {
      test("send: the same delivery twice is seen once", () =>
        within(async (account, platform) => {
          const same = outbound(platform.chat, "once");
          assert.equal((await channel.send(account, same, never)).kind, "sent");
          assert.equal((await channel.send(account, same, never)).kind, "sent");
          assert.deepEqual(await platform.seen(), ["once"]);
        }));
    }

    for (const [name, failure] of Object.entries(cases.failures ?? {})) {
      test(`send: ${name}`, () =>
        within(async (account, platform) => {
          await failure.arrange(platform);
          const outcome = await channel.send(account, outbound(platform.chat, "hello"), never);
          assert.equal(outcome.kind, failure.expect, inFull(outcome));
          if (failure.code && outcome.kind !== "sent") assert.equal(outcome.code, failure.code);
          assert.equal((await platform.seen()).length, failure.seen ?? 0);
          keepsSecrets(outcome);
        }));
    }

    if (channel.edit) {
      test("edit: written over, and the same again changes nothing", () =>
        within(async (account, platform) => {
          const sent = await channel.send(account, outbound(platform.chat, "draft"), never);
          assert.ok(sent.kind === "sent");
          const edit = { ...outbound(platform.chat, "final"), receipt: sent.receipt };
          for (let time = 0; time < 2; time++) {
            const outcome = await channel.edit?.(account, edit, never);
            assert.equal(outcome?.kind, "sent", inFull(outcome));
            assert.deepEqual(await platform.seen(), ["final"]);
          }
        }));
    }

    if (channel.listen) {
      test("listen: what wasn't stored comes again, in order; an abort ends it", () =>
        within(async (account, platform) => {
          assert.ok(platform.say, "the cases need say()");
          for (const text of ["a", "b", "c"]) await platform.say(text);
          const end = new AbortController();
          const inbox = new TestInbox(end, 3);
          inbox.refuseNext = true;
          for (let round = 0; round < 3 && !end.signal.aborted; round++) {
            await channel.listen?.(account, inbox, end.signal);
          }
          assert.equal(inbox.refusals, 1);
          assert.deepEqual(inbox.texts(), ["a", "b", "c"]);
          assert.ok(inbox.wasAlive);
          const again = new AbortController();
          const idle = channel.listen?.(account, inbox, again.signal);
          again.abort();
          assert.equal(await idle, undefined);
        }));
    }

    for (const [name, sample] of Object.entries(cases.samples ?? {})) {
      test(`sample: ${name}`, () => assert.deepEqual(sample.decode(), sample.expect));
    }

    outgoing(channel, within);
    if (channel.listen) incoming(channel, cases, within);
    if (!proofs[channel.kind]?.without?.["two accounts"]) twoAccounts(channel, cases);

    test("runs every case of the contract, or says in its proof why not", async () => {
      const proof = proofs[channel.kind];
      assert.ok(proof, `test/contract/proofs.ts has no proof of ${channel.kind}`);
      const left = new Set<string>([...Object.keys(proof.without ?? {}), ...(cases.without ?? [])]);
      await within(async (_, platform) => {
        const shown = casesShown(channel as Channel, cases, platform);
        for (const name of Object.keys(contractCases) as ContractCase[]) {
          assert.notEqual(
            shown[name],
            left.has(name),
            shown[name] ? `${name}: runs, and is said not to` : `${name}: ${contractCases[name]}`,
          );
        }
      });
    });
  });
}

/** Which cases of the contract these are. */
function casesShown(channel: Channel, cases: ChannelCases, platform: Platform): Readonly<Record<ContractCase, boolean>> {
  const webhooks = Object.values(cases.webhooks ?? {});
  const failures = Object.values(cases.failures ?? {});
  const hasWebhook = (code: ErrorCode) => webhooks.some(({ expect }) => expect === code);
  const hasFailure = (kind: SendOutcome["kind"], ...codes: readonly ErrorCode[]) =>
    failures.some(({ expect, code }) => expect === kind && (codes.length === 0 || (code !== undefined && codes.includes(code))));
  const runs = (name: ContractCase) => channel.listen !== undefined && !cases.without?.includes(name);
  const inSight = (seen: boolean) => failures.some((one) => one.expect === "unknown" && (one.seen ?? 0) > 0 === seen);
  return {
    samples: webhooks.some(({ expect }) => typeof expect !== "string" && expect.length > 0) || Object.keys(cases.samples ?? {}).length > 0,
    forged: hasWebhook("signature-missing") && hasWebhook("signature-invalid") && cases.webhookKey !== undefined,
    stale: hasWebhook("signature-stale"),
    described: platform.violations !== undefined,
    limited: hasFailure("retry", "channel-retry"),
    refused: hasFailure("refused", "channel-auth"),
    gone: hasFailure("refused", "channel-gone"),
    "cut off": inSight(true),
    repeated: channel.idempotent !== false,
    growing: channel.edit !== undefined,
    "two accounts": !proofs[channel.kind]?.without?.["two accounts"],
    reconnected: runs("reconnected") && platform.cut !== undefined,
    restarted: runs("restarted"),
  };
}

const never = new AbortController().signal;

/** The body cut, and with each of its JSON values replaced in turn by something else. */
function* mutations(body: Uint8Array): Generator<Uint8Array> {
  const text = new TextDecoder().decode(body);
  const encode = (value: string) => new TextEncoder().encode(value);
  yield new Uint8Array(0);
  yield new Uint8Array([0xff, 0xfe, 0x00]);
  yield encode(text.slice(0, text.length >> 1));
  yield encode(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
  for (const whole of ["null", "[]", "1", '"x"', "{}", '{"__proto__":{"a":1}}']) yield encode(whole);
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch {
    return;
  }
  const strange: unknown[] = [null, -1, 2 ** 60, "", "\u0000", true, [], [null], {}, { id: {} }];
  for (const path of paths(tree)) for (const value of strange) yield encode(JSON.stringify(replaced(tree, path, value)));
}

function paths(tree: unknown, here: readonly string[] = []): (readonly string[])[] {
  if (typeof tree !== "object" || tree === null) return [here];
  return [here, ...Object.entries(tree).flatMap(([key, value]) => paths(value, [...here, key]))];
}

function replaced(tree: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = structuredClone(tree) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, value);
  return copy;
}
