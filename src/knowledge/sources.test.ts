import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { defaultTenant, type TenantId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import { createKnowledge, type KnowledgeSources } from "./sources.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };

interface On {
  readonly folder: string;
  readonly file: string;
  write(path: string, text: string | Uint8Array): Promise<void>;
  /** With the documents that stand there now. */
  open(): Promise<KnowledgeSources>;
  /** Where what fits stands, of the source `docs`. */
  find(question: string, in_?: KnowledgeSources): Promise<readonly string[]>;
}

async function using(run: (on: On) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "polylogue-knowledge-"));
  const folder = join(home, "docs");
  const file = join(home, "knowledge.db");
  const opened: KnowledgeSources[] = [];
  await mkdir(folder);
  const on: On = {
    folder,
    file,
    async write(path, text) {
      await mkdir(join(folder, path, ".."), { recursive: true });
      await writeFile(join(folder, path), text);
    },
    async open() {
      const knowledge = createKnowledge({ file, tenant: defaultTenant, log });
      opened.push(knowledge);
      await knowledge.apply(new Map([["docs", { files: folder, description: "" }]]));
      return knowledge;
    },
    async find(question, knowledge) {
      const found = await (knowledge ?? (opened.at(-1) as KnowledgeSources)).search({
        tenant: defaultTenant,
        sources: ["docs"],
        question,
        limit: 5,
      });
      return found.map(({ at }) => at);
    },
  };
  try {
    await run(on);
  } finally {
    for (const knowledge of opened) await knowledge.close();
    await rm(home, { recursive: true, force: true });
  }
}

const handbook = {
  "travel.md":
    "# Travel\n\n## Trains\n\nWe travel second class. Tickets are booked at the front desk.\n\n## Cars\n\nA rental car needs a permit.",
  "holidays.md": "# Holidays\n\nEverybody has 30 days of holiday. Ask your team lead two weeks before.",
  "sick.txt": "When you are ill, ring the office before nine. After three days a doctor's note is needed.",
  "it/passwords.html":
    "<nav>Menu</nav><h1>Passwords</h1><p>Reset yours at <a href='https://x.test'>the portal</a>.</p><script>evil()</script>",
  "de/urlaub.md": "# Urlaubstage\n\nAlle haben 30 Tage. Für Überstunden gibt es Zeitausgleich.",
  "ja/kyuka.md": "# 休暇\n\n有給休暇は年間三十日です。上司に申請してください。",
};

