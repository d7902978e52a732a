import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { systemClock } from "../../../test/contract/account.ts";
import { authenticationOf } from "../../wires/mail/authentication.ts";
import { isAutomatic } from "../../wires/mail/automatic.ts";
import { type Mail, parseMail } from "../../wires/mail/parse.ts";
import { withoutQuoted } from "../../wires/mail/quoted.ts";
import { readMail } from "../../wires/mail/read.ts";
import { bounceOf, decode } from "./decode.ts";
import { type Settings, settings } from "./settings.ts";

const corpus = new URL("../../../../shared/corpora/email-mime/", import.meta.url);
const absent = existsSync(corpus) ? false : "the corpora beside the repository are absent";
const place = { uidValidity: "7", uid: 3, at: 1_764_000_000_000 };
const account = settings.parse({
  address: "bot@example.com",
  imap: "imaps://x",
  smtp: "smtps://x",
  password: "p",
  authservId: "mx.example.com",
});

async function read(head: string, body = "hello"): Promise<Mail> {
  const mail = await parseMail(Buffer.from(`${head.trim().replace(/\r?\n/g, "\r\n")}\r\n\r\n${body}`));
  assert.ok(mail.ok);
  return mail.value;
}

async function event(head: string, body?: string, more: Partial<Settings> = {}) {
  const decoded = decode(await read(head, body), place, { ...account, ...more });
  assert.ok(decoded?.kind === "message");
  return decoded;
}

const passed = "Authentication-Results: mx.example.com; dmarc=pass header.from=people.example\nReceived: from a by b; now";

describe("email: whose mail it is", () => {
  test("a proven sender is their address; the thread's first mail names the conversation", async () => {
    const head = `${passed}\nFrom: "Ada, the first" <Ada@People.example>\nMessage-ID: <2@people.example>\nSubject: Hours\nReferences: <1@people.example> <dl_x@example.com>`;
    assert.deepEqual(await event(head, "When?\r\n"), {
      kind: "message",
      key: "ada@people.example <2@people.example>",
      platformId: "<2@people.example>",
      chat: { id: "ada@people.example", kind: "direct", thread: "<1@people.example>", title: "Hours" },
      sender: { id: "ada@people.example", name: "Ada, the first", handle: "ada@people.example (dmarc=pass)", bot: false, self: false },
      at: place.at,
      parts: [{ type: "text", text: "When?", markup: "plain" }],
      replyTo: "<dl_x@example.com>",
      addressed: true,
    });
  });

  test("one that nothing proves is nobody's id, and has a conversation of its own", async () => {
    const head = "From: ada@people.example\nMessage-ID: <2@people.example>\nReferences: <1@people.example>";
    const { sender, chat, key } = await event(head);
    assert.deepEqual(
      [sender.id, chat.id, key],
      ["unproven:ada@people.example", "unproven:ada@people.example", "unproven:ada@people.example <2@people.example>"],
    );
    assert.equal((await event(head, "x", { trustFrom: true })).sender.id, "ada@people.example");
  });

  test("without a Message-ID its place in the mailbox is its key", async () => {
    const { key, chat, platformId } = await event("From: ada@people.example");
    assert.deepEqual([key, chat.thread, platformId], ["7:3", "7:3", "7:3"]);
  });

  const nobody: Record<string, string> = {
    "no From": "Subject: x",
    "two authors": "From: ada@people.example, eve@evil.example",
    "two From headers": "From: ada@people.example\nFrom: eve@evil.example",
    "a name that holds an address, twice": "From: <ada@people.example> <eve@evil.example>",
    "a group": "From: people: ada@people.example;",
    "no address": "From: Ada",
    "a path and a line": "From: <@a,@b:ada@people.example>",
  };
  for (const [why, head] of Object.entries(nobody)) {
    test(`nobody's: ${why}`, async () => {
      const mail = await read(head);
      const from = mail.from?.address;
      assert.ok(from === undefined || !/ada|eve/.test(from) || why === "a group", String(from));
      if (from === undefined) assert.equal(decode(mail, place, account), undefined);
    });
  }
});

