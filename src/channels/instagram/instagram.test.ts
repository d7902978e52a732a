import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type AccountOptions, openAccount, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound } from "../../../test/contract/channel.ts";
import { messagingCases, messagingPlatform, secretsOfMessaging } from "../../../test/contract/page-messaging.ts";
import { person } from "../../../test/simulators/messaging/samples.ts";
import type { MessagingSimulator } from "../../../test/simulators/messaging.ts";
import type { Chat } from "../../core/event.ts";
import type { FileId } from "../../core/ids.ts";
import type { FilePart } from "../../core/message.ts";
import instagram from "./index.ts";
import type { Settings } from "./settings.ts";

const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "calls that Instagram's pages don't know"));

channelContract(instagram, messagingCases("instagram", "accountId", violations));

const direct: Chat = { id: person, kind: "direct" };
const never = new AbortController().signal;
const picture: FilePart = { type: "image", source: { at: "store", id: "fl_1" as FileId, mediaType: "image/png", size: 4 } };

async function withAccount(
  run: (account: TestAccount<Settings>, simulator: MessagingSimulator) => Promise<void>,
  options: AccountOptions = {},
): Promise<void> {
  const stand = await messagingPlatform("instagram", "accountId", violations, options);
  const account = openAccount(instagram, stand.settings, stand.account);
  try {
    await run(account, stand.simulator);
    for (const secret of secretsOfMessaging) assert.ok(!account.lines.join().includes(secret), "a secret is in the log");
  } finally {
    await account.close();
    await stand.close();
  }
}

describe("instagram", () => {
  test("buttons are quick replies", () =>
    withAccount(async (account, simulator) => {
      const row = ["Yes", "No"].map((label, index) => ({ label, value: label, token: `ms_${"0".repeat(22)}:${index}` }));
      const sent = await instagram.send(account, outbound(direct, "Sure?", { buttons: [row] }), never);
      assert.equal(sent.kind, "sent", JSON.stringify(sent));
      const replies = row.map(({ label, token }) => ({ content_type: "text", title: label, payload: token }));
      assert.deepEqual(simulator.sent[0]?.message, { text: "Sure?", quick_replies: replies });
    }));

  test("a picture is fetched from the address that the gateway gives it", () =>
    withAccount(
      async (account, simulator) => {
        const sent = await instagram.send(account, outbound(direct, "", { file: picture }), never);
        assert.equal(sent.kind, "sent", JSON.stringify([sent, simulator.violations]));
        const url = "https://gateway.example.com/files/x";
        assert.deepEqual(simulator.sent[0]?.message, { attachment: { type: "image", payload: { url } } });
      },
      { fileUrl: () => "https://gateway.example.com/files/x" },
    ));

  test("without a public address a picture is refused, and says what to set", () =>
    withAccount(async (account, simulator) => {
      const outcome = await instagram.send(account, outbound(direct, "", { file: picture }), never);
      assert.ok(outcome.kind === "refused" && outcome.code === "file-refused");
      assert.match(outcome.message, /http\.publicUrl/);
      assert.deepEqual(simulator.calls, []);
    }));

  test("typing shows; an odd chat is refused without a call", () =>
    withAccount(async (account, simulator) => {
      await instagram.typing?.(account, direct, never);
      assert.deepEqual(simulator.typing, [`${person} typing_on`]);
      const odd = await instagram.send(account, outbound({ id: "ann", kind: "direct" }, "hi"), never);
      assert.ok(odd.kind === "refused" && odd.code === "channel-permanent");
    }));

  test("probe names who it is, and an id that the token doesn't know", () =>
    withAccount(async (account) => {
      assert.deepEqual(await instagram.probe(account, never), { ok: true, value: { id: "106195825075770", name: "@lucky.shrub" } });
      const other = await instagram.probe({ ...account, settings: { ...account.settings, accountId: "1234567" } }, never);
      assert.ok(!other.ok && other.fault.code === "account-invalid");
    }));

  test("an attachment is fetched from a public address, without the token", () =>
    withAccount(async (account) => {
      const found = await instagram.locateFile?.(account, "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1", never);
      assert.ok(found?.ok && found.value.trust === "public" && found.value.headers === undefined);
    }));
});
