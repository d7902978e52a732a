import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { z } from "zod";
import { errorTable } from "../src/core/errors.ts";
import { allKinds } from "../src/kinds.ts";
import { ceilingViolations, channelSettingViolations, settingKeys } from "./architecture/configuration.ts";
import { linkViolations, listViolations, rowNames, settingPageViolations } from "./architecture/pages.ts";
import { rooms } from "./architecture/rooms.ts";
import * as rules from "./architecture/rules.ts";
import { isCode, isGenerated, isTest, namesIn, root, sourcesIn } from "./architecture/tree.ts";

const own = ["src", "ui", "test", "bench", "scripts", "bin"];
const code = own.flatMap((folder) => sourcesIn(folder, (path) => isCode(path) && !isGenerated(path)));
const src = code.filter(({ path }) => path.startsWith("src/"));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const kinds = allKinds();
const settingsOf = async (kind: string) => (await kinds.channel(kind))?.settings as z.ZodType;
const none = (violations: rules.Violations) => assert.deepEqual(violations, []);

describe("the tree", () => {
  test("imports go in the allowed directions only", () => none(rules.directionViolations(src)));

  test("the allowed directions themselves have no cycle", () => {
    none(rules.cycleViolations([]));
    assert.deepEqual(rules.cyclesOf(new Map(Object.entries(rooms).map(([room, { may }]) => [room, may]))), []);
  });

  test("no file imports itself by a detour, types included", () => none(rules.cycleViolations(code)));

  test("files are short", () => {
    none(rules.sizeViolations(code, { median: 150, max: 500, testMax: 800, special: { "src/gateway.ts": 150 } }));
  });

  test("nothing escapes the type checker", () => {
    none(rules.typeEscapeViolations(code.filter(({ path }) => !path.startsWith("test/architecture"))));
  });

  test("files and folders are named in our words", () => none(rules.nameViolations(own.flatMap(namesIn))));

  test("the web app knows the gateway by its HTTP API only", () => {
    const ui = code.filter(({ path }) => path.startsWith("ui/") && !isTest(path));
    // The chat widget runs in browsers as the app does, and reads Markdown for both.
    const shared = /from "(?:\.\.\/)+src\/(?!http\/widget\/markdown\.ts")/;
    none(ui.filter(({ text }) => shared.test(text)).map(({ path }) => `${path} imports from src/`));
  });

  test("migrations are numbered without gaps", () => {
    none(rules.migrationViolations(namesIn("src/stores/sql").filter((path) => path.endsWith(".sql"))));
  });
});

describe("settings", () => {
  test("the core has at most 160", async () => {
    const { configurationSchema } = (await import("../src/config/schema.ts")) as { configurationSchema: z.ZodType };
    none(ceilingViolations("the configuration", configurationSchema, 160));
  });

  test("a channel has at most 10, each described", async () => {
    for (const kind of kinds.channels) none(channelSettingViolations(kind, await settingsOf(kind), 10));
  });
});

describe("channels", () => {
  test("each has a test that runs the contract", () => none(rules.channelTestViolations(kinds.channels, src)));

  test("each has its row on the page, and nothing else has", () => {
    none(listViolations("docs/channels.md", rowNames(read("docs/channels.md")), kinds.channels));
  });

  test("each has its page, which names every setting", async () => {
    for (const kind of kinds.channels) {
      const page = `docs/channels/${kind}.md`;
      none(settingPageViolations(page, read(page), settingKeys(await settingsOf(kind))));
    }
  });
});

describe("pages", () => {
  test("every error code is explained, and every explained code exists", () => {
    none(listViolations("docs/errors.md", rowNames(read("docs/errors.md")), Object.keys(errorTable)));
  });

  test("every dependency says why it is here", () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read("package.json")) as Record<string, object>;
    const all = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
    none(listViolations("docs/dependencies.md", rowNames(read("docs/dependencies.md")), all));
  });

  test("links between pages lead somewhere", () => {
    const pages = [...sourcesIn("docs", (path) => path.endsWith(".md")), ...sourcesIn(".", (path) => /^[A-Z]+\.md$/.test(path))];
    none(linkViolations(pages, (path) => existsSync(join(root, path))));
  });
});
