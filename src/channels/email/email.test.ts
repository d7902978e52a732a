import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openAccount, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform, TestInbox } from "../../../test/contract/channel.ts";
import type { SmtpFault } from "../../../test/simulators/mail/world.ts";
import { type MailSimulator, startMailSimulator } from "../../../test/simulators/mail.ts";
import type { Chat } from "../../core/event.ts";
import { parseMail } from "../../wires/mail/parse.ts";
import email from "./index.ts";
import type { Settings } from "./settings.ts";

const never = new AbortController().signal;
const ada: Chat = { id: "ada@people.example", kind: "direct", thread: "<root@people.example>", title: "Opening hours" };
const password = "a very secret app password";

interface MailPlatform extends Platform {
  readonly simulator: MailSimulator;
}

async function platform(): Promise<MailPlatform> {
  const simulator = await startMailSimulator();
  const { world } = simulator;
  let said = 0;
  return {
    simulator,
    settings: { address: "Bot <bot@example.com>", imap: simulator.imap, smtp: simulator.smtp, password, trustFrom: true },
    chat: ada,
    // A mail program shows one of several mails with the same Message-ID.
    seen: async () => {
      const mails = await Promise.all(world.accepted.map(async ({ raw }) => parseMail(raw)));
      return mails.map((mail) => (mail.ok ? mail.value.text.trim() : "unreadable"));
    },
    say: (text) =>
      world.folder("INBOX").addOnceOpened(mailOf({ text, id: `<said-${++said}@people.example>`, references: "<root@people.example>" })),
    revoke: () => {
      world.password = "another";
    },
    cut: () => simulator.cutImap(),
    close: () => simulator.close(),
  };
}

const world = (one: Platform) => (one as MailPlatform).simulator.world;
const meets = (fault: SmtpFault) => (one: Platform) => void world(one).faults.push(fault);

function mailOf(of: { text: string; id?: string; from?: string; references?: string; headers?: string; subject?: string }): Buffer {
  const lines = [
    ...(of.headers ? [of.headers] : []),
    `From: ${of.from ?? "Ada <ada@people.example>"}`,
    "To: bot@example.com",
    `Subject: ${of.subject ?? "Opening hours"}`,
    ...(of.id ? [`Message-ID: ${of.id}`] : []),
    ...(of.references ? [`References: ${of.references}`] : []),
    "Content-Type: text/plain; charset=utf-8",
    "",
    of.text,
    "",
  ];
  return Buffer.from(lines.join("\r\n"));
}

channelContract(email, {
  platform,
  secrets: [password, Buffer.from(password).toString("base64")],
  refusedSettings: {
    "the password is missing": { address: "a@b.c", imap: "imaps://x", smtp: "smtps://x" },
    "the address is none": { address: "bot", imap: "imaps://x", smtp: "smtps://x", password },
    "the address holds two": { address: "a@b.c, d@e.f", imap: "imaps://x", smtp: "smtps://x", password },
    "the address holds a line": { address: "Bot\r\nBcc: x@y.z <a@b.c>", imap: "imaps://x", smtp: "smtps://x", password },
    "the server's address is of another kind": { address: "a@b.c", imap: "https://x", smtp: "smtps://x", password },
    "the server's address holds a password": { address: "a@b.c", imap: "imaps://u:p@x", smtp: "smtps://x", password },
  },
  failures: {
    "an unknown recipient is gone": { arrange: (p) => void world(p).unknown.add(ada.id), expect: "refused", code: "channel-gone" },
    "a void password is refused": { arrange: (p) => p.revoke?.(), expect: "refused", code: "channel-auth" },
    "greylisting is tried again": { arrange: meets({ at: "RCPT", what: "451 4.7.1 greylisted" }), expect: "retry", code: "channel-retry" },
    "a policy against the recipient is permanent": {
      arrange: meets({ at: "RCPT", what: "550 5.7.1 not allowed" }),
      expect: "refused",
      code: "channel-permanent",
    },
    "too large is permanent": { arrange: meets({ at: "MAIL", what: "552 5.3.4 too big" }), expect: "refused", code: "channel-permanent" },
    "a daily limit is tried again": { arrange: meets({ at: "MAIL", what: "421 4.7.0 try later" }), expect: "retry", code: "channel-retry" },
    "cut before DATA certainly wasn't sent": { arrange: meets({ at: "DATA", what: "drop" }), expect: "retry", code: "channel-unreachable" },
    "spam, said after the message, is permanent": {
      arrange: meets({ at: "END", what: "554 5.7.1 spam" }),
      expect: "refused",
      code: "channel-permanent",
    },
    "a full queue, said after the message, is tried again": {
      arrange: meets({ at: "END", what: "452 4.3.1 no space" }),
      expect: "retry",
      code: "channel-retry",
    },
    "cut after the message is unknown": { arrange: meets({ at: "END", what: "drop" }), expect: "unknown", code: "channel-unknown" },
    "accepted, then dropped is unknown": { arrange: meets({ at: "END", what: "take-and-drop" }), expect: "unknown", seen: 1 },
  },
});