describe("email: what the own server found out", () => {
  const id = "mx.example.com";
  const cases: [name: string, headers: [key: string, value: string][], proven: boolean, shown: string][] = [
    ["dmarc", [["authentication-results", `${id}; dmarc=pass (p=none dis=none) header.from=people.example`]], true, "dmarc=pass"],
    [
      "as Gmail writes it",
      [
        [
          "authentication-results",
          `${id}; dkim=pass header.i=@people.example header.s=s header.b="a;b"; spf=pass (x: domain of a@b designates 1.2.3.4 as permitted sender) smtp.mailfrom=a@people.example; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=people.example`,
        ],
      ],
      true,
      "dmarc=pass dkim=pass spf=pass",
    ],
    ["with a version", [["authentication-results", `${id} 1; dmarc/1=pass header.from=people.example`]], true, "dmarc=pass"],
    ["dmarc of another domain", [["authentication-results", `${id}; dmarc=pass header.from=evil.example`]], false, "dmarc=pass"],
    [
      "dmarc failed, whatever was signed",
      [["authentication-results", `${id}; dmarc=fail header.from=people.example; dkim=pass header.d=people.example`]],
      false,
      "dmarc=fail dkim=pass",
    ],
    [
      "dkim of the domain, no dmarc",
      [["authentication-results", `${id}; dmarc=none; dkim=pass header.d=people.example`]],
      true,
      "dmarc=none dkim=pass",
    ],
    ["dkim of the domain above", [["authentication-results", `${id}; dkim=pass header.d=example`]], false, "dkim=pass"],
    ["dkim of another domain", [["authentication-results", `${id}; dkim=pass header.d=evil.example`]], false, "dkim=pass"],
    ["dkim of a domain that ends alike", [["authentication-results", `${id}; dkim=pass header.d=eople.example`]], false, "dkim=pass"],
    ["spf of the domain", [["authentication-results", `${id}; spf=pass smtp.mailfrom=people.example`]], true, "spf=pass"],
    ["spf of the greeting only", [["authentication-results", `${id}; spf=pass smtp.helo=people.example`]], false, "spf=pass"],
    ["another server's word", [["authentication-results", "mx.evil.example; dmarc=pass header.from=people.example"]], false, "not checked"],
    [
      "our server's name inside another's",
      [["authentication-results", `evil.example (${id}); dmarc=pass header.from=people.example`]],
      false,
      "not checked",
    ],
    ["none", [["authentication-results", `${id}; none`]], false, "not checked"],
    [
      "a forged one further down",
      [
        ["authentication-results", `${id}; spf=fail`],
        ["received", "x"],
        ["authentication-results", `${id}; dmarc=pass header.from=people.example`],
      ],
      false,
      "spf=fail",
    ],
    [
      "a forged one right below",
      [
        ["authentication-results", `${id}; dmarc=fail`],
        ["authentication-results", `${id}; dmarc=pass header.from=people.example`],
      ],
      false,
      "dmarc=fail",
    ],
    [
      "two of one server",
      [
        ["received", "x"],
        ["authentication-results", `${id}; spf=fail`],
        ["authentication-results", `${id}; dmarc=pass header.from=people.example`],
      ],
      true,
      "dmarc=pass spf=fail",
    ],
    [
      "pass in a comment",
      [["authentication-results", `${id}; dmarc=fail (dmarc=pass header.from=people.example; dmarc=pass)`]],
      false,
      "dmarc=fail",
    ],
    [
      "pass in a quoted reason",
      [["authentication-results", `${id}; dmarc=fail reason="x; dmarc=pass" header.from=people.example`]],
      false,
      "dmarc=fail",
    ],
    ["broken", [["authentication-results", `${id}; "dmarc=pass`]], false, "not checked"],
  ];
  for (const [name, headers, proven, shown] of cases) {
    test(name, () => {
      const all = headers.map(([key, value]) => ({ key, originalKey: key, value }));
      assert.deepEqual(authenticationOf(all, id, "ada@people.example"), { proven, shown });
      assert.equal(authenticationOf(all, undefined, "ada@people.example").proven, false);
    });
  }
});

