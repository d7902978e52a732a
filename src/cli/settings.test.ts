import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { goodToken, testCli } from "../../test/support/cli.ts";
import { configurationFile } from "../config/disk.ts";
import { type AccountId, defaultTenant } from "../core/ids.ts";
import type { Store } from "../core/store.ts";
import { allKinds } from "../kinds.ts";

interface Refusal {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

type Cli = Awaited<ReturnType<typeof testCli>>;

async function refusal({ run }: Cli, line: string[], input = {}): Promise<Refusal["error"]> {
  const { exit, json } = await run([...line, "--json"], input);
  assert.equal(exit, 1, line.join(" "));
  return json<Refusal>().error;
}

async function value({ run }: Cli, path: string): Promise<unknown> {
  return (await run(["config", "get", path, "--json"])).json();
}

describe("config set and unset", () => {
  it("sets over the file, says what it stands over, and takes it away again", async () => {
    const cli = await testCli();
    await writeFile(configurationFile(cli.home), "{limits: {turnTries: 2}}");
    assert.equal((await cli.run(["config", "set", "limits.turnTries", "9"])).exit, 0);
    assert.equal(await value(cli, "limits.turnTries"), 9);
    assert.match(
      (await cli.run(["config", "explain", "limits.turnTries"])).out,
      /= 9 {2}\(app: .*\n {4}over 2 \(file: .*\n {4}over 5 \(default\)/,
    );
    assert.equal((await cli.run(["config", "unset", "limits.turnTries"])).exit, 0);
    assert.equal(await value(cli, "limits.turnTries"), 2);
    assert.equal((await stat(cli.door.storeFile)).mode & 0o077, 0);
  });

  it("explains with what is wrong, above all that the file can't be read", async () => {
    const cli = await testCli();
    await writeFile(configurationFile(cli.home), "{\n  limits: {");
    const broken = await cli.run(["config", "explain", "accounts"]);
    assert.equal(broken.exit, 1);
    assert.match(broken.out, /polylogue\.json5:2:12: invalid end of input/);
    await writeFile(configurationFile(cli.home), "{limits: {x: 1}, agents: {spare: {}}}");
    assert.match((await cli.run(["config", "explain", "limits"])).out, /no setting `limits\.x`/);
    assert.equal((await cli.run(["config", "explain", "accounts"])).exit, 0);
    assert.equal((await cli.run(["config", "explain"])).exit, 1);
  });

  const refusals: readonly [string[], string, RegExp][] = [
    [["limits.turnTries", "many"], "config-invalid", /must be a number/],
    [["limits.turnTrys", "3"], "config-invalid", /Did you mean `turnTries`/],
    [["accounts.b", "{channel: 'boot'}"], "config-invalid", /Did you mean `bot`/],
    [["accounts.web.streaming", "perhaps"], "config-invalid", /must be a boolean/],
    [["routes.7.agent", "main"], "config-invalid", /there is no place/],
    [["agents.main.models", '["nope/x"]'], "config-invalid", /no provider `nope`/],
  ];
  for (const [line, code, message] of refusals) {
    it(`refuses ${line.join(" ")} and saves nothing`, async () => {
      const cli = await testCli();
      const error = await refusal(cli, ["config", "set", ...line]);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.deepEqual(
        (await cli.run(["config", "explain", "--json"]))
          .json<{ settings: { source: string }[] }>()
          .settings.filter(({ source }) => source !== "default"),
        [],
      );
    });
  }

  it("refuses a secret in clear, and never shows it", async () => {
    const cli = await testCli();
    const error = await refusal(cli, ["config", "set", "accounts.b", `{channel: 'bot', token: '${goodToken}', access: {direct: 'open'}}`]);
    assert.match(error.message, /accounts\.b\.token` is a secret/);
    assert.match(error.hint, /secrets set/);
    assert.equal(JSON.stringify(error).includes(goodToken), false);
  });

  it("says when the environment stands over it", async () => {
    const cli = await testCli({ environment: { POLYLOGUE_CONFIG__limits__turnTries: "3" } });
    assert.match((await cli.run(["config", "set", "limits.turnTries", "9"])).out, /POLYLOGUE_CONFIG__limits__turnTries stands over it/);
    assert.equal(await value(cli, "limits.turnTries"), 3);
  });

  it("replaces what was set beneath, and says where a setting comes from that it can't unset", async () => {
    const cli = await testCli();
    await cli.run(["config", "set", "accounts.web.streaming", "false"]);
    await cli.run(["config", "set", "accounts.web", "{channel: 'webchat'}"]);
    assert.equal((await cli.run(["config", "get", "accounts.web.streaming"])).exit, 1);
    const error = await refusal(cli, ["config", "unset", "agents.main"]);
    assert.match(error.message, /comes from built in/);
    assert.match((await refusal(cli, ["config", "unset", "agents.mian"])).message, /Did you mean `agents.main`/);
  });
});

describe("secrets", () => {
  it("go in from standard input or a prompt, and never come out", async () => {
    const cli = await testCli();
    const first = await cli.run(["secrets", "set", "bot-token"], { stdin: `${goodToken}\n` });
    assert.equal(first.exit, 0);
    assert.match(first.out, /version 1.*\n.*vault\.key, because there is no OS keychain/);
    const second = await cli.run(["secrets", "set", "bot-token"], { typed: [goodToken] });
    assert.match(second.out, /version 2/);
    const config = await cli.run([
      "config",
      "set",
      "accounts.b",
      "{channel: 'bot', token: {vault: 'bot-token'}, access: {direct: 'open'}}",
    ]);
    assert.equal(config.exit, 0, config.err);
    const list = (await cli.run(["secrets", "list", "--json"])).json<{ name: string; usedBy: string[] }[]>();
    assert.deepEqual(
      list.map(({ name, usedBy }) => [name, usedBy]),
      [["bot-token", ["accounts.b.token"]]],
    );
    const test = await cli.run(["channels", "test", "b"]);
    assert.equal(test.out, "Connected as @test_bot.\n");
    for (const line of [["config", "explain"], ["config", "get", "accounts"], ["doctor"], ["secrets", "list"], ["channels", "list"]]) {
      const { out, err } = await cli.run([...line, "--json"]);
      assert.equal((out + err).includes(goodToken), false, line.join(" "));
    }
    assert.equal((await readFile(cli.door.storeFile)).includes(goodToken), false);
    assert.equal((await readFile(`${cli.door.storeFile}-wal`).catch(() => Buffer.alloc(0))).includes(goodToken), false);
  });

  it("are masked even in what a careless channel says", async () => {
    const leaky = "leaky/token+with=signs";
    const cli = await testCli({ environment: { LEAKY: leaky } });
    const line = ["channels", "add", "bot", "b", "--direct", "open"];
    const added = [
      await cli.run([...line, "--secret-stdin", "token"], { stdin: leaky }),
      await cli.run([...line, "--set", "token=${LEAKY}", "--json"]),
      await cli.run([...line, "--set", "token=${LEAKY}", "--no-test"]),
      await cli.run(["channels", "test", "b"]),
      await cli.run(["doctor", "--json"]),
    ];
    assert.deepEqual(
      added.map(({ exit }) => exit),
      [1, 1, 0, 1, 1],
    );
    for (const { out, err } of added) {
      assert.doesNotMatch(out + err, /leaky/);
      assert.ok(!(out + err).includes("with="));
    }
    assert.match(added[0]?.err ?? "", /can't reach https:\/\/api\.example\/bot•••\/me\?t=•••/);
  });

  it("refuse what is empty, too long, unknown, or in use", async () => {
    const cli = await testCli();
    assert.equal((await cli.run(["secrets", "set", "a"], { stdin: "\n" })).exit, 2);
    assert.match((await refusal(cli, ["secrets", "set", "a"], { stdin: "x".repeat(70_000) })).message, /longer than/);
    assert.match((await refusal(cli, ["secrets", "set", "a b"], { stdin: "secret-x" })).message, /1 to 128 letters/);
    assert.equal((await refusal(cli, ["secrets", "rotate", "nope"], { stdin: "secret-x" })).code, "not-found");
    assert.equal((await refusal(cli, ["secrets", "remove", "nope"])).code, "not-found");
    await cli.run(["secrets", "set", "t"], { stdin: goodToken });
    await cli.run(["config", "set", "accounts.b", "{channel: 'bot', token: {vault: 't'}, access: {direct: 'open'}}"]);
    assert.match((await refusal(cli, ["secrets", "remove", "t"])).message, /used by accounts\.b\.token/);
    assert.equal((await cli.run(["secrets", "remove", "t", "--force"])).exit, 0);
    const doctor = (await cli.run(["doctor", "--offline", "--json"])).json<{ findings: { code: string }[] }>();
    assert.deepEqual(
      doctor.findings.map(({ code }) => code),
      ["secret-missing"],
    );
  });

  it("are sealed anew by a rotation of the master key", async () => {
    const cli = await testCli();
    await cli.run(["secrets", "set", "a"], { stdin: "secret-a" });
    const before = await readFile(`${cli.home}/vault.key`, "utf8");
    const rotated = await cli.run(["secrets", "rotate", "--master-key"]);
    assert.match(rotated.out, /1 secrets are sealed with a new master key/);
    assert.notEqual(await readFile(`${cli.home}/vault.key`, "utf8"), before);
    assert.equal((await cli.run(["doctor", "--offline"])).exit, 0);
    await writeFile(`${cli.home}/vault.key`, before);
    const doctor = (await cli.run(["doctor", "--offline", "--json"])).json<{ findings: { code: string; hint: string }[] }>();
    assert.deepEqual(
      doctor.findings.map(({ code }) => code),
      ["vault-locked"],
    );
  });

  it("move out of the file, which is then named as long as it holds one", async () => {
    const cli = await testCli();
    await writeFile(configurationFile(cli.home), `{accounts: {b: {channel: "bot", token: "${goodToken}", access: {direct: "open"}}}}`);
    const list = await cli.run(["channels", "list"]);
    assert.match(list.out, /stands in clear.*\n.*`polylogue secrets move accounts\.b\.token`/);
    const moved = await cli.run(["secrets", "move", "accounts.b.token"]);
    assert.equal(moved.exit, 0, moved.err);
    assert.match(moved.out, /\{ vault: "b-token" \}.*\n.*delete it from/);
    assert.equal(moved.out.includes(goodToken), false);
    await writeFile(configurationFile(cli.home), `{accounts: {b: {channel: "bot", access: {direct: "open"}}}}`);
    assert.equal((await cli.run(["channels", "test", "b"])).out, "Connected as @test_bot.\n");
    assert.equal((await cli.run(["doctor"])).exit, 0);
    assert.match((await refusal(cli, ["secrets", "move", "accounts.b.apiRoot"])).message, /no setting/);
  });
});

describe("channels", () => {
  it("are added with a real round trip; the secret goes to the vault", async () => {
    const cli = await testCli();
    const added = await cli.run(
      ["channels", "add", "bot", "support", "--secret-stdin", "token", "--set", "apiRoot=https://bots.example", "--allow", "7", "8"],
      { stdin: goodToken },
    );
    assert.equal(added.exit, 0, added.err);
    assert.match(added.out, /Connected as @test_bot; saved as support\. It runs with the next start/);
    assert.deepEqual(await value(cli, "accounts.support"), {
      channel: "bot",
      apiRoot: "https://bots.example",
      token: { vault: "support-token" },
      access: { direct: "allowlist", group: "off", allow: ["7", "8"] },
    });
    assert.equal((await cli.run(["doctor"])).exit, 0);
    assert.equal((await refusal(cli, ["channels", "add", "bot", "support", "--direct", "open"])).code, "version-conflict");
  });

  it("are asked for by name when a person sits there", async () => {
    const cli = await testCli();
    const added = await cli.run(["channels", "add", "bot", "b"], { typed: ["allowlist", "7, 8", goodToken] });
    assert.equal(added.exit, 0, added.err);
    assert.deepEqual(await value(cli, "accounts.b.access"), { direct: "allowlist", group: "off", allow: ["7", "8"] });
    assert.match(added.err, /Ask the platform for a token/);
  });

  it("are refused with the platform's own words, and nothing is saved", async () => {
    const cli = await testCli();
    const error = await refusal(cli, ["channels", "add", "bot", "b", "--direct", "open", "--secret-stdin", "token"], {
      stdin: "wrong-token-99",
    });
    assert.deepEqual([error.code, error.message], ["channel-auth", "Bot refused the token: 401 Unauthorized"]);
    assert.equal((await cli.run(["config", "get", "accounts.b"])).exit, 1);
    assert.deepEqual((await cli.run(["secrets", "list", "--json"])).json(), []);
  });

  const refusals: readonly [string[], RegExp][] = [
    [["carrier-pigeon", "p"], /no channel `carrier-pigeon`/],
    [["bot", "b", "--direct", "open"], /Bot needs: token/],
    [["bot", "b", "--direct", "open", "--set", `token=${goodToken}`], /on a command line others can read it/],
    [["bot", "b", "--direct", "open", "--no-test", "--set", "token=${NOT_SET}"], /no NOT_SET/],
    [["bot", "a b", "--direct", "open", "--no-test", "--set", "token={vault:'x'}"], /a name has 1 to 63 letters/],
    [["bot", "b", "--direct", "open", "--no-test", "--set", "token={vault:'x'}", "--set", "tokn=1"], /no secret `x`|no setting/],
    [["webchat", "web"], /There is an account web already/],
  ];
  for (const [line, message] of refusals) {
    it(`refuses to add ${line.join(" ").replace(goodToken, "…")}`, async () => {
      const cli = await testCli();
      const error = await refusal(cli, ["channels", "add", ...line]);
      assert.match(error.message, message);
      assert.equal(JSON.stringify(error).includes(goodToken), false);
    });
  }

  it("ask who may write, and refuse to guess", async () => {
    const cli = await testCli();
    const { exit, err } = await cli.run(["channels", "add", "bot", "b", "--secret-stdin", "token"], { stdin: goodToken });
    assert.equal(exit, 2);
    assert.match(err, /who may write/);
    assert.equal((await cli.run(["channels", "add", "webchat", "second"])).exit, 0, "the web chat decides by itself");
  });

  it("ask also where the platform's default is open to the world", async () => {
    const cli = await testCli({ kinds: allKinds() });
    const { exit, err } = await cli.run(["channels", "add", "telegram", "t", "--secret-stdin", "token"], { stdin: goodToken });
    assert.equal(exit, 2);
    assert.match(err, /who may write/);
  });

  it("go away: deleted where the app added them, switched off where the file or a default did", async () => {
    const cli = await testCli();
    await cli.run(["channels", "add", "webchat", "second"]);
    assert.match((await cli.run(["channels", "remove", "second"])).out, /Removed second/);
    assert.match((await cli.run(["channels", "remove", "web"])).out, /Switched off web; it still stands in the defaults/);
    assert.deepEqual((await cli.run(["channels", "list", "--json"])).json<{ accounts: unknown[] }>().accounts, []);
    assert.equal((await refusal(cli, ["channels", "remove", "web"])).code, "account-unknown");
    assert.equal((await refusal(cli, ["channels", "test", "web"])).code, "account-unknown");
  });

  it("go away with their secrets, state and cursor; what others use or an operator named stays", async () => {
    const cli = await testCli();
    const bot = "support" as AccountId;
    const inStore = async <Value>(work: (store: Store) => Promise<Value>): Promise<Value> => {
      const opened = await cli.door.openStore();
      assert.ok(opened.ok);
      try {
        return await work(opened.value);
      } finally {
        await opened.value.close();
      }
    };
    const writeLate = (store: Store) =>
      store.receive({ tenant: defaultTenant, account: bot, channel: "bot", at: 1, events: [], cursor: "4711" });
    const secrets = async () => (await cli.run(["secrets", "list", "--json"])).json<{ name: string }[]>().map(({ name }) => name);
    const add = ["channels", "add", "bot", "support", "--direct", "open", "--secret-stdin", "token"];
    assert.equal((await cli.run(add, { stdin: goodToken })).exit, 0);
    await cli.run(["secrets", "set", "accounts.support.state-key"], { stdin: "k" });
    await cli.run(["secrets", "set", "support-token-of-ours"], { stdin: goodToken });
    await inStore(async (store) => {
      await store.putAccountState(defaultTenant, bot, new Map([["key", new Uint8Array([1])]]));
      await store.records.setPaused(defaultTenant, bot, true, "ada", 1);
      await writeLate(store);
    });

    await cli.run(["config", "set", "accounts.twin", '{channel: "bot", token: {vault: "support-token"}, access: {direct: "open"}}']);
    assert.equal((await cli.run(["channels", "remove", "support"])).exit, 0);
    assert.deepEqual(await secrets(), ["support-token", "support-token-of-ours"]);
    await inStore(async (store) => {
      assert.equal((await store.accountState(defaultTenant, bot)).size, 0);
      assert.equal(await store.cursor(defaultTenant, bot), undefined);
      assert.deepEqual(await store.records.pausedAccounts(defaultTenant), []);
      // A gateway that still ran it.
      await writeLate(store);
    });

    assert.equal((await cli.run(add, { stdin: goodToken })).exit, 0);
    assert.deepEqual(await secrets(), ["support-token", "support-token-2", "support-token-of-ours"]);
    assert.equal(await inStore((store) => store.cursor(defaultTenant, bot)), undefined);
    assert.equal((await cli.run(["channels", "remove", "support"])).exit, 0);
    assert.deepEqual(await secrets(), ["support-token", "support-token-of-ours"]);
  });

  it("that are only switched off keep what they have", async () => {
    const cli = await testCli();
    await writeFile(
      configurationFile(cli.home),
      '{accounts: {filed: {channel: "bot", token: {vault: "filed-token"}, access: {direct: "open"}}}}',
    );
    await cli.run(["secrets", "set", "filed-token"], { stdin: goodToken });
    assert.match((await cli.run(["channels", "remove", "filed"])).out, /Switched off filed/);
    assert.equal((await cli.run(["secrets", "list", "--json"])).json<unknown[]>().length, 1);
  });
});
