import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { type Person, type Synapse, startSynapse, synapseMissing } from "../servers/synapse.ts";
import { EncryptingPerson } from "../support/matrix-client.ts";

const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
const path = (...segments: string[]) => segments.map(encodeURIComponent).join("/");

/** What `polylogue channels install matrix` leaves behind; the packages themselves are those of the tests. */
async function withPackages(home: string): Promise<void> {
  await mkdir(join(home, "packages"));
  await writeFile(join(home, "packages", "package.json"), '{"private":true}');
  await symlink(modules, join(home, "packages", "node_modules"), "junction");
}

/** The real gateway and a real homeserver, with people whose programs encrypt by Matrix's own library. */
describe("Matrix, encrypted, with Synapse", { skip: synapseMissing(), timeout: 300_000 }, () => {
  let synapse: Synapse;
  before(async () => {
    synapse = await startSynapse();
  });
  after(() => synapse?.[Symbol.asyncDispose]());

  const configuration = (bot: Person, more: object = {}) => ({
    accounts: {
      bot: {
        channel: "matrix",
        homeserver: synapse.url,
        token: bot.token,
        access: { direct: "open", group: "off" },
        streaming: "off",
        ...more,
      },
    },
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  });

  async function encryptedRoom(person: Person, bot: Person): Promise<string> {
    const initial_state = [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }];
    const made = await person.ask("POST", "client/v3/createRoom", {
      preset: "trusted_private_chat",
      invite: [bot.id],
      is_direct: true,
      initial_state,
    });
    const room = String(made.room_id);
    for (;;) {
      const { joined } = await person.ask("GET", `client/v3/${path("rooms", room, "joined_members")}`);
      if (Object.hasOwn(joined as object, bot.id)) return room;
      await wait(50);
    }
  }

  async function answer(ada: EncryptingPerson, bot: Person, part: string): Promise<Record<string, unknown>> {
    for (;;) {
      const found = ada.heard.find(({ sender, content }) => sender === bot.id && String(content?.body).includes(part));
      assert.ok(found === undefined || found.encrypted, "an answer came in clear");
      if (found?.content) return found.content;
      await ada.sync(200);
    }
  }

  test("it reads and answers, over kill -9 again and again, with the same device", async (t) => {
    await using home = await temporaryHome();
    await withPackages(home.path);
    const [bot, person] = [await synapse.register("bot1"), await synapse.register("ada1")];
    let gateway: GatewayProcess | undefined;
    t.after(() => gateway?.kill());
    const start = async () => {
      gateway = await startGatewayProcess({ home: home.path, configuration: configuration(bot, { encryption: true }) });
    };
    await start();
    const ada = await EncryptingPerson.open(person);
    t.after(() => ada.close());
    const room = await encryptedRoom(person, bot);
    await ada.say(room, { msgtype: "m.text", body: "say word-0" });
    await answer(ada, bot, "word-0");
    for (let round = 1; round <= 4; round++) {
      // It is down while something is said, or it is killed in the middle of it.
      if (round % 2 === 0) await gateway?.kill();
      await ada.say(room, { msgtype: "m.text", body: `say word-${round}` });
      if (round % 2 === 1) await gateway?.kill();
      await start();
      await answer(ada, bot, `word-${round}`);
    }
    const said = ada.heard.filter(({ sender }) => sender === bot.id).map(({ content }) => /word-\d/.exec(String(content?.body))?.[0]);
    assert.deepEqual(said, ["word-0", "word-1", "word-2", "word-3", "word-4"], gateway?.log());
    const { devices } = await bot.ask("GET", "client/v3/devices");
    assert.equal((devices as object[]).length, 1);
    assert.equal(await gateway?.stop(), 0);
  });
});
