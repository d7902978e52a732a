import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
import { startTelegramSimulator } from "../simulators/telegram.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const asProgram = promisify(execFile);
const chats = [4711, 4712, 4713, 4714];
const password = "a-long-enough-password-1";
const attached = "what is in it\n";

/** Where a store is, how it is backed up while it is in use, and how it comes back where nothing is left. */
interface Place {
  readonly env: Readonly<Record<string, string>>;
  backUp(): Promise<void>;
  /** Everything of it is gone but the backup; then it is brought back. What its gateway is started with from now on; `use` for commands before. */
  restore(use: (env: Readonly<Record<string, string>>) => void): Promise<Readonly<Record<string, string>>>;
}

/** What `docs/operations.md` and `docs/postgresql.md` tell an operator to do, on a gateway that has no quiet moment. */
async function drill(t: TestContext, placeOf: (home: string, away: string, polylogue: Polylogue) => Promise<Place>): Promise<void> {
  const [telegram, home, away] = await Promise.all([startTelegramSimulator({}), temporaryHome(), temporaryHome()]);
  t.after(() => Promise.all([telegram.close(), home[Symbol.asyncDispose](), away[Symbol.asyncDispose]()]));
  for (const chat of chats) telegram.world.chat(chat);
  const key = { POLYLOGUE_MASTER_KEY: randomBytes(32).toString("base64") };
  let env: Readonly<Record<string, string>> = key;
  const polylogue: Polylogue = async (input, ...words) => {
    const { PATH = "" } = process.env;
    const ran = asProgram(process.execPath, [main, ...words, "--json"], {
      env: { PATH, HOME: home.path, POLYLOGUE_HOME: home.path, ...env },
    });
    ran.child.stdin?.end(input);
    return JSON.parse((await ran).stdout);
  };
  const place = await placeOf(home.path, away.path, polylogue);
  env = { ...key, ...place.env };
  const configuration = {
    accounts: {
      bot: { channel: "telegram", token: { vault: "bot-token" }, apiRoot: telegram.url, access: { direct: "open" }, streaming: "off" },
    },
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
  const heard = (chat: number) => telegram.seen(chat).flatMap(({ text }) => /word-\d+/.exec(text)?.[0] ?? []);
  const answered = async (word: string) => {
    for (let waited = 0; !chats.every((chat) => heard(chat).includes(word)); waited += 50) {
      assert.ok(waited < 60_000, `${word} isn't answered: ${chats.map((chat) => heard(chat).join())}`);
      await wait(50);
    }
  };
  let said = 0;
  const sayAll = () => {
    said += 1;
    for (const chat of chats) telegram.say(chat, chat, `say word-${said}`);
    return `word-${said}`;
  };

  await startAnd(async (url) => {
    const owner = { token: setupToken, name: "Ada", password };
    const made = await fetch(`${url}/api/setup`, {
      ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(owner) },
    });
    assert.equal(made.status, 201);
    await answered(sayAll());
    telegram.people.sendFile(4711, 4711, "document", Buffer.from(attached), { caption: "say word-1" });
    await answered(sayAll());
  }, true);

  const backedUp = await startAnd(async () => {
    await answered(sayAll());
    const before = said;
    let going = true;
    const traffic = (async () => {
      while (going) {
        sayAll();
        await wait(200);
      }
    })();
    await place.backUp();
    going = false;
    await traffic;
    await answered(sayAll());
    return before;
  });

  env = { ...key, ...(await place.restore((later) => (env = { ...key, ...later }))) };
  await startAnd(async (url) => {
    await answered(sayAll());
    const signedIn = await fetch(`${url}/api/login`, {
      ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name: "Ada", password }) },
    });
    const cookie = String(signedIn.headers.get("set-cookie")).split(";")[0] as string;
    assert.equal(signedIn.status, 200, "who could sign in still can");
    const get = async <Body>(path: string) => {
      const answer = await fetch(`${url}/api/${path}`, { headers: { cookie } });
      assert.equal(answer.status, 200, path);
      return (await answer.json()) as Body;
    };
    const conversations = await get<{ id: string; chat: { id: string } }[]>("conversations");
    assert.deepEqual(conversations.map(({ chat }) => Number(chat.id)).sort(), chats);
    for (const { id, chat } of conversations) {
      const messages = await get<{ id: string; direction: string; parts: { kind: string; text?: string }[] }[]>(
        `conversations/${id}/messages?limit=200`,
      );
      const kept = messages.flatMap(({ direction, parts }) =>
        direction === "in" ? (/word-\d+/.exec(JSON.stringify(parts))?.[0] ?? []) : [],
      );
      const [file] = messages.flatMap(({ id, parts }) => {
        const held = /fl_[0-9a-z]{22}/.exec(JSON.stringify(parts))?.[0];
        return held ? [`${id}/files/${held}`] : [];
      });
      assert.equal(file !== undefined, Number(chat.id) === 4711, "the one attachment");
      if (file) assert.equal(await (await fetch(`${url}/api/messages/${file}`, { headers: { cookie } })).text(), attached);
      for (let word = 1; word <= backedUp; word++) assert.ok(kept.includes(`word-${word}`), `${chat.id} has no word-${word}`);
      const inOrder = [...new Set(heard(Number(chat.id)))];
      assert.deepEqual(
        inOrder,
        Array.from({ length: said }, (_, index) => `word-${index + 1}`),
        "all answered, in order",
      );
    }
  });
  // What was on its way in the copied moment may be unknown; then the command has something to say, and ends with 1.
  const told = await polylogue("", "doctor").catch((thrown: { readonly stdout: string }) => JSON.parse(thrown.stdout));
  const { checks, findings } = told as {
    readonly checks: readonly { name: string; detail: string; findings: number }[];
    readonly findings: readonly { code: string }[];
  };
  assert.deepEqual(
    findings.filter(({ code }) => code !== "delivery-unknown"),
    [],
  );
  const audit = checks.find(({ name }) => name === "audit log");
  assert.match(audit?.detail ?? "", /^[1-9]\d* entries/);
  assert.equal(audit?.findings, 0);

  async function startAnd<Done>(work: (url: string) => Promise<Done>, first = false): Promise<Done> {
    if (first) await polylogue(telegram.token, "secrets", "set", "bot-token");
    const gateway = await startGatewayProcess({ home: home.path, env, configuration });
    try {
      return await work(gateway.url);
    } finally {
      await gateway.kill();
    }
  }
}

