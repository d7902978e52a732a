import { createHmac } from "node:crypto";
import type { WebhookRequest } from "../../src/core/channel.ts";
import { person, type Sample, samplesOf, samplesReadAt, webhook } from "../simulators/messaging/samples.ts";
import { type MessagingSimulator, startMessagingSimulator } from "../simulators/messaging.ts";
import { type AccountOptions, systemClock } from "./account.ts";
import type { ChannelCases, Platform } from "./platform.ts";

export interface MessagingPlatform extends Platform {
  readonly simulator: MessagingSimulator;
}

const appSecret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const token = "EAAG-test_token.0123456789|abcdefghijklmnop";
const word = "a-word-of-ours-4711";
export const secretsOfMessaging: readonly string[] = [token, appSecret, word];

/** What an operator's settings call the account's id. */
type IdSetting = "pageId" | "accountId";

export async function messagingPlatform(
  kind: "messenger" | "instagram",
  id: IdSetting,
  violations: string[],
  account: AccountOptions = {},
): Promise<MessagingPlatform> {
  const simulator = await startMessagingSimulator(kind);
  simulator.meet(person);
  const { accessToken, verifyToken, self, url: apiRoot } = simulator;
  return {
    simulator,
    settings: { accessToken, appSecret: simulator.appSecret, verifyToken, [id]: self, apiRoot },
    account: { clock: { ...systemClock, now: () => samplesReadAt }, ...account },
    chat: { id: person, kind: "direct" },
    seen: () => simulator.seen(person),
    revoke: () => simulator.revoke(),
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
}

/** The cases that Messenger and Instagram share. */
export function messagingCases(kind: "messenger" | "instagram", id: IdSetting, violations: string[]): ChannelCases {
  const object = kind === "messenger" ? "page" : "instagram";
  const of = (one: Platform) => (one as MessagingPlatform).simulator;
  const samples = samplesOf(object);
  const text = samples["a text"] as Sample;
  return {
    platform: () => messagingPlatform(kind, id, violations),
    secrets: secretsOfMessaging,
    webhookKey: "appSecret",
    refusedSettings: {
      "the tokens are missing": { [id]: "106195825075770" },
      "the id is a name": { accessToken: "x", appSecret: "x", verifyToken: "x", [id]: "lucky.shrub" },
    },
    webhooks: {
      ...Object.fromEntries(
        Object.entries(samples).map(([name, { payload, events }]) => [name, { request: posted(payload), expect: events }]),
      ),
      "the challenge": { request: asked(`hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${word}`), expect: [] },
      "the challenge with another word": {
        request: asked("hub.mode=subscribe&hub.challenge=1&hub.verify_token=no"),
        expect: "signature-invalid",
      },
      "no signature": { request: { ...posted(text.payload), headers: {} }, expect: "signature-missing" },
      "another secret": { request: signed(JSON.stringify(text.payload), `${appSecret}x`), expect: "signature-invalid" },
      "cut off": { request: { ...posted(text.payload), body: posted(text.payload).body.slice(0, 40) }, expect: "signature-invalid" },
      "what Meta wouldn't repeat any more": {
        request: posted(webhook(object, { message: { mid: "m_1", text: "again" } }, { timestamp: samplesReadAt - 8 * 86_400_000 })),
        expect: "signature-stale",
      },
      "no JSON": { request: signed("{"), expect: "body-malformed" },
      "somebody else's": { request: posted({ object: "whatsapp_business_account", entry: [] }), expect: "payload-unknown" },
      "another method": { request: { ...posted({}), method: "PUT" }, expect: "method-refused" },
    },
    failures: {
      "a limit waits": {
        arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 613 }),
        expect: "retry",
        code: "channel-retry",
      },
      "a temporary failure waits": { arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 1200 }), expect: "retry" },
      "a revoked token is refused": { arrange: (p) => of(p).revoke(), expect: "refused", code: "channel-auth" },
      "a permission that is missing is a person's": {
        arrange: (p) => of(p).arrange({ kind: "refuse", status: 403, code: 230 }),
        expect: "refused",
        code: "channel-auth",
      },
      "outside the 24 hours is refused": {
        arrange: (p) => of(p).arrange({ kind: "refuse", status: 403, code: 10, subcode: kind === "messenger" ? 2018278 : 2534022 }),
        expect: "refused",
        code: "window-closed",
      },
      "who isn't available is gone": {
        arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 551, subcode: 1545041 }),
        expect: "refused",
        code: "channel-gone",
      },
      "an error that isn't known is permanent": {
        arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 194 }),
        expect: "refused",
        code: "channel-permanent",
      },
      "a failure of Meta's own may have done it": {
        arrange: (p) => of(p).arrange({ kind: "refuse", status: 500, code: 1 }),
        expect: "unknown",
      },
      "503 is unknown": { arrange: (p) => of(p).arrange({ kind: "proxy", status: 503 }), expect: "unknown", code: "channel-unknown" },
      "a proxy that refuses did nothing": { arrange: (p) => of(p).arrange({ kind: "proxy", status: 407 }), expect: "retry" },
      "cut before the effect is unknown": { arrange: (p) => of(p).arrange({ kind: "cut" }), expect: "unknown" },
      "accepted, then dropped is unknown": { arrange: (p) => of(p).arrange({ kind: "cut", after: true }), expect: "unknown", seen: 1 },
    },
  };
}

function signed(body: string, secret = appSecret): WebhookRequest {
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const headers = { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` };
  return { method: "POST", url: "/hooks/test-account", headers, body: Buffer.from(body) };
}

function posted(payload: object): WebhookRequest {
  return signed(JSON.stringify(payload));
}

function asked(query: string): WebhookRequest {
  return { method: "GET", url: `/hooks/test-account?${query}`, headers: {}, body: new Uint8Array() };
}
