import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { ImapFlow } from "imapflow";
import MailComposer from "nodemailer/lib/mail-composer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import email from "../../src/channels/email/index.ts";
import { type Mail, parseMail } from "../../src/wires/mail/parse.ts";
import { openAccount } from "../contract/account.ts";
import { outbound } from "../contract/channel.ts";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { type MailServers, mailServersMissing, startMailServers } from "../servers/mail.ts";

/** The real gateway with a real Postfix and a real Dovecot: people write from their own mailboxes, and read there what came back. */

const ada = "ada@people.test";
const bob = "bob@people.test";
const bot = "bot@example.test";

let servers: MailServers;

const settings = (more: object = {}) => ({
  ...{
    address: `Bot <${bot}>`,
    imap: servers.imap,
    smtp: servers.smtp,
    password: servers.password,
    ca: servers.ca,
    authservId: servers.authservId,
  },
  ...more,
});

const configuration = () => ({
  accounts: { support: { channel: "email", ...settings(), access: { allow: [ada] }, onUnknown: "resend" } },
  agents: { main: { instructions: "Answer.", models: ["demo/demo"] } },
  routes: [{ agent: "main" }],
});

interface Letter {
  readonly from?: string;
  /** Who the envelope says it is from, and who logs in: nobody, where it isn't one of us. */
  readonly envelope?: string;
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly headers?: Record<string, string>;
}

/** Sends a mail as a person's program does: over STARTTLS, logged in; a stranger's server doesn't log in. */
async function write({ from = ada, envelope = from, ...letter }: Letter): Promise<void> {
  const raw = await new MailComposer({ from, to: bot, ...letter }).compile().build();
  const own = servers.mailboxes.includes(envelope);
  const port = own ? servers.smtpPort : servers.exchangePort;
  const smtp = new SMTPConnection({ host: "localhost", port, tls: { ca: servers.ca } });
  const step = (run: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve, reject) => run((error) => (error ? reject(error) : resolve())));
  await step((done) => smtp.connect(done));
  if (servers.mailboxes.includes(envelope))
    await step((done) => smtp.login({ credentials: { user: envelope, pass: servers.password } }, done));
  await step((done) => smtp.send({ from: envelope, to: [bot] }, raw, done));
  smtp.quit();
}

function clientOf(user: string): ImapFlow {
  const auth = { user, pass: servers.password };
  return new ImapFlow({ host: "localhost", port: servers.imapPort, auth, tls: { ca: servers.ca }, logger: false });
}

/** What lies in a person's mailbox now. */
async function mailsOf(user: string): Promise<Mail[]> {
  const client = new ImapFlow({
    ...{
      host: "localhost",
      port: servers.imapPort,
      auth: { user, pass: servers.password },
      tls: { ca: servers.ca },
      logger: false as const,
    },
  });
  await client.connect();
  await client.mailboxOpen("INBOX", { readOnly: true });
  const found: Mail[] = [];
  if (client.mailbox && client.mailbox.exists > 0) {
    for (const { source } of await client.fetchAll("1:*", { source: true })) {
      const mail = await parseMail(source ?? Buffer.alloc(0));
      if (mail.ok) found.push(mail.value);
    }
  }
  client.close();
  return found;
}