describe("email: machines", () => {
  const marks = [
    "Auto-Submitted: auto-replied",
    "Auto-Submitted: auto-generated; owner-email=x",
    "Precedence: bulk",
    "Precedence: list",
    "X-Auto-Response-Suppress: DR, OOF, AutoReply",
    "List-Id: people <people.example>",
    "List-Unsubscribe: <mailto:x@y.z>",
    "Return-Path: <>",
    "X-Autoreply: yes",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
  ];
  for (const mark of marks)
    test(`not answered: ${mark}`, async () => assert.ok(isAutomatic(await read(`${mark}\nFrom: ada@people.example`))));
  for (const from of ["mailer-daemon@x.y", "no-reply@x.y", "noreply+7@x.y", "people-request@x.y"])
    test(`not answered: ${from}`, async () => assert.ok(isAutomatic(await read(`From: ${from}`))));
  test("a person is answered", async () => {
    assert.equal(
      isAutomatic(await read("Auto-Submitted: no\nReturn-Path: <ada@people.example>\nFrom: ada@people.example\nX-Priority: 1")),
      false,
    );
    const mine = await event("From: bot@example.com\nMessage-ID: <x@y>");
    assert.equal(mine.sender.self, true);
    const ours = await event(`From: ada@people.example\nMessage-ID: <dl_${"0".repeat(22)}@example.com>`);
    assert.equal(ours.sender.self, true);
  });

  const report = (id: string, action = "failed") =>
    [
      "--b\r\nContent-Type: text/plain\r\n\r\nIt failed.",
      `--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.people.example\r\n\r\nFinal-Recipient: rfc822; ada@people.example\r\nAction: ${action}\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such\r\n user here`,
      `--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: bot@example.com\r\nMessage-ID: ${id}\r\nSubject: x`,
      "--b--\r\n",
    ].join("\r\n");
  const head = "From: MAILER-DAEMON@people.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b";
  const ours = `<dl_${"0".repeat(22)}@example.com>`;

  test("a bounce names our mail and why", async () => {
    assert.deepEqual(bounceOf(await read(head, report(ours)), "example.com"), {
      messageId: ours,
      action: "failed",
      status: "5.1.1",
      recipient: "ada@people.example",
      diagnostic: "550 5.1.1 no such user here",
    });
    assert.equal(bounceOf(await read(head, report(ours, "delivered")), "example.com"), undefined);
    assert.equal(bounceOf(await read(head, report("<other@example.com>")), "example.com"), undefined);
    assert.equal(bounceOf(await read(head, report(ours)), "other.example"), undefined);
  });
});

describe("email: what they wrote themselves", () => {
  const cases: [name: string, text: string, written: string][] = [
    ["Gmail", "Yes please.\n\nOn Mon, 24 Nov 2026 at 10:00, Bot <bot@example.com> wrote:\n> hello\n> there\n", "Yes please."],
    [
      "a wrapped attribution",
      "Yes.\nAnd no.\n\nOn Mon, 24 Nov 2026 at 10:00, Bot of the long name\n<bot@example.com> wrote:\n\n> hello\n",
      "Yes.\nAnd no.",
    ],
    ["German", "Danke!\n\nAm Mo., 24. Nov. 2026 um 10:00 Uhr schrieb Bot <bot@example.com>:\n\n> hallo\n", "Danke!"],
    ["Japanese", "はい\n\n2026年11月24日(月) 10:00 Bot <bot@example.com>:\n\n> x", "はい"],
    ["Outlook", "Ja.\n\n-----Ursprüngliche Nachricht-----\nVon: Bot\nGesendet: Montag\nAn: a\nBetreff: x\n\nhello", "Ja."],
    [
      "Outlook without a line",
      "Ja.\n\n________________________________\nFrom: Bot <b@c.d>\nSent: Monday, 1 January 2026 10:00\nTo: a\nSubject: x\n\nhello",
      "Ja.",
    ],
    [
      "answers between quotes stay",
      "> question one?\n\nanswer one\n\n> question two?\n\nanswer two\n",
      "> question one?\n\nanswer one\n\n> question two?\n\nanswer two",
    ],
    ["a signature", "Hello\n\n-- \nAda\nACME", "Hello"],
    ["a phone", "ok\n\nSent from my iPhone\n\nOn 1 Jan 2026, at 10:00, Bot <b@c.d> wrote:\n\n> hi", "ok"],
    ["dashes and colons of one's own", "- one\n- two\n\nIt says 10:00:\nthanks -- a", "- one\n- two\n\nIt says 10:00:\nthanks -- a"],
    ["nothing but a quote", "> hello", "> hello"],
    ["a list with From in it", "From: Berlin\nto Rome", "From: Berlin\nto Rome"],
  ];
  for (const [name, text, written] of cases) {
    test(name, () => assert.equal(withoutQuoted(text.replaceAll("\n", "\r\n")), written));
  }
  test("long hostile texts take no longer than they are long", { timeout: 20_000 }, () => {
    for (const piece of ["On x wrote ", "On <", "> \n", ">", " ", "-", "_\n", "From: a\n", "-----a", "a:\n>"]) {
      const text = piece.repeat(200_000 / piece.length);
      assert.ok(withoutQuoted(text).length <= text.length, piece);
    }
  });
});

