import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { testCli } from "../../test/support/cli.ts";
import { configurationFile } from "../config/disk.ts";
import { type AccountId, type ConversationId, defaultTenant, newId } from "../core/ids.ts";
import type { Store } from "../core/store.ts";
import type { Manifest } from "../ops/backup.ts";
import { pack } from "../ops/backup-tar.ts";
import { openSqliteStore } from "../stores/sqlite.ts";

type Cli = Awaited<ReturnType<typeof testCli>>;

interface Sent {
  readonly message: string;
  readonly deliveries: string[];
  readonly gateway: string;
}

const hello = ["send", "--account", "web", "--chat", "c1", "Hello", "*you*"];

async function code({ run }: Cli, line: string[], input = {}): Promise<string> {
  const { exit, json } = await run([...line, "--json"], input);
  assert.equal(exit, 1);
  return json<{ error: { code: string } }>().error.code;
}

async function withStore<Value>({ door }: Cli, work: (store: Store) => Promise<Value>): Promise<Value> {
  const opened = await openSqliteStore({ file: door.storeFile, role: "guest" });
  assert.ok(opened.ok);
  try {
    return await work(opened.value);
  } finally {
    await opened.value.close();
  }
}

/** A gateway that the platform refuses everything. */
async function refuseAll({ door }: Cli): Promise<void> {
  const opened = await openSqliteStore({ file: door.storeFile, role: "owner" });
  assert.ok(opened.ok);
  const store = opened.value;
  for (const { lane } of (await store.due("send", Date.now(), 9)).lanes) {
    const lease = await store.lease(lane);
    const conversation = lane.slice("send:".length) as ConversationId;
    assert.ok(lease);
    for (;;) {
      const begun = await store.beginAttempt(lease, conversation, Date.now());
      if (begun.kind !== "begun") break;
      const outcome = { kind: "refused", code: "channel-permanent", message: "blocked by \u001b[31mher" } as const;
      await store.endAttempt(lease, begun.delivery, { outcome, at: 1 });
    }
  }
  await store.close();
}

