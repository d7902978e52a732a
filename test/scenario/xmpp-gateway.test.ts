import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { startEjabberd, startProsody, type XmppServer, xmppServersMissing } from "../servers/xmpp.ts";
import type { XmppPerson } from "../servers/xmpp-person.ts";

/** The real gateway on two real XMPP servers: answering, through a restart of the server, killed again and again; nothing is lost, nothing comes twice. */

const skip = xmppServersMissing();
const password = "polly-password-0123";
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

for (const start of [startProsody, startEjabberd]) {
  describe(`the gateway on ${start === startProsody ? "Prosody" : "ejabberd"}`, { skip, timeout: 300_000 }, () => {
    let server: XmppServer;
    let home: Awaited<ReturnType<typeof temporaryHome>>;
    let gateway: GatewayProcess;
    let room: string;
    before(async () => {
      server = await start();
      (await server.person("polly", { password })).close();
      home = await temporaryHome();
      room = `kitchen@${server.rooms}`;
    });
    after(async () => {
      await gateway?.kill();
      await home?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
    });

    const configuration = () => ({
      accounts: {
        jabber: {
          ...{
            channel: "xmpp",
            jid: "polly@localhost",
            password,
            server: server.starttls,
            ca: server.certificate.certificate,
            rooms: [room],
          },
          ...{ access: { allow: ["ada@localhost"], groups: [room] }, onUnknown: "resend", streaming: "off" },
        },
      },
      agents: { main: { instructions: "Answer.", models: ["demo/demo"] } },
      routes: [{ agent: "main" }],
    });
    const isIn = (person: XmppPerson, from = 0) =>
      person.until(
        ({ name, attrs }) => name === "presence" && (attrs.from ?? "").startsWith(`${room}/polly`) && attrs.type === undefined,
        from,
      );
    /** Answers that hold these words, to this person alone or in the room. */
    const answers = (person: XmppPerson, where: string, words: string) => person.words(where).filter((text) => text.includes(words));

    test("answered directly and where it is addressed; a restart of the server; killed in the middle", async () => {
      const ada = await server.person("ada");
      await ada.makeRoom(room, "Ada");
      gateway = await startGatewayProcess({ home: home.path, configuration: configuration() });
      await isIn(ada);
      const eve = await server.person("eve");
      eve.write("polly@localhost", "secretly-words");
      ada.write(room, "said to nobody", { type: "groupchat" });
      ada.write(room, "polly: early-words", { type: "groupchat" });
      ada.write("polly@localhost", "direct-words");
      await ada.read(`${room}/polly`, "early-words");
      await ada.read("polly@localhost", "direct-words");

      await server.stop();
      while (!/"account":"jabber","state":"retrying"/.test(gateway.log())) await pause(50);
      await server.start();
      const bea = await server.person("ada", { register: false });
      await bea.join(room, "Bea");
      await isIn(bea);
      bea.write(room, "polly: after-restart-words", { type: "groupchat" });
      await bea.read(`${room}/polly`, "after-restart-words");

      const said: [where: string, words: string][] = [];
      const say = (words: string) => {
        said.push(["polly@localhost", `direct-${words}`], [`${room}/polly`, `room-${words}`]);
        bea.write("polly@localhost", `direct-${words}`);
        bea.write(room, `polly: room-${words}`, { type: "groupchat" });
      };
      for (let index = 0; index < 9; index++) {
        say(`kill-words-${index}-end`);
        if (index % 3 !== 2) continue;
        await pause(70 * index);
        await gateway.kill();
        say(`dead-words-${index}-end`);
        gateway = await startGatewayProcess({ home: home.path });
      }
      say("last-words");
      for (const [where, words] of said) await bea.read(where, words);
      await pause(500);
      const twice = said.filter(([where, words]) => answers(bea, where, words).length !== 1).map(([where, words]) => `${where} ${words}`);
      assert.deepEqual(twice, []);
      // Words to nobody get no answer of their own, and whom access doesn't know gets none at all.
      assert.equal(ada.words(`${room}/polly`).filter((text) => text.startsWith("You wrote:")).length, 1);
      assert.deepEqual(eve.words("polly@localhost"), []);
    });
  });
}
