import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { storeFile } from "../../src/places.ts";
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
    assert.deepEqual(said, ["word-0", "word-1", "word-2", "word-3", "word-4"], String(gateway?.log()));
    const devices = (await bot.ask("GET", "client/v3/devices")).devices as { device_id: string }[];
    assert.equal(devices.length, 1);
    assert.ok(await ada.isSigned(bot.id, String(devices[0]?.device_id)), "people's programs warn of the device");
    assert.equal(await gateway?.stop(), 0);
    using database = new DatabaseSync(storeFile(home.path), { readOnly: true });
    const kept = database.prepare("SELECT count(*) AS rows FROM account_states WHERE key LIKE 'record:%'").get();
    assert.ok(Number(kept?.rows) > 5);
    const words = database.prepare("SELECT count(*) AS found FROM account_states WHERE instr(CAST(value AS TEXT), ?) > 0");
    for (const secret of [bot.token, "word-1"] as string[]) assert.equal(words.get(secret)?.found, 0);
  });

  test("what can't be read yet waits for its key, over a kill, and is answered in its order when that comes", async (t) => {
    await using home = await temporaryHome();
    await withPackages(home.path);
    const [bot, person] = [await synapse.register("bot2"), await synapse.register("ada2")];
    const start = () => startGatewayProcess({ home: home.path, configuration: configuration(bot, { encryption: true }) });
    let gateway = await start();
    t.after(() => gateway.kill());
    const ada = await EncryptingPerson.open(person);
    t.after(() => ada.close());
    const room = await encryptedRoom(person, bot);
    ada.holds = true;
    for (const word of ["word-0", "word-1"]) await ada.say(room, { msgtype: "m.text", body: `say ${word}` });
    assert.ok(ada.held.length > 0);
    using database = new DatabaseSync(storeFile(home.path), { readOnly: true });
    const waiting = () => Number(database.prepare("SELECT count(*) AS rows FROM account_states WHERE key LIKE 'waiting:%'").get()?.rows);
    while (waiting() < 2) await wait(50);
    await gateway.kill();
    gateway = await start();
    await ada.release();
    await answer(ada, bot, "word-1");
    const said = ada.heard.filter(({ sender }) => sender === bot.id).map(({ content }) => /word-\d/.exec(String(content?.body))?.[0]);
    assert.deepEqual(said, ["word-0", "word-1"]);
    while (waiting() > 0) await wait(50);
    assert.equal(await gateway.stop(), 0);
  });

  test("who comes reads what is said from then on, and for who goes there is another key", async (t) => {
    await using home = await temporaryHome();
    await withPackages(home.path);
    const people = ["bot5", "ada5", "eve5"].map((name) => synapse.register(name));
    const [bot, person, other] = (await Promise.all(people)) as [Person, Person, Person];
    const access = { direct: "open", group: "open", mention: false };
    const gateway = await startGatewayProcess({ home: home.path, configuration: configuration(bot, { encryption: true, access }) });
    t.after(() => gateway.kill());
    const [ada, eve] = [await EncryptingPerson.open(person), await EncryptingPerson.open(other)];
    t.after(() => [ada, eve].forEach((one) => void one.close()));
    const room = await encryptedRoom(person, bot);
    const sessionOf = async (word: string) => {
      await ada.say(room, { msgtype: "m.text", body: `say ${word}` });
      await answer(ada, bot, word);
      const heard = ada.heard.find(({ sender, content }) => sender === bot.id && String(content?.body).includes(word));
      const raw = await person.ask("GET", `client/v3/${path("rooms", room, "event", String(heard?.id))}`);
      return (raw.content as { session_id?: string }).session_id;
    };
    const alone = await sessionOf("word-0");
    await person.ask("POST", `client/v3/${path("rooms", room, "invite")}`, { user_id: other.id });
    await other.ask("POST", `client/v3/${path("join", room)}`, {});
    const together = await sessionOf("word-1");
    assert.equal(alone, together, "the key goes on, and is given to who came");
    await answer(eve, bot, "word-1");
    assert.ok(!eve.heard.some(({ content }) => String(content?.body).includes("word-0")), "what was said before isn't for who comes later");
    await other.ask("POST", `client/v3/${path("rooms", room, "leave")}`, {});
    assert.notEqual(await sessionOf("word-2"), together);
    assert.equal(await gateway.stop(), 0);
  });

  test("with encryption off nothing leaves in clear: what an agent would say is a dead letter, and a finding says why", async (t) => {
    await using home = await temporaryHome();
    const [bot, person] = [await synapse.register("bot3"), await synapse.register("ada3")];
    const gateway = await startGatewayProcess({ home: home.path, configuration: configuration(bot) });
    t.after(() => gateway.kill());
    const ada = await EncryptingPerson.open(person);
    t.after(() => ada.close());
    const room = await encryptedRoom(person, bot);
    await ada.say(room, { msgtype: "m.text", body: "say secret" });
    await person.ask("PUT", `client/v3/${path("rooms", room, "send", "m.room.message", "clear")}`, {
      msgtype: "m.text",
      body: "say clear",
    });
    using database = new DatabaseSync(storeFile(home.path), { readOnly: true });
    const codes = () => database.prepare("SELECT state, error_code AS code FROM deliveries").all();
    while (codes().filter(({ state }) => state === "failed").length < 2) await wait(50);
    assert.ok(codes().every(({ code }) => code === "room-encrypted"));
    await ada.sync();
    assert.deepEqual(
      ada.heard.filter(({ sender }) => sender === bot.id),
      [],
    );
    assert.equal(await gateway.stop(), 0);
  });

  test("without the packages, and with keys of another program, the account says what to do", async (t) => {
    const [bot, person] = [await synapse.register("bot4"), await synapse.register("ada4")];
    const other = await EncryptingPerson.open(person);
    t.after(() => other.close());
    for (const [who, brought, code] of [
      [bot, false, "package-missing"],
      [person, true, "channel-auth"],
    ] as const) {
      await using home = await temporaryHome();
      if (brought) await withPackages(home.path);
      const gateway = await startGatewayProcess({ home: home.path, configuration: configuration(who, { encryption: true }) });
      t.after(() => gateway.kill());
      const told = () => gateway.log().includes(`"code":"${code}"`) || gateway.log().includes(code);
      while (!told()) await wait(50);
      assert.match(gateway.log(), brought ? /log in anew/ : /polylogue channels install matrix/);
      assert.equal(await gateway.stop(), 0);
    }
  });
});