describe("send, trace and queue", () => {
  it("store the message, say whether a gateway delivers it, and tell its story", async () => {
    const cli = await testCli();
    const sent = (await cli.run([...hello, "--json"])).json<Sent>();
    assert.equal(sent.gateway, "stopped");
    cli.kept.running = true;
    assert.match((await cli.run(hello)).out, /The gateway delivers it now/);
    const trace = await cli.run(["trace", sent.message]);
    assert.equal(trace.exit, 0, trace.err);
    assert.match(trace.out, /delivery-queued/);
    assert.ok(trace.out.includes(`delivery ${sent.deliveries[0]}: queued`), trace.out);
    const queue = (await cli.run(["queue", "list", "--json"])).json<{ id: string; state: string }[]>();
    assert.equal(queue.length, 2);
    const [first] = sent.deliveries as [string];
    assert.equal((await cli.run(["queue", "drop", first])).exit, 0);
    const again = await cli.run(["queue", "drop", first, "dl_nothing"]);
    assert.equal(again.exit, 1);
    assert.match(again.out, /not dropped: .*dl_nothing/);
    assert.equal((await cli.run(["queue", "list", "--state", "queued", "--json"])).json<unknown[]>().length, 1);
    assert.equal((await cli.run(["queue", "retry", first, "--json"])).exit, 1, "dropped is dropped");
  });

  it("show what was given up, with its cause, and queue it again or discard it, one or all", async () => {
    const cli = await testCli();
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push(...(await cli.run([...hello, "--json"])).json<Sent>().deliveries);
    await refuseAll(cli);
    const listed = await cli.run(["dead", "list", "--state", "failed", "dead", "--code", "channel-permanent"]);
    assert.match(listed.out, new RegExp(`^${ids[2]}  failed .*blocked by \\\\u001b`, "m"));
    assert.match((await cli.run(["dead", "list", "--account", "nope"])).out, /Nothing was given up/);
    const shown = await cli.run(["dead", "show", ids[0] as string]);
    for (const words of ["channel-permanent: blocked", "delivery-start", "polylogue trace ms_"])
      assert.ok(shown.out.includes(words), words);
    assert.equal(await code(cli, ["dead", "show", "dl_nothing"]), "not-found");
    for (const wrong of [
      ["retry"],
      ["retry", "--state", "failed"],
      ["discard", "--all", ids[0] as string],
      ["retry", "--all", "--state", "sent"],
    ]) {
      assert.equal((await cli.run(["dead", ...wrong])).exit, 2, wrong.join(" "));
    }
    assert.equal((await cli.run(["dead", "retry", ids[0] as string])).exit, 0);
    assert.equal((await cli.run(["dead", "retry", ids[0] as string])).exit, 1, "it is queued");
    assert.match((await cli.run(["dead", "retry", "--all", "--code", "channel-retry"])).out, /^0 queued again/);
    assert.match((await cli.run(["dead", "discard", "--all"])).out, /^2 discarded/);
    assert.deepEqual(
      (await cli.run(["queue", "list", "--json"])).json<{ id: string }[]>().map(({ id }) => id),
      [ids[0]],
    );
  });

  it("takes the text from standard input, or refuses an empty one", async () => {
    const cli = await testCli();
    assert.equal((await cli.run(["send", "--account", "web", "--chat", "1"], { stdin: "from a pipe\n" })).exit, 0);
    assert.equal((await cli.run(["send", "--account", "web", "--chat", "1"], { stdin: " \n" })).exit, 2);
    assert.equal((await cli.run(["send", "--conversation", "cv_x", "--chat", "1", "hi"])).exit, 2);
  });

  it("need no secret that only the gateway's environment holds", async () => {
    const cli = await testCli();
    await writeFile(configurationFile(cli.home), '{ accounts: { bot: { channel: "bot", token: "${BOT_TOKEN}" } } }');
    const sent = await cli.run(["send", "--account", "bot", "--chat", "1", "hi", "--json"]);
    assert.equal(sent.exit, 0, sent.out);
    assert.equal(sent.json<Sent>().deliveries.length, 1);
  });

  it("name what isn't there", async () => {
    const cli = await testCli();
    assert.equal(await code(cli, ["send", "--account", "nope", "--chat", "1", "hi"]), "account-unknown");
    assert.equal(await code(cli, ["send", "--conversation", "cv_nope", "hi"]), "not-found");
    assert.equal(await code(cli, ["trace", "ms_nope"]), "not-found");
  });
});