describe("documents of a folder", () => {
  test("a question finds the passage that has to do with it, in any script", () =>
    using(async ({ write, open, find }) => {
      for (const [path, text] of Object.entries(handbook)) await write(path, text);
      const knowledge = await open();
      assert.deepEqual(knowledge.list(), [{ name: "docs", documents: 6, passages: 7, skipped: [] }]);
      const first = async (question: string) => (await find(question))[0];
      assert.equal(await first("May I go first class by train?"), "docs/travel.md#Travel › Trains");
      assert.equal(await first("how many HOLIDAYS do I get"), "docs/holidays.md#Holidays");
      assert.equal(await first("I need a doctor"), "docs/sick.txt");
      assert.equal(await first("reset my password"), "docs/it/passwords.html#Passwords");
      assert.equal(await first("uberstunden?"), "docs/de/urlaub.md#Urlaubstage");
      assert.equal(await first("休暇は何日ですか"), "docs/ja/kyuka.md#休暇");
      const [passage] = await knowledge.search({ tenant: defaultTenant, sources: ["docs"], question: "password reset", limit: 1 });
      assert.equal(passage?.text, "Reset yours at the portal.");
    }));

  test("what shares nothing but small words with them finds nothing", () =>
    using(async ({ write, open, find }) => {
      for (let n = 0; n < 60; n++) await write(`${n}.md`, `This is the page of you and me, and what it is about is topic${n}.`);
      await open();
      assert.deepEqual(await find("What is it about?"), []);
      assert.deepEqual(await find("What is topic7 about?"), ["docs/7.md"]);
      assert.deepEqual(await find("quarks"), []);
    }));

  test("a question is words: nothing in it is an order to the index", () =>
    using(async ({ write, open, find }) => {
      await write("a.md", "Parcels are sent on Monday.");
      await open();
      for (const question of [
        '"',
        '" OR 1',
        "parcels* NOT monday",
        "NEAR(parcels, 1)",
        "heading:parcels",
        "{}()^-+",
        "'; DROP TABLE words",
        "",
      ])
        assert.ok((await find(question)).length <= 1, question);
      assert.deepEqual(await find('parcels" NEAR('), ["docs/a.md"]);
      assert.deepEqual(await find(`${"x ".repeat(50_000)}parcels`), []);
    }));

  test("changed, new and vanished documents are seen with the next look; so they are after a restart", () =>
    using(async ({ folder, write, open, find }) => {
      await write("a.md", "Lunch is at noon.");
      await write("b.md", "Parking is free.");
      const knowledge = await open();
      await write("a.md", "Dinner is at eight.");
      await write("c.md", "Breakfast is at seven.");
      await rm(join(folder, "b.md"));
      await knowledge.look();
      assert.deepEqual(
        [await find("lunch"), await find("dinner"), await find("breakfast"), await find("parking")],
        [[], ["docs/a.md"], ["docs/c.md"], []],
      );
      await knowledge.close();
      await rm(join(folder, "a.md"));
      await open();
      assert.deepEqual([await find("dinner"), await find("breakfast")], [[], ["docs/c.md"]]);
    }));

  test("a folder that is gone is a finding, and what was read before is still found", () =>
    using(async ({ folder, write, open, find }) => {
      await write("a.md", "Lunch is at noon.");
      const knowledge = await open();
      assert.deepEqual(knowledge.findings(), []);
      await rm(folder, { recursive: true });
      await knowledge.look();
      assert.deepEqual(
        knowledge.findings().map(({ code, subject }) => [code, subject]),
        [["knowledge-unreadable", "knowledge.docs"]],
      );
      assert.deepEqual(await find("lunch"), ["docs/a.md"]);
      await mkdir(folder);
      await knowledge.look();
      assert.deepEqual([knowledge.findings(), await find("lunch")], [[], []]);
    }));

  test("hidden files, links and what is no text are left out, and it is said which", () =>
    using(async ({ folder, write, open, find }) => {
      await write("../secret.md", "The vault's combination is 1234.");
      await write(".git/notes.md", "The vault's combination is 1234.");
      await symlink(join(folder, "..", "secret.md"), join(folder, "link.md"));
      await symlink(join(folder, ".."), join(folder, "up"));
      await write("photo.jpg", "x");
      await write("binary.txt", new Uint8Array([1, 0, 2]));
      await write("latin.txt", new Uint8Array([0x4d, 0xfc, 0x6c, 0x6c, 0x20, 0x77, 0x65, 0x67]));
      const knowledge = await open();
      assert.deepEqual(await find("combination"), []);
      assert.deepEqual(await find("müll"), ["docs/latin.txt"]);
      const [state] = knowledge.list();
      assert.deepEqual(state?.skipped.map(({ path, why }) => `${path}: ${why}`).toSorted(), [
        "binary.txt: it isn't text",
        "link.md: it is a link",
        "photo.jpg: it is neither Markdown, text nor HTML",
        "up: it is a link",
      ]);
    }));

  test("only the named sources of the own tenant are looked into", () =>
    using(async ({ write, open, find, folder, file }) => {
      await write("a.md", "Lunch is at noon.");
      const knowledge = await open();
      const search = (tenant: TenantId, sources: readonly string[]) => knowledge.search({ tenant, sources, question: "lunch", limit: 5 });
      assert.equal((await search(defaultTenant, ["docs"])).length, 1);
      for (const other of [
        await search("other" as TenantId, ["docs"]),
        await search(defaultTenant, ["x"]),
        await search(defaultTenant, []),
      ])
        assert.deepEqual(other, []);
      await knowledge.apply(new Map([["faq", { files: folder, description: "" }]]));
      assert.deepEqual([await find("lunch"), (await search(defaultTenant, ["faq"])).length], [[], 1]);
      assert.equal((await stat(file)).mode & 0o777, 0o600);
    }));

  test("an index that is damaged is made anew", () =>
    using(async ({ file, write, open, find }) => {
      await write("a.md", "Lunch is at noon.");
      await (await open()).close();
      await writeFile(file, "this is no database, but it was one");
      await open();
      assert.deepEqual(await find("lunch"), ["docs/a.md"]);
    }));
});
