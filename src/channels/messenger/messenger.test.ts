import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { openAccount, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound } from "../../../test/contract/channel.ts";
import { messagingCases, messagingPlatform, secretsOfMessaging } from "../../../test/contract/page-messaging.ts";
import { person } from "../../../test/simulators/messaging/samples.ts";
import type { MessagingSimulator } from "../../../test/simulators/messaging.ts";
import type { Chat } from "../../core/event.ts";
import type { FileId } from "../../core/ids.ts";
import type { FilePart } from "../../core/message.ts";
import messenger from "./index.ts";
import type { Settings } from "./settings.ts";

const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "calls that Messenger's pages don't know"));

channelContract(messenger, messagingCases("messenger", "pageId", violations));

const direct: Chat = { id: person, kind: "direct" };
const never = new AbortController().signal;
const file = (mediaType: string, more: Partial<FilePart> = {}, size = 4): FilePart => ({
  type: "file",
  source: { at: "store", id: "fl_1" as FileId, mediaType, size },
  ...more,
});

async function withAccount(run: (account: TestAccount<Settings>, simulator: MessagingSimulator) => Promise<void>): Promise<void> {
  const stand = await messagingPlatform("messenger", "pageId", violations, { files: { fl_1: Buffer.from("abcd") } });
  const account = openAccount(messenger, stand.settings, stand.account);
  try {
    await run(account, stand.simulator);
    for (const secret of secretsOfMessaging) assert.ok(!account.lines.join().includes(secret), "a secret is in the log");
  } finally {
    await account.close();
    await stand.close();
  }
}

describe("messenger", () => {
  test("a text carries our delivery's id, buttons are quick replies", () =>
    withAccount(async (account, simulator) => {
      const row = ["Yes", "No"].map((label, index) => ({ label, value: label, token: `ms_${"0".repeat(22)}:${index}` }));
      const one = outbound(direct, "Sure?", { buttons: [row] });
      const sent = await messenger.send(account, one, never);
      assert.equal(sent.kind, "sent", JSON.stringify(sent));
      assert.deepEqual(simulator.sent[0]?.message, {
        text: "Sure?",
        metadata: one.delivery,
        quick_replies: row.map(({ label, token }) => ({ content_type: "text", title: label, payload: token })),
      });
    }));

  const files: [name: string, part: FilePart, type: string, shown: string][] = [
    ["an image", file("image/png", { type: "image" }), "image", "image.png"],
    ["a voice message", file("audio/ogg; codecs=opus", { type: "voice" }), "audio", "voice.ogg"],
    ["a document", file("application/pdf", { name: "../a/bill.pdf" }), "file", "bill.pdf"],
  ];
  for (const [name, part, type, shown] of files) {
    test(`file: ${name} goes with its message`, () =>
      withAccount(async (account, simulator) => {
        const one = outbound(direct, "", { file: part });
        const sent = await messenger.send(account, one, never);
        assert.equal(sent.kind, "sent", JSON.stringify([sent, simulator.violations]));
        assert.deepEqual(simulator.sent[0]?.message, { attachment: { type, payload: { is_reusable: false } }, metadata: one.delivery });
        assert.deepEqual([simulator.sent[0]?.file?.name, simulator.sent[0]?.file?.bytes.toString()], [shown, "abcd"]);
      }));
  }

  test("a file that is too large, or an odd chat, is refused without a call", () =>
    withAccount(async (account, simulator) => {
      const large = await messenger.send(account, outbound(direct, "", { file: file("image/png", {}, 25_000_001) }), never);
      assert.ok(large.kind === "refused" && large.code === "file-refused");
      const odd = await messenger.send(account, outbound({ id: "../me", kind: "direct" }, "hi"), never);
      assert.ok(odd.kind === "refused" && odd.code === "channel-permanent");
      assert.deepEqual(simulator.calls, []);
    }));

  test("typing shows, and an odd chat shows none", () =>
    withAccount(async (account, simulator) => {
      await messenger.typing?.(account, direct, never);
      await messenger.typing?.(account, { id: "x", kind: "direct" }, never);
      assert.deepEqual(simulator.typing, [`${person} typing_on`]);
    }));

  test("probe: another page's token is named", () =>
    withAccount(async (account) => {
      const found = await messenger.probe(account, never);
      assert.deepEqual(found, { ok: true, value: { id: "106195825075770", name: "Lucky Shrub" } });
      const other = await messenger.probe({ ...account, settings: { ...account.settings, pageId: "1234567" } }, never);
      assert.ok(!other.ok && other.fault.code === "account-invalid");
    }));

  test("an attachment is fetched from a public address, without the token", () =>
    withAccount(async (account) => {
      const found = await messenger.locateFile?.(account, "https://scontent.xx.fbcdn.net/1.png", never);
      assert.deepEqual(found, { ok: true, value: { method: "GET", url: "https://scontent.xx.fbcdn.net/1.png", trust: "public" } });
    }));
});