describe("notices", () => {
  const ops = { account: "web", chat: "ops" };

  it("list what lasts and who was told", async () => {
    const cli = await testCli();
    assert.match((await cli.run(["notices", "list"])).out, /Nothing lasts.*\nNobody is told: .*\nNo gateway runs now/);
    await writeFile(configurationFile(cli.home), JSON.stringify({ notices: { to: [ops] } }));
    const finding = { code: "delivery-dead", severity: "error", subject: "deliveries.bot", message: "Given up.", hint: "Act." } as const;
    const notice = { tenant: defaultTenant, finding, since: 0, told: [{ ...ops, account: "web" as AccountId, at: 60_000 }] };
    await cli.run(hello);
    await withStore(cli, (store) => store.notify({ put: [notice], remove: [] }, []));
    const { out } = await cli.run(["notices", "list"]);
    assert.match(
      out,
      /✗ Given up\.\n {2}→ Act\.\n {2}delivery-dead · .* · since 1970-01-01 00:00:00Z · told: web\/ops on 1970-01-01 00:01:00Z/,
    );
    const { places, notices } = (await cli.run(["notices", "list", "--json"])).json<{ places: string[]; notices: object[] }>();
    assert.deepEqual([places, notices], [["web/ops"], [{ ...finding, since: 0, told: [{ ...ops, at: 60_000 }] }]]);
  });

  it("test: exit 0 once all arrived, 1 when one didn't", async () => {
    const cli = await testCli();
    assert.equal(await code(cli, ["notices", "test"]), "notices-unset");
    await writeFile(configurationFile(cli.home), JSON.stringify({ notices: { to: [ops] } }));
    assert.equal(await code(cli, ["notices", "test"]), "gateway-stopped");
    cli.kept.running = true;
    const slow = await cli.run(["notices", "test", "--wait", "1"]);
    assert.equal(slow.exit, 1);
    assert.match(slow.out, /✗ web\/ops: it isn't sent after 1 s \(queued\)/);
    const owned = await openSqliteStore({ file: cli.door.storeFile, role: "owner" });
    assert.ok(owned.ok);
    const store = owned.value;
    const gateway = deliverAll(store);
    const arrived = await cli.run(["notices", "test", "--json"]);
    assert.deepEqual(arrived.json(), { ok: true, places: [{ place: "web/ops", state: "sent" }] });
    assert.equal(arrived.exit, 0);
    await gateway.stop();
    await store.close();
  });
});

/** What a gateway would do: sends whatever is due. */
function deliverAll(store: Store): { stop(): Promise<void> } {
  let stopped = false;
  const running = run();
  return {
    async stop() {
      stopped = true;
      await running;
    },
  };

  async function run() {
    for (; !stopped; await pause(20)) {
      const lane = (await store.due("send", Date.now(), 1)).lanes[0]?.lane;
      const lease = lane && (await store.lease(lane));
      if (!lane || !lease) continue;
      const attempt = await store.beginAttempt(lease, lane.slice("send:".length) as ConversationId, Date.now());
      if (attempt.kind === "begun") {
        await store.endAttempt(lease, attempt.delivery, { outcome: { kind: "sent", receipt: attempt.delivery.id }, at: Date.now() });
      }
      await store.release(lease);
    }
  }
}

describe("tokens create", () => {
  it("needs an owner, and then makes a token that is stored as a hash alone", async () => {
    const cli = await testCli();
    assert.equal(await code(cli, ["tokens", "create"]), "setup-required");
    const at = Date.now();
    await withStore(cli, ({ records }) =>
      records.addOperator(
        { tenant: defaultTenant, id: newId("operator", at), name: "ada", role: "owner", createdAt: at, passwordHash: "x" },
        { onlyFirst: true },
      ),
    );
    const made = (await cli.run(["tokens", "create", "--role", "viewer", "--days", "2", "--label", "ci", "--json"])).json<{
      token: string;
      role: string;
      expiresAt: number;
    }>();
    assert.match(made.token, /^plg_/);
    assert.equal(made.role, "viewer");
    assert.ok(made.expiresAt > at + 86_400_000);
    assert.equal((await readFile(cli.door.storeFile)).includes(made.token), false);
    assert.equal((await cli.run(["tokens", "create", "--role", "god"])).exit, 2);
  });
});

describe("operators", () => {
  it("are listed, invited, given a role, let choose a new password, and removed by whoever has the data folder", async () => {
    const cli = await testCli();
    assert.equal(await code(cli, ["operators", "list"]), "setup-required");
    const at = Date.now();
    const add = (name: string, role: "owner" | "viewer") =>
      withStore(cli, ({ records }) =>
        records.addOperator(
          { tenant: defaultTenant, id: newId("operator", at), name, role, createdAt: at, passwordHash: "x" },
          { onlyFirst: false },
        ),
      );
    await add("ada", "owner");
    await add("grace", "viewer");
    const invited = await cli.run(["operators", "invite", "Alan of support", "--role", "admin", "--days", "3"]);
    assert.match(invited.out, /For Alan of support, as admin, valid once.*\n\/#invite=[\w-]{43}/s);
    assert.match((await cli.run(["operators", "reset", "grace"])).out, /\/#reset=[\w-]{43}/);
    assert.equal((await cli.run(["operators", "role", "grace", "operator"])).exit, 0);
    const listed = (await cli.run(["operators", "list"])).out;
    assert.match(listed, /ada +owner +never seen/);
    assert.match(listed, /grace +operator/);
    assert.match(listed, /Alan of support +admin +invited until/);
    assert.equal(await code(cli, ["operators", "role", "ada", "viewer"]), "last-owner");
    assert.equal(await code(cli, ["operators", "remove", "ada"]), "last-owner");
    assert.equal(await code(cli, ["operators", "remove", "eve"]), "not-found");
    assert.equal((await cli.run(["operators", "remove", "grace"])).exit, 0);
    assert.doesNotMatch((await cli.run(["operators", "list"])).out, /grace/);
    assert.equal((await cli.run(["operators", "invite", "x", "--role", "god"])).exit, 2);
    assert.equal((await cli.run(["operators", "invite", "x", "--days", "99"])).exit, 2);
    const log = await withStore(cli, ({ records }) => records.auditLog(defaultTenant, { limit: 9 }));
    assert.deepEqual(
      log.map(({ actor, action }) => `${actor} ${action}`),
      ["token:cli operator-remove", "token:cli role-set", "token:cli password-reset-link", "token:cli invitation-make"],
    );
  });
});

describe("backup and restore", () => {
  async function saved() {
    const cli = await testCli();
    await writeFile(configurationFile(cli.home), "{limits: {turnTries: 4}}");
    const sent = (await cli.run([...hello, "--json"])).json<Sent>();
    await cli.run(["secrets", "set", "a"], { stdin: "secret-a" });
    await mkdir(join(cli.door.filesFolder, "ab"), { recursive: true });
    await writeFile(join(cli.door.filesFolder, "ab", "fl_1"), "picture");
    const folder = join(await mkdtemp(join(tmpdir(), "polylogue-backup-")), "one");
    const made = await cli.run(["backup", folder]);
    assert.equal(made.exit, 0, made.err);
    return { cli, sent, folder };
  }

  it("bring a backup back out of its tar file too; what is no tar file changes nothing", async () => {
    const { cli, sent, folder } = await saved();
    const file = `${folder}.tar`;
    const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as Manifest;
    await writeFile(file, Readable.fromWeb((await pack(folder, manifest)) as NodeReadableStream));
    const later = (await cli.run([...hello, "--json"])).json<Sent>();
    const before = await readdir(cli.home);
    await writeFile(`${folder}.bad`, "no tar file at all".repeat(99));
    assert.equal(await code(cli, ["restore", `${folder}.bad`, "--yes"]), "request-invalid");
    assert.deepEqual((await readdir(cli.home)).sort(), before.sort());
    assert.equal((await cli.run(["restore", file, "--yes"])).exit, 0);
    assert.equal((await cli.run(["trace", sent.message])).exit, 0);
    assert.equal((await cli.run(["trace", later.message])).exit, 1);
  });

  it("bring everything back, and keep what was there aside", async () => {
    const { cli, sent, folder } = await saved();
    assert.equal((await stat(folder)).mode & 0o077, 0);
    assert.deepEqual((await readdir(folder)).sort(), ["files", "manifest.json", "polylogue.db", "polylogue.json5"]);
    const later = (await cli.run([...hello, "--json"])).json<Sent>();
    await writeFile(configurationFile(cli.home), "{limits: {turnTries: 9}}");
    await rm(cli.door.filesFolder, { recursive: true });

    const before = await readdir(cli.home);
    const look = await cli.run(["restore", folder, "--dry-run"]);
    assert.equal(look.exit, 0, look.err);
    assert.match(look.out, /holds 1 messages in 1 conversations\. It is sound\. Nothing was changed/);
    assert.deepEqual((await readdir(cli.home)).sort(), before.sort());

    const restored = (await cli.run(["restore", folder, "--yes", "--json"])).json<{
      before: string;
      secretsOpen: boolean;
      messages: number;
    }>();
    assert.equal(restored.messages, 1);
    assert.equal(restored.secretsOpen, true);
    assert.equal((await cli.run(["trace", sent.message])).exit, 0);
    assert.equal((await cli.run(["trace", later.message])).exit, 1);
    assert.equal((await cli.run(["config", "get", "limits.turnTries"])).out, "4\n");
    assert.equal(await readFile(join(cli.door.filesFolder, "ab", "fl_1"), "utf8"), "picture");
    assert.ok((await readdir(restored.before)).includes("polylogue.db"));
    assert.deepEqual(
      (await readdir(cli.home)).filter((name) => name.startsWith("restore-")),
      [],
    );
  });

  it("bring it into an empty folder, where the secrets stay sealed without their key", async () => {
    const { sent, folder } = await saved();
    const other = await testCli();
    const restored = await other.run(["restore", folder, "--yes"]);
    assert.equal(restored.exit, 0, restored.err);
    assert.match(restored.out, /secrets don't open here/);
    assert.equal((await other.run(["trace", sent.message])).exit, 0);
  });

  it("refuse while a gateway runs, and never overwrite a folder", async () => {
    const { cli, folder } = await saved();
    cli.kept.running = true;
    assert.equal(await code(cli, ["restore", folder, "--yes"]), "store-locked");
    const again = (await cli.run(["backup", folder, "--json"])).json<{ error: { code: string; hint: string } }>().error;
    assert.deepEqual(again, { ...again, code: "request-invalid", hint: "Name a folder that doesn't exist yet." });
    assert.equal((await cli.run(["restore", folder, "--dry-run"])).exit, 0);
  });

  const spoilt: readonly [string, (folder: string) => Promise<unknown>][] = [
    ["no manifest", (folder) => rm(join(folder, "manifest.json"))],
    ["a manifest that is no JSON", (folder) => writeFile(join(folder, "manifest.json"), "{")],
    ["a manifest of another form", (folder) => writeFile(join(folder, "manifest.json"), '{"format":"polylogue-backup-9"}')],
    ["a missing store", (folder) => rm(join(folder, "polylogue.db"))],
    ["a store with one bit changed", (folder) => flip(join(folder, "polylogue.db"))],
    ["a changed attachment", (folder) => writeFile(join(folder, "files/ab/fl_1"), "pictures")],
    [
      "a path out of the folder",
      async (folder) =>
        writeFile(
          join(folder, "manifest.json"),
          (await readFile(join(folder, "manifest.json"), "utf8")).replace("files/ab/fl_1", "../../../etc/passwd"),
        ),
    ],
  ];
  for (const [name, spoil] of spoilt) {
    it(`refuse a backup with ${name}; nothing is touched`, async () => {
      const { cli, folder } = await saved();
      const before = await readdir(cli.home);
      await spoil(folder);
      assert.equal(await code(cli, ["restore", folder, "--yes"]), "request-invalid");
      assert.deepEqual((await readdir(cli.home)).sort(), before.sort());
    });
  }

  it("refuse a folder without anything to back up", async () => {
    const cli = await testCli();
    assert.equal(await code(cli, ["backup", join(cli.home, "b")]), "not-found");
    assert.deepEqual(await readdir(cli.home), []);
  });
});

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 4;
  await writeFile(file, bytes);
}

describe("cost and budgets", () => {
  it("say what there is, and raise what there is", async () => {
    const cli = await testCli();
    await writeFile(
      configurationFile(cli.door.home),
      `{ budgets: { month: { usd: 5 }, each: { per: "sender", every: "day", tokens: 100 } } }`,
    );
    assert.match((await cli.run(["cost"])).out, /No model was asked/);
    assert.match((await cli.run(["cost", "forecast"])).out, /no whole day/);
    assert.equal((await cli.run(["cost", "--by", "colour"])).exit, 2);
    assert.equal((await cli.run(["cost", "what-if", "demo/demo"])).exit, 1, "nobody knows its price");
    assert.match((await cli.run(["budgets", "list"])).out, /month +tenant +month +0 % +nothing +\$5\.00/);
    assert.equal((await cli.run(["budgets", "raise", "month"])).exit, 2);
    assert.equal(await code(cli, ["budgets", "raise", "none", "--usd", "1"]), "not-found");
    assert.match(
      (await cli.run(["budgets", "raise", "each", "--key", "web/ada", "--tokens", "50"])).out,
      /each of web\/ada: more may be spent/,
    );
    const [, each] = (await cli.run(["budgets", "list", "--json"])).json<{ id: string; windows: object[] }[]>();
    assert.deepEqual(
      each?.windows.map((window) => ({ key: (window as { key: string }).key, extra: (window as { extraTokens: number }).extraTokens })),
      [{ key: "web/ada", extra: 50 }],
    );
  });
});
