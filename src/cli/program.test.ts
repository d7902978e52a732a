import assert from "node:assert/strict";
import { chmod, readdir, writeFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { testCli } from "../../test/support/cli.ts";
import { configurationFile } from "../config/disk.ts";

interface Refusal {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

describe("the command line", () => {
  const usages: readonly (readonly [string[], RegExp])[] = [
    [[], /Which command/],
    [["config"], /Which command/],
    [["strat"], /unknown command 'strat'/],
    [["config", "gte"], /unknown command 'gte'/],
    [["trace"], /missing required argument 'id'/],
    [["doctor", "--offlin"], /unknown option '--offlin'/],
    [["start", "--port", "http"], /must be a number from 0 to 65535/],
    [["queue", "list", "--state", "lost"], /must be one of/],
    [["send", "hello"], /Say where to/],
    [["restore", "x"], /--dry-run to look, or --yes/],
    [["secrets", "rotate"], /Say what to rotate/],
    [["config", "set", "a..b", "1"], /no path of a setting/],
  ];
  for (const [line, message] of usages) {
    it(`answers \`${line.join(" ")}\` with exit code 2, what is wrong, and what to do`, async () => {
      const { run } = await testCli();
      const people = await run(line);
      assert.equal(people.exit, 2);
      assert.equal(people.out, "");
      assert.match(people.err, message);
      assert.equal(people.err.trimEnd().split("\n").length, 2);
      const machine = await run([...line, "--json"]);
      assert.equal(machine.exit, 2);
      assert.equal(machine.err, "");
      assert.equal(machine.json<Refusal>().error.code, "usage");
      assert.match(machine.json<Refusal>().error.message, message);
    });
  }

  it("shows help with exit code 0, on every level", async () => {
    const { run } = await testCli();
    for (const line of [["--help"], ["config", "--help"], ["channels", "add", "--help"], ["help", "doctor"]]) {
      const { exit, out } = await run(line);
      assert.equal(exit, 0, line.join(" "));
      assert.match(out, /Usage: polylogue/);
      assert.match(out, /--json/);
    }
  });

  it("tells a bug from a refusal, and never throws", async () => {
    const { run } = await testCli({ startGateway: () => Promise.reject(new Error("broken inside")) });
    const { exit, err } = await run(["start"]);
    assert.equal(exit, 1);
    assert.match(err, /broken inside\n.*This is a bug/);
  });

  it("hands start its options, and answers with its end", async () => {
    const asked: unknown[] = [];
    const { run } = await testCli({
      startGateway: async (options) => {
        asked.push(options);
        return 1;
      },
    });
    assert.equal((await run(["start", "--port", "0", "--host", "::1"])).exit, 1);
    assert.deepEqual(asked, [{ port: 0, host: "::1" }]);
  });

  it("says its version", async () => {
    const { run } = await testCli();
    assert.equal((await run(["version", "--json"])).json<{ version: string }>().version, "1.2.3");
  });

  it("makes nothing by only looking", async () => {
    const { run, home } = await testCli();
    for (const line of [
      ["doctor", "--offline"],
      ["config", "explain"],
      ["config", "get", "limits"],
      ["secrets", "list"],
      ["channels", "list"],
      ["queue", "list"],
      ["trace", "ev_x"],
    ])
      await run(line);
    assert.deepEqual(await readdir(home), []);
  });
});

describe("a store that doesn't open", () => {
  async function broken() {
    const cli = await testCli();
    await writeFile(cli.door.storeFile, "this is no database".repeat(200), { mode: 0o600 });
    return cli;
  }
  it("is named by what needs it", async () => {
    const { run } = await broken();
    for (const line of [
      ["queue", "list"],
      ["secrets", "list"],
      ["trace", "ev_x"],
      ["send", "--account", "web", "--chat", "1", "hi"],
      ["config", "set", "limits.turnTries", "3"],
      ["tokens", "create"],
    ]) {
      const { exit, json } = await run([...line, "--json"]);
      assert.equal(exit, 1, line.join(" "));
      assert.match(json<Refusal>().error.code, /^store-/, line.join(" "));
    }
  });
  it("doesn't keep the configuration from being explained, nor the doctor from looking at the rest", async () => {
    const { run, home } = await broken();
    await writeFile(configurationFile(home), "{limits: {turnTries: 3}}");
    const { out } = await run(["config", "explain", "limits.turnTries"]);
    assert.match(out, /limits\.turnTries = 3 {2}\(file: .*polylogue\.json5\)/);
    assert.match(out, /isn't known/);
    const doctor = await run(["doctor", "--json"]);
    assert.equal(doctor.exit, 1);
    const { findings, checks } = doctor.json<{ findings: { code: string }[]; checks: { name: string }[] }>();
    assert.ok(findings.some(({ code }) => code.startsWith("store-")));
    assert.ok(checks.some(({ name }) => name === "account web"));
  });
});

describe("doctor", () => {
  it("finds nothing in a new installation", async () => {
    const { run } = await testCli();
    const { exit, out } = await run(["doctor"]);
    assert.equal(exit, 0, out);
    assert.match(out, /Nothing to do\.$/m);
    assert.match(out, /account web: connected as web chat/);
    assert.match(out, /provider demo: 1 models/);
  });

  it("asks nobody when it is to stay offline", async () => {
    const { run } = await testCli();
    assert.doesNotMatch((await run(["doctor", "--offline"])).out, /connected as/);
  });

  it("names a refused token, a broken file, an open folder and an open port, each with what to do", async () => {
    const { run, home } = await testCli({ environment: { TOKEN: "bad-token-123", POLYLOGUE_HOST: "0.0.0.0" } });

    await chmod(home, 0o755);
    await writeFile(
      configurationFile(home),
      "{accounts: {b: {channel: 'bot', token: '${TOKEN}', access: {direct: 'open'}}}, limits: {x: 1}}",
    );
    const { exit, json, out } = await run(["doctor", "--json"]);
    assert.equal(exit, 1);
    const { findings } = json<{ findings: { code: string; subject: string; hint: string; message: string }[] }>();
    assert.deepEqual(findings.map(({ code }) => code).sort(), ["account-refused", "config-unknown-key", "exposed", "home-open"]);
    assert.match(out, /Bot refused the token: 401 Unauthorized/);
    assert.doesNotMatch(out, /bad-token-123/);
    for (const { hint } of findings) assert.ok(hint.length > 5);
  });

  it("lives through a channel that throws", async () => {
    const { run, door } = await testCli();
    const kinds = {
      ...door.kinds,
      channel: async () => ({ ...(await door.kinds.channel("webchat")), probe: () => Promise.reject(new Error("boom")) }) as never,
    };
    const { run: again } = await testCli({ kinds });
    const { exit, out } = await again(["doctor"]);
    assert.equal(exit, 1);
    assert.match(out, /boom/);
    assert.equal((await run(["doctor"])).exit, 0);
  });
});