async function withAccount(
  run: (account: TestAccount<Settings>, simulator: MailSimulator) => Promise<void>,
  more: { settings?: object; files?: Record<string, Uint8Array> } = {},
): Promise<void> {
  const stand = await platform();
  const account = openAccount(email, { ...(stand.settings as object), ...more.settings }, more.files ? { files: more.files } : {});
  try {
    await run(account, stand.simulator);
    assert.ok(!account.lines.join().includes(password), "the password is in the log");
  } finally {
    await account.close();
    await stand.close();
  }
}

/** Listens until so many events have come. */
async function listenFor(account: TestAccount<Settings>, wanted: number, cursor?: string): Promise<TestInbox> {
  const end = new AbortController();
  const inbox = new TestInbox(end, wanted);
  inbox.cursor = cursor;
  const fault = await email.listen?.(account, inbox, end.signal);
  assert.equal(fault, undefined, JSON.stringify(fault));
  return inbox;
}

describe("email: sending", () => {
  test("an answer goes to the one person, in their thread, under an id that a second try repeats", () =>
    withAccount(async (account, { world }) => {
      const answer = outbound(ada, "<p>Nine &amp; five</p>", {
        text: "<p>Nine &amp; five</p>",
        visible: "Nine & five",
        replyTo: "<second@people.example>",
      });
      const outcome = await email.send(account, answer, never);
      assert.ok(outcome.kind === "sent", JSON.stringify(outcome));
      assert.equal(outcome.receipt, `<${answer.delivery}@example.com>`);
      const again = await email.send(account, answer, never);
      assert.deepEqual(again, outcome);
      const [sent, second] = world.accepted;
      assert.ok(sent && second);
      assert.deepEqual([sent.from, sent.to], ["bot@example.com", ada.id]);
      const raw = sent.raw.toString();
      for (const line of [
        "From: Bot <bot@example.com>",
        "To: ada@people.example",
        "Subject: Re: Opening hours",
        `Message-ID: <${answer.delivery}@example.com>`,
        "In-Reply-To: <second@people.example>",
        "References: <root@people.example> <second@people.example>",
        "Auto-Submitted: auto-replied",
        "X-Auto-Response-Suppress: All",
      ]) {
        assert.ok(raw.includes(`${line}\r\n`), `${line} is missing in\n${raw}`);
      }
      assert.match(raw, /Content-Type: text\/plain[\s\S]*Nine & five[\s\S]*Content-Type: text\/html[\s\S]*<p>Nine &amp; five<\/p>/);
      assert.ok(second.raw.includes(`Message-ID: <${answer.delivery}@example.com>`));
    }));

  test("nothing of a chat can become a header, a recipient or a command", () =>
    withAccount(async (account, { world }) => {
      const evil = "x\r\nBcc: victim@example.net\r\n\r\nboo";
      const chat: Chat = { ...ada, title: evil, thread: `<a@b>${evil}` };
      assert.equal((await email.send(account, outbound(chat, "hello", { replyTo: `<c@d>${evil}` }), never)).kind, "sent");
      const [sent] = world.accepted;
      const head = sent?.raw.toString().split("\r\n\r\n")[0] ?? "";
      assert.doesNotMatch(head, /^bcc:/im);
      assert.match(head, /^Subject: Re: x Bcc: victim@example.net boo\r$/m);
      for (const id of [
        "a@b.c>\r\nRCPT TO:<victim@example.net",
        "a@b.c, d@e.f",
        "a@b.c d@e.f",
        "<a@b.c>",
        "nobody",
        "a@b@c",
        "bot@example.com",
      ]) {
        const outcome = await email.send(account, outbound({ id, kind: "direct" }, "x"), never);
        assert.ok(outcome.kind === "refused" && outcome.code === "channel-permanent", id);
      }
      assert.equal(world.accepted.length, 1);
    }));

  test("dots, long lines, bare line ends and other scripts arrive as they were", () =>
    withAccount(async (account, { world }) => {
      const text = `.\n..\n. a\nline\rbreak\n${"long ".repeat(400)}\nЖ 漢字 👩‍👩‍👧\n.`;
      const outcome = await email.send(account, outbound({ ...ada, title: "Ж 漢字 👩‍👩‍👧 ".repeat(20) }, text, { text: "" }), never);
      assert.equal(outcome.kind, "sent", JSON.stringify(outcome));
      const mail = await parseMail(world.accepted[0]?.raw ?? Buffer.alloc(0));
      assert.ok(mail.ok);
      assert.equal(mail.value.text.trimEnd(), text.replace("\r", "\n"));
      assert.equal(mail.value.subject, `Re: ${"Ж 漢字 👩‍👩‍👧 ".repeat(20).trim()}`);
    }));

  test("files go as attachments, under a name without folders", () =>
    withAccount(
      async (account, { world }) => {
        const file = {
          type: "file" as const,
          name: '../../etc/pass"wd\n.pdf',
          source: { at: "store" as const, id: "fl_1" as never, mediaType: "application/pdf", size: 3 },
        };
        assert.equal((await email.send(account, outbound(ada, "", { visible: "", file }), never)).kind, "sent");
        const mail = await parseMail(world.accepted[0]?.raw ?? Buffer.alloc(0));
        assert.ok(mail.ok);
        assert.deepEqual(mail.value.attachments, [{ name: "passwd.pdf", mediaType: "application/pdf", bytes: new Uint8Array([1, 2, 3]) }]);
        for (const source of [
          { ...file.source, size: 20_000_000 },
          { ...file.source, id: "fl_2" as never },
          { at: "nowhere" as const, reason: "gone" },
        ]) {
          const outcome = await email.send(account, outbound(ada, "", { file: { ...file, source } }), never);
          assert.ok(outcome.kind === "refused" && outcome.code === "file-refused");
        }
      },
      { files: { fl_1: new Uint8Array([1, 2, 3]) } },
    ));

  test("what an operator begins has its first words for a subject", () =>
    withAccount(async (account, { world }) => {
      await email.send(account, outbound({ id: "ada@people.example", kind: "direct" }, "The parcel is here.\nCome by."), never);
      assert.match(world.accepted[0]?.raw.toString() ?? "", /^Subject: The parcel is here.\r$/m);
      assert.doesNotMatch(world.accepted[0]?.raw.toString() ?? "", /^(In-Reply-To|References):/m);
    }));

  test("an abort says whether the message was out", () =>
    withAccount(async (account, { world }) => {
      const outcome = await email.send(account, outbound(ada, "hello"), AbortSignal.abort());
      assert.equal(outcome.kind, "retry");
      assert.equal(world.accepted.length, 0);
    }));
});

