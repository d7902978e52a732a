import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type GatewayProcess, setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { type IrcServer, ircServersMissing, startInspircd, startNgircd } from "../servers/irc.ts";
import type { IrcPerson } from "../servers/irc-person.ts";

/** The real gateway on two real IRC servers: answering, through a restart of the server, killed again and again. */

const skip = ircServersMissing();
const password = "polly-password-0123";
const channel = "#kitchen";
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

for (const start of [startNgircd, startInspircd]) {
  const keepsHistory = start === startInspircd;
  describe(`the gateway on ${keepsHistory ? "InspIRCd, which keeps a channel's past" : "ngIRCd, which keeps nothing"}`, {
    skip,
    timeout: 300_000,
  }, () => {
    let server: IrcServer;
    let home: Awaited<ReturnType<typeof temporaryHome>>;
    let gateway: GatewayProcess;
    before(async () => {
      server = await start();
      if (keepsHistory) (await server.person("polly", { register: password })).close();
      home = await temporaryHome();
    });
    after(async () => {
      await gateway?.kill();
      await home?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
    });

    const configuration = () => ({
      accounts: {
        irc: {
          ...{ channel: "irc", server: server.tls, ca: server.certificate.certificate, nick: "polly", channels: [channel], lineMs: 0 },
          ...(keepsHistory ? { password } : {}),
          ...{ access: { groups: [channel] }, onUnknown: "resend", streaming: "off" },
        },
      },
      agents: { main: { instructions: "Answer.", models: ["demo/demo"] } },
      routes: [{ agent: "main" }],
    });

    /** Somebody in the channel, who sees the account come. */
    const enter = async (nick: string): Promise<IrcPerson> => {
      const person = await server.person(nick);
      await person.join(channel);
      if (keepsHistory) await person.ask(`MODE ${channel} +H 50:1d`, "MODE");
      return person;
    };
    const isThere = async (person: IrcPerson) => {
      while (!(await person.ask(`NAMES ${channel}`, "366")).some(({ params }) => /(^|[ @+])polly_?( |$)/.test(params.at(-1) ?? "")))
        await pause(50);
    };
    const answersTo = (person: IrcPerson, words: string) =>
      ["polly", "polly_"].flatMap((nick) => person.words(nick, channel)).filter((text) => text.includes(words));

    test("answered where it is addressed; through a restart of the server; killed in the middle", async () => {
      const ada = await enter("ada");
      gateway = await startGatewayProcess({ home: home.path, configuration: configuration() });
      await isThere(ada);
      ada.say(`PRIVMSG ${channel} :said to nobody`, `PRIVMSG ${channel} :polly: early-words`, "PRIVMSG polly :secretly-words");
      await ada.read("polly", "early-words", channel);

      await server.stop();
      while (!/"account":"irc","state":"retrying"/.test(gateway.log())) await pause(50);
      await server.start();
      const bea = await enter("bea");
      await isThere(bea);
      bea.say(`PRIVMSG ${channel} :polly: after-restart-words`);
      await bea.read("polly", "after-restart-words", channel);

      const names = Array.from({ length: 9 }, (_, index) => `kill-words-${index}-end`);
      let kills = 0;
      for (const [index, name] of names.entries()) {
        bea.say(`PRIVMSG ${channel} :polly: ${name}`);
        if (index % 3 !== 2) continue;
        await pause(60 * index);
        await gateway.kill();
        kills++;
        bea.say(`PRIVMSG ${channel} :polly: dead-words-${index}-end`);
        gateway = await startGatewayProcess({ home: home.path });
        await isThere(bea);
      }
      bea.say(`PRIVMSG ${channel} :polly: last-words`);
      const all = [...names, ...[2, 5, 8].map((index) => `dead-words-${index}-end`), "last-words"];
      const storedNow = await storedWords(gateway.url);
      for (;;) {
        await pause(200);
        const stored = await storedNow();
        const heard = all.filter((name) => stored.some((text) => text.includes(name)));
        if (keepsHistory && heard.length < all.length) continue;
        if (!heard.includes("last-words") || heard.some((name) => answersTo(bea, name).length === 0)) continue;
        // What was stored is answered, and nothing else.
        for (const name of all) if (!heard.includes(name)) assert.equal(answersTo(bea, name).length, 0, name);
        break;
      }
      // An answer that was under way when the process died may come twice: `onUnknown` says so.
      const twice = all.filter((name) => new Set(answersTo(bea, name)).size < answersTo(bea, name).length);
      assert.ok(twice.length <= kills, twice.join());
      // Words to nobody get no answer of their own, and whom access doesn't know gets none at all.
      assert.equal(ada.words("polly", channel).filter((text) => text === "You wrote:").length, 1);
      assert.deepEqual(ada.words("polly"), []);
    });
  });
}

/** Signs in once, and then tells what the gateway has stored of what people said. */
async function storedWords(url: string): Promise<() => Promise<string[]>> {
  const setup = await fetch(`${url}/api/setup`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ token: setupToken, name: "Ada", password: "correct horse battery staple" }),
  });
  const cookie = setup.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const get = async (path: string) => (await (await fetch(`${url}${path}`, { headers: { cookie } })).json()) as unknown;
  return async () => {
    const conversations = (await get("/api/conversations")) as { id: string }[];
    const messages = await Promise.all(conversations.map(({ id }) => get(`/api/conversations/${id}/messages?limit=200`)));
    return (messages.flat() as { direction: string; parts: unknown }[])
      .filter(({ direction }) => direction === "in")
      .map(({ parts }) => JSON.stringify(parts));
  };
}