/** Waits until so many mails with these words lie there. */
async function arrived(user: string, words: string, count = 1): Promise<Mail[]> {
  for (;;) {
    const found = (await mailsOf(user)).filter(({ text }) => text.includes(words));
    if (found.length >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const header = (mail: Mail, name: string) => mail.headers.find(({ key }) => key === name)?.value;
const soon = (until: () => boolean) =>
  new Promise<void>((resolve) => {
    const look = () => (until() ? resolve() : void setTimeout(look, 100));
    look();
  });

const missing = mailServersMissing();

describe("e-mail, with Postfix and Dovecot", { skip: missing, timeout: 300_000 }, () => {
  let gateway: GatewayProcess;
  let home: Awaited<ReturnType<typeof temporaryHome>>;
  before(async () => {
    servers = await startMailServers();
    home = await temporaryHome();
    gateway = await startGatewayProcess({ home: home.path, configuration: configuration() });
  });
  after(async () => {
    await gateway?.kill();
    await home?.[Symbol.asyncDispose]();
    await servers?.[Symbol.asyncDispose]();
  });

  test("probe: both servers, and the password", async () => {
    for (const [more, code] of [
      [{}, undefined],
      [{ password: "another" }, "channel-auth"],
      [{ moveTo: "Nowhere" }, "account-invalid"],
      [{ ca: undefined }, "channel-unreachable"],
    ] as const) {
      const account = openAccount(email, settings(more));
      const found = await email.probe(account, AbortSignal.timeout(20_000));
      assert.equal(found.ok ? undefined : found.fault.code, code, JSON.stringify(found));
      await account.close();
    }
  });

  test("a mail is answered in its thread, to its sender, as a machine's answer; the forged and the unknown are not", async () => {
    const forged = { "Authentication-Results": `${servers.authservId}; dmarc=pass header.from=people.test` };
    await write({ envelope: "mallory@evil.test", subject: "Forged", text: "forged-words", messageId: "<f1@evil.test>", headers: forged });
    await write({ from: bob, subject: "Bob", text: "bob-words", messageId: "<b1@people.test>" });
    await write({ subject: "Opening hours", text: "first-words please", messageId: "<a1@people.test>" });
    const [answer] = await arrived(ada, "first-words");
    assert.ok(answer);
    assert.deepEqual(answer.from, { address: bot, name: "Bot" });
    assert.equal(answer.subject, "Re: Opening hours");
    assert.deepEqual([header(answer, "in-reply-to"), answer.references], ["<a1@people.test>", ["<a1@people.test>"]]);
    assert.equal(header(answer, "auto-submitted"), "auto-replied");
    assert.match(answer.messageId ?? "", /^<dl_[0-9a-z]{22}@example\.test>$/);
    assert.match(header(answer, "received") ?? "", /ESMTPSA|LMTP|by /);
    const all = [...(await mailsOf(ada)), ...(await mailsOf(bob))];
    assert.deepEqual(
      all.filter(({ text }) => /forged-words|bob-words/.test(text)),
      [],
    );
  });

  test("a bounce of a mail that the server took is noticed", async () => {
    const account = openAccount(email, settings());
    const sent = await email.send(account, outbound({ id: "nobody@people.test", kind: "direct" }, "hello"), AbortSignal.timeout(20_000));
    await account.close();
    assert.ok(sent.kind === "sent", JSON.stringify(sent));
    await soon(() => gateway.log().includes("email-bounced"));
    const line =
      gateway
        .log()
        .split("\n")
        .find((one) => one.includes("email-bounced")) ?? "";
    assert.ok(line.includes(sent.receipt) && line.includes("nobody@people.test") && /5\.1\.1/.test(line), line);
  });

  test("Dovecot goes and comes back: what was written meanwhile is answered", async () => {
    await servers.stopDovecot();
    // Nobody can log in without it: another server brings the mail, and Postfix keeps it.
    await write({ from: ada, envelope: "relay@people.test", subject: "Meanwhile", text: "meanwhile-words", messageId: "<m1@people.test>" });
    await soon(() => /"retrying".*"account-state"/.test(gateway.log()));
    await servers.startDovecot();
    await arrived(ada, "meanwhile-words");
  });

  test("killed again and again: each mail is answered, and what comes twice has one Message-ID", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `kill-words-${index}-end`);
    let at = 0;
    for (const name of names) {
      await write({ subject: name, text: name, messageId: `<${name}@people.test>` });
      if (++at % 3 !== 0) continue;
      await new Promise((resolve) => setTimeout(resolve, 150 * at));
      await gateway.kill();
      gateway = await startGatewayProcess({ home: home.path });
    }
    for (const name of names) await arrived(ada, name);
    const answers = (await mailsOf(ada)).filter(({ text }) => /kill-words-/.test(text));
    const ids = new Map(
      names.map((name) => [name, new Set(answers.filter(({ text }) => text.includes(name)).map(({ messageId }) => messageId))]),
    );
    for (const [name, of] of ids) assert.equal(of.size, 1, `${name} was answered by ${of.size} different mails`);
  });

  test("while Postfix is away an answer waits, and goes out when it is back", async () => {
    await servers.stopPostfix();
    let tries = 0;
    const nobody = createServer((socket) => {
      tries += 1;
      socket.destroy();
    }).listen(servers.smtpPort, "127.0.0.1");
    const raw = await new MailComposer({
      ...{ from: ada, to: bot, subject: "Later", text: "later-words", messageId: "<l1@people.test>" },
      headers: { "Authentication-Results": `${servers.authservId}; dmarc=pass header.from=people.test` },
    })
      .compile()
      .build();
    const client = clientOf(bot);
    await client.connect();
    await client.append("INBOX", raw);
    client.close();
    await soon(() => tries > 0);
    await new Promise((resolve) => nobody.close(resolve));
    await servers.startPostfix();
    await arrived(ada, "later-words");
  });
});