type Polylogue = (input: string, ...words: string[]) => Promise<Record<string, unknown>>;

test("a file that was backed up under traffic comes back on an empty machine, and goes on", async (t) => {
  await drill(t, async (home, away, polylogue) => {
    const copy = join(away, "copy");
    return {
      env: {},
      backUp: async () => void (await polylogue("", "backup", copy)),
      async restore() {
        await rm(home, { recursive: true });
        await mkdir(home, { mode: 0o700 });
        await polylogue("", "restore", "--yes", copy);
        return {};
      },
    };
  });
});

describe("a real PostgreSQL", { skip: postgresMissing() }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  for (const [to, place] of [
    ["another database", async () => ({ POLYLOGUE_STORE: await server.database() })],
    ["a file", async () => ({ POLYLOGUE_STORE: "" })],
  ] as const) {
    test(`that was backed up under traffic comes back as ${to}, and goes on`, async (t) => {
      await drill(t, async (home, away, polylogue) => {
        const copy = join(away, "copy");
        return {
          env: { POLYLOGUE_STORE: await server.database() },
          backUp: async () => void (await polylogue("", "backup", copy)),
          async restore(use) {
            assert.deepEqual((await readdir(copy)).sort(), ["files", "manifest.json", "polylogue.db", "polylogue.json5"]);
            await rm(home, { recursive: true });
            await mkdir(home, { mode: 0o700 });
            const env = await place();
            use(env);
            const said = await polylogue("", "restore", "--yes", copy);
            assert.equal(said.restored, true);
            assert.ok(existsSync(join(home, "polylogue.json5")));
            assert.equal(existsSync(join(home, "polylogue.db")), to === "a file");
            return env;
          },
        };
      });
    });
  }

  test("that was dumped under traffic comes back as another database, and goes on", async (t) => {
    await drill(t, async (_, away) => {
      const url = await server.database();
      const copy = join(away, "copy");
      return {
        env: { POLYLOGUE_STORE: url },
        backUp: () => server.dump(url, copy),
        async restore() {
          const fresh = await server.database();
          await server.restore(copy, fresh);
          return { POLYLOGUE_STORE: fresh };
        },
      };
    });
  });
});