describe("email: receiving", () => {
  test("the first start takes no old mail; what comes later comes once, and is marked after it was stored", () =>
    withAccount(async (account, { world }) => {
      const inbox = world.folder("INBOX");
      inbox.add(mailOf({ text: "old", id: "<old@people.example>" }));
      const end = new AbortController();
      const first = new TestInbox(end, 1);
      const listening = email.listen?.(account, first, end.signal);
      while (first.cursor === undefined) await new Promise((resolve) => setImmediate(resolve));
      inbox.add(mailOf({ text: "new", id: "<new@people.example>" }));
      assert.equal(await listening, undefined);
      assert.deepEqual(first.texts(), ["Subject: Opening hours\n\nnew"]);
      assert.deepEqual(
        inbox.mails.map(({ flags }) => flags.has("\\Seen")),
        [false, false],
        "the account ended before it could mark it",
      );
      inbox.add(mailOf({ text: "while away", id: "<away@people.example>" }));
      const second = await listenFor(account, 1, first.cursor);
      assert.deepEqual(second.texts(), ["Subject: Opening hours\n\nwhile away"]);
    }));

  test("a connection that is lost between two mails loses none of them", () =>
    withAccount(async (account, simulator) => {
      const inbox = simulator.world.folder("INBOX");
      for (const text of ["one", "two", "three"])
        inbox.add(mailOf({ text, id: `<${text}@people.example>`, references: "<r@people.example>" }));
      const end = new AbortController();
      const heard = new TestInbox(end, 3);
      heard.cursor = "1000:0:0";
      const receive = heard.receive.bind(heard);
      heard.receive = async (events, cursor) => {
        await receive(events, cursor);
        if (heard.events.length > 1) return;
        simulator.cutImap();
        // Until the client knows of it, too.
        await new Promise((resolve) => setTimeout(resolve, 50));
      };
      for (let round = 0; round < 5 && !end.signal.aborted; round++) {
        await email.listen?.(account, heard, end.signal);
        // Whatever still goes on with the lost connection.
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      assert.deepEqual(heard.texts(), ["one", "two", "three"]);
    }));

  test("stored mail is moved, and its attachment is found where it went", () =>
    withAccount(
      async (account, { world }) => {
        const text = "see attached";
        const raw = [
          "From: Ada <ada@people.example>\r\nMessage-ID: <with@people.example>\r\nReferences: <root@people.example>\r\nSubject: x",
          'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n',
          `--b\r\nContent-Type: text/plain\r\n\r\n${text}`,
          "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=dot.png\r\n\r\nAQID",
          "--b--\r\n",
        ].join("\r\n");
        world.folder("INBOX").add(Buffer.from(raw));
        world.folder("INBOX").add(mailOf({ text: "next", id: "<next@people.example>", references: "<root@people.example>" }));
        const inbox = await listenFor(account, 2, "1000:0:0");
        assert.deepEqual(inbox.texts(), [text, "next"]);
        assert.deepEqual(
          world.folder("Done").mails.map(({ uid, flags }) => [uid, flags.size]),
          [[1, 0]],
        );
        const [event] = inbox.events;
        const file = event?.kind === "message" ? event.parts[1] : undefined;
        assert.ok(file?.type === "image" && file.source.at === "platform");
        assert.deepEqual([file.name, file.source.mediaType, file.source.size], ["dot.png", "image/png", 3]);
        const fetched = await email.fetchFile?.(account, file.source.ref, never);
        assert.ok(fetched?.ok, JSON.stringify(fetched));
        assert.deepEqual([...fetched.value], [1, 2, 3]);
        world.folder("Done").mails = [];
        const gone = await email.fetchFile?.(account, file.source.ref, never);
        assert.ok(gone && !gone.ok && gone.fault.code === "file-refused");
        for (const ref of ["", "{}", "null", '{"uidValidity":1}', '{"uidValidity":"1","uid":"1:*","index":0}']) {
          assert.equal((await email.fetchFile?.(account, ref, never))?.ok, false);
        }
      },
      { settings: { moveTo: "Done" } },
    ));

  test("other UIDs: what is older than the newest that was stored stays unread", () =>
    withAccount(async (account, { world }) => {
      const inbox = world.folder("INBOX");
      const day = 86_400_000;
      const newest = Date.UTC(2026, 10, 20, 12);
      inbox.uidValidity = 2_000;
      inbox.add(mailOf({ text: "long ago", id: "<1@people.example>" }), new Date(newest - 3 * day));
      inbox.add(mailOf({ text: "the same day, before", id: "<2@people.example>" }), new Date(newest - 60_000));
      inbox.add(mailOf({ text: "after", id: "<3@people.example>", references: "<r@x>" }), new Date(newest + 60_000));
      const heard = await listenFor(account, 1, `1000:77:${newest}`);
      assert.deepEqual(heard.texts(), ["after"]);
      assert.match(heard.cursor ?? "", /^2000:3:/);
    }));

  test("a connection that is lost ends in a fault, and the next begins where this one stopped", () =>
    withAccount(async (account, simulator) => {
      const end = new AbortController();
      const inbox = new TestInbox(end, 2);
      const listening = email.listen?.(account, inbox, end.signal);
      while (inbox.cursor === undefined) await new Promise((resolve) => setImmediate(resolve));
      simulator.cutImap();
      const fault = await listening;
      assert.equal(fault?.code, "channel-unreachable");
      simulator.world.folder("INBOX").add(mailOf({ text: "meanwhile", references: "<r@x>", id: "<m@x>" }));
      const second = await listenFor(account, 1, inbox.cursor);
      assert.deepEqual(second.texts(), ["meanwhile"]);
    }));

  test("a bounce of a mail of ours is its failed receipt", () =>
    withAccount(async (account, { world }) => {
      const receipt = `<dl_${"0".repeat(22)}@example.com>`;
      const raw = [
        "From: MAILER-DAEMON@people.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; ada@people.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user",
        `--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: ${receipt}`,
        "--b--\r\n",
      ].join("\r\n");
      world.folder("INBOX").add(Buffer.from(raw));
      const [event] = (await listenFor(account, 1, "1000:0:0")).events;
      assert.ok(event?.kind === "receipt");
      const error = { code: "channel-gone", message: "ada@people.example couldn't be reached: 5.1.1 550 no such user" };
      assert.deepEqual([event.platformId, event.state, event.error], [receipt, "failed", error]);
    }));

  test("probe names a folder that isn't there", () =>
    withAccount(
      async (account) => {
        const found = await email.probe(account, never);
        assert.ok(!found.ok);
        assert.deepEqual([found.fault.code, found.fault.message], ["account-invalid", 'the mailbox has no folder "Archive"']);
      },
      { settings: { moveTo: "Archive" } },
    ));
});