describe("email: hostile mail", () => {
  test("every mail of the corpus is read or refused", { skip: absent }, async () => {
    const files = ["malformed", "rfc", "thirdparty"].flatMap((folder) =>
      readdirSync(new URL(folder, corpus))
        .filter((name) => name.endsWith(".eml"))
        .map((name) => new URL(`${folder}/${name}`, corpus)),
    );
    assert.ok(files.length > 50);
    let withAuthor = 0;
    for (const file of files) {
      const raw = readFileSync(file);
      for (const cut of [raw.length, raw.length >> 1]) {
        const mail = await readMail(raw.subarray(0, cut), systemClock);
        if (mail.ok && decode(mail.value, place, account)) withAuthor += 1;
      }
    }
    assert.ok(withAuthor > 30, `${withAuthor} with an author`);
  });

  const bombs: Record<string, () => string> = {
    "parts inside parts": () =>
      Array.from({ length: 5_000 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}`).join("\r\n"),
    "mails inside mails": () => "Content-Type: message/rfc822\r\n\r\n".repeat(20_000),
    "a hundred thousand parts": () => `Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\n".repeat(100_000)}`,
    "headers without end": () => "X: y\r\n".repeat(400_000),
    "one endless header": () => `From: ${"a".repeat(3_000_000)}`,
    "addresses without end": () => `From: ${"a@b.c, ".repeat(50_000)}\r\n\r\nx`,
    "references without end": () => `From: a@b.c\r\nReferences: ${"<a@b> ".repeat(50_000)}\r\n\r\nx`,
    "half references": () => `From: a@b.c\r\nReferences: ${"<".repeat(100_000)}\r\n\r\nx`,
    "encoded words without end": () => `Subject: ${"=?utf-8?q?=41?= ".repeat(20_000)}\r\nFrom: a@b.c\r\n\r\nx`,
    "comments inside comments": () =>
      `From: ${"(".repeat(100_000)} a@b.c\r\nAuthentication-Results: mx.example.com${"(".repeat(100_000)}\r\n\r\nx`,
    "elements inside elements": () => `From: a@b.c\r\nContent-Type: text/html\r\n\r\n${"<div>".repeat(200_000)}x`,
    "tables inside tables": () => `From: a@b.c\r\nContent-Type: text/html\r\n\r\n${"<table><tr><td>".repeat(60_000)}x`,
    "many elements": () => `From: a@b.c\r\nContent-Type: text/html\r\n\r\n${"<p>x</p><br>".repeat(80_000)}`,
    "entities without end": () => `From: a@b.c\r\nContent-Type: text/html\r\n\r\n${"&".repeat(900_000)}`,
    "unknown character sets": () => "From: a@b.c\r\nContent-Type: text/plain; charset=utf-99\r\n\r\n\xff\xfe",
    "base64 of nothing": () => `From: a@b.c\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n${"!".repeat(500_000)}`,
  };
  for (const [name, make] of Object.entries(bombs)) {
    test(name, { timeout: 60_000 }, async () => {
      const mail = await readMail(Buffer.from(make(), "latin1"), systemClock, 1_500);
      if (!mail.ok) return assert.equal(mail.fault.code, "payload-unknown");
      assert.ok(mail.value.text.length <= 200_000 && mail.value.attachments.length <= 25);
      const decoded = decode(mail.value, place, account);
      assert.ok(JSON.stringify(decoded ?? "").length < 300_000);
    });
  }
});
