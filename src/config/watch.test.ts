import assert from "node:assert/strict";
import { mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { testSources } from "../../test/support/config.ts";
import type { Clock } from "../core/clock.ts";
import type { AccountId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Json } from "../core/terms.ts";
import { configurationFile, lastGoodFile } from "./disk.ts";
import type { Loaded } from "./load.ts";
import { watchConfiguration } from "./watch.ts";

/** A log that keeps what needs a person: `<code> <subject>`. */
function keepingLog() {
  const lines: string[] = [];
  const keep: Log["warn"] = (_event, fields) => void lines.push(`${fields?.code} ${fields?.subject}`);
  const log: Log = { debug() {}, info() {}, warn: keep, error: keep, with: () => log };
  return { lines, log };
}

/** A clock whose timers run when the test says so. */
function handClock() {
  let pending: (() => void) | undefined;
  const clock: Clock = {
    now: () => 0,
    elapsed: () => 0,
    after(_ms, run) {
      pending = run;
      return () => {
        pending = undefined;
      };
    },
  };
  /** Lets one interval pass, and waits for the look that it causes. */
  async function tick(): Promise<void> {
    const run = pending;
    pending = undefined;
    run?.();
    while (pending === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return { clock, tick };
}

async function begin(text?: string) {
  const home = await mkdtemp(join(tmpdir(), "polylogue-watch-"));
  const file = configurationFile(home);
  if (text !== undefined) await writeFile(file, text);
  const settings = new Map<string, Json>();
  let version = 1;
  const heard: Loaded[] = [];
  const { clock, tick } = handClock();
  const { lines, log } = keepingLog();
  const { settings: _, ...sources } = testSources({ home, environment: { TOKEN: "abcdefgh", KEY_FILE: join(home, "key") } });
  const options = { ...sources, clock, log, store: { version: async () => version, settings: async () => settings } };
  const watch = await watchConfiguration(options, (loaded) => heard.push(loaded));
  return {
    home,
    file,
    heard,
    lines,
    tick,
    watch,
    again: () => watchConfiguration(options, () => {}),
    turnTries: () => watch.current.configuration.limits.turnTries,
    codes: () => watch.current.findings.map(({ code }) => code),
    set(path: string, value: Json) {
      settings.set(path, value);
      version++;
    },
  };
}

describe("watching", () => {
  it("takes up a change of the file at the next look, and says so once", async () => {
    const { file, heard, tick, watch, turnTries } = await begin("{limits: {turnTries: 2}}");
    assert.equal(turnTries(), 2);
    await writeFile(file, "{limits: {turnTries: 3}}");
    await tick();
    assert.equal(turnTries(), 3);
    await tick();
    assert.equal(heard.length, 1);
    await watch.stop();
  });

  it("takes up a file that an editor put in the place of the old one", async () => {
    const { file, tick, watch, turnTries } = await begin("{limits: {turnTries: 2}}");
    await writeFile(`${file}~`, "{limits: {turnTries: 4}}");
    await rename(`${file}~`, file);
    await tick();
    assert.equal(turnTries(), 4);
    await watch.stop();
  });

  it("takes up a file that comes later", async () => {
    const { file, tick, watch, turnTries } = await begin();
    assert.equal(turnTries(), 5);
    await writeFile(file, "{limits: {turnTries: 6}}");
    await tick();
    assert.equal(turnTries(), 6);
    await watch.stop();
  });

  it("takes up settings of the store, also by a wake", async () => {
    const { set, watch, tick, turnTries } = await begin();
    set("limits.turnTries", 7);
    await tick();
    assert.equal(turnTries(), 7);
    set("limits.turnTries", 8);
    await watch.look();
    assert.equal(turnTries(), 8);
    await watch.stop();
  });

  it("takes up a new secret in a file", async () => {
    const { home, watch, tick, set } = await begin();
    await writeFile(join(home, "key"), "first-key");
    set("accounts.b", { channel: "bot", token: "${KEY}" });
    await tick();
    const token = () => (watch.current.configuration.accounts.get("b" as AccountId)?.settings as { token: string } | undefined)?.token;
    assert.equal(token(), "first-key");
    await writeFile(join(home, "key"), "second-key");
    await tick();
    assert.equal(token(), "second-key");
    await watch.stop();
  });

  it("keeps the last good one through a broken edit, names line and column, and recovers", async () => {
    const { file, watch, tick, turnTries, codes, heard } = await begin("{limits: {turnTries: 2}}");
    await writeFile(file, "{\n  limits: {turnTries: 3,,}\n}");
    await tick();
    assert.deepEqual(codes(), [], "an editor may be in the middle of it");
    await tick();
    assert.equal(turnTries(), 2);
    assert.deepEqual(codes(), ["config-unreadable"]);
    assert.match(watch.current.findings[0]?.message ?? "", /polylogue\.json5:2:25: .*the last good one keeps running/);
    assert.equal(heard.length, 1);
    await writeFile(file, "{limits: {turnTries: 4}}");
    await tick();
    assert.equal(turnTries(), 4);
    assert.deepEqual(codes(), []);
    await watch.stop();
  });

  for (const [name, breakIt] of [
    ["a file that goes", (file: string) => rm(file)],
    ["a file that is emptied", (file: string) => writeFile(file, "")],
    ["a file that isn't UTF-8", (file: string) => writeFile(file, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))],
    ["a file of 5 MB", (file: string) => writeFile(file, `{/*${"x".repeat(5 * 2 ** 20)}*/}`)],
    ["a file that is a list", (file: string) => writeFile(file, "[]")],
  ] as const) {
    it(`keeps the last good one through ${name}`, async () => {
      const { file, watch, tick, turnTries, codes } = await begin("{limits: {turnTries: 2}}");
      await breakIt(file);
      await tick();
      await tick();
      assert.equal(turnTries(), 2);
      assert.deepEqual(codes(), ["config-unreadable"]);
      await watch.stop();
    });
  }

  it("starts on the last good one when the file was broken while nothing ran", async () => {
    const { home, file, watch, again } = await begin("{accounts: {web: false}}");
    await watch.stop();
    assert.equal((await stat(lastGoodFile(home))).mode & 0o777, 0o600);
    await writeFile(file, "{accounts: {web: {channel: ");
    const next = await again();
    assert.equal(next.current.configuration.accounts.size, 0, "the web chat must not open because of a typing error");
    assert.deepEqual(
      next.current.findings.map(({ code }) => code),
      ["config-unreadable"],
    );
    assert.equal(await readFile(lastGoodFile(home), "utf8"), "{accounts: {web: false}}");
    await next.stop();
  });

  it("starts on defaults and the app's settings when there never was a good file", async () => {
    const { home, watch, set, again } = await begin("{");
    assert.deepEqual([...watch.current.configuration.accounts.keys()], ["web"]);
    assert.deepEqual(
      watch.current.findings.map(({ code }) => code),
      ["config-unreadable"],
    );
    await assert.rejects(stat(lastGoodFile(home)));
    set("limits.turnTries", 9);
    const next = await again();
    assert.equal(next.current.configuration.limits.turnTries, 9);
    await Promise.all([watch.stop(), next.stop()]);
  });

  it("starts without a file that was taken away on purpose", async () => {
    const { file, watch, again } = await begin("{limits: {turnTries: 2}}");
    await watch.stop();
    await rm(file);
    const next = await again();
    assert.equal(next.current.configuration.limits.turnTries, 5);
    assert.deepEqual(next.current.findings, []);
    await next.stop();
  });

  it("writes each finding into the log once, when it comes up", async () => {
    const { file, watch, tick, lines } = await begin("{limts: {}}");
    await writeFile(file, "{limts: {}, rutes: []}");
    await tick();
    assert.deepEqual(lines, ["config-unknown-key limts", "config-unknown-key rutes"]);
    await writeFile(file, "{}");
    await tick();
    await writeFile(file, "{limts: {}}");
    await tick();
    assert.deepEqual(lines, ["config-unknown-key limts", "config-unknown-key rutes", "config-unknown-key limts"]);
    await watch.stop();
  });

  it("says nothing when nothing but a comment changed", async () => {
    const { file, watch, tick, heard } = await begin("{}");
    await writeFile(file, "{} // hello");
    await tick();
    assert.equal(heard.length, 0);
    await watch.stop();
  });
});
