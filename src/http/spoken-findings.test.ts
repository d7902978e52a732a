import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { testSources } from "../../test/support/config.ts";
import { loadConfiguration } from "../config/load.ts";
import { alertMeasures } from "../core/alert.ts";
import { fault } from "../core/errors.ts";
import { accountFinding, partFinding, type SaidFinding } from "../core/finding.ts";
import { type AccountId, defaultTenant, type TraceId } from "../core/ids.ts";
import type { Trouble } from "../core/notice.ts";
import type { Json } from "../core/terms.ts";
import { speakerFor } from "../languages/speak.ts";
import { alertFinding } from "../ops/alerts.ts";
import { certificateFindings } from "../ops/certificate.ts";
import { diskFindings } from "../ops/disk.ts";
import { storedFindings } from "../ops/findings.ts";
import { handoverFindings } from "../ops/handovers.ts";
import { pairingFindings } from "../ops/pairing-findings.ts";
import { showFinding } from "./views.ts";

const german = speakerFor("de");
const english = speakerFor(undefined);

/** Words that every English sentence of ours has one of, and no German one. */
const inEnglish = /\b(the|is|are|it|its|of|to|there|no|not|and|which|nobody|must|can't|isn't|doesn't|with|or|as|for|from)\b/i;

function assertGerman(findings: readonly SaidFinding[]): void {
  assert.ok(findings.length > 0);
  for (const finding of findings) {
    const shown = showFinding({ finding, told: [] }, german);
    for (const text of [shown.message, shown.hint]) {
      assert.doesNotMatch(text.replaceAll(/`[^`]*`/g, ""), inEnglish, text);
      assert.doesNotMatch(text, /\{\d\}|undefined|\[object/, text);
    }
    const { message, hint } = showFinding({ finding, told: [] }, english);
    assert.deepEqual({ message, hint }, { message: finding.message, hint: finding.hint });
  }
}

const account = "support" as AccountId;
const base = { account, newest: "ev_1" as TraceId };

describe("findings are said in German", () => {
  const kinds = ["unknown", "dead", "failed", "poison", "loop"] as const;
  const troubles: readonly Trouble[] = [1, 3, 10_000].flatMap((count) => [
    ...kinds.map((kind) => ({ ...base, kind, count })),
    { ...base, kind: "notice" as const, count, place: { account, chat: "4711" } },
    { ...base, kind: "turn-fail" as const, code: "provider-auth" as const, count },
  ]);

  test("of the store", async () => {
    assertGerman(await storedFindings({ troubles: async () => troubles }, defaultTenant, 0));
    const [one] = await storedFindings({ troubles: async () => [{ ...base, kind: "dead", count: 10_000 }] }, defaultTenant, 0);
    assert.ok(one);
    assert.deepEqual(showFinding({ finding: one, told: [] }, german), {
      ...{ code: "delivery-dead", severity: "error", subject: "deliveries.support", told: [] },
      message: "10000 oder mehr Zustellungen des Kontos support wurden nach dem letzten Versuch aufgegeben.",
      hint: "`polylogue dead list --state dead` sagt, warum; dann `polylogue dead retry` oder `discard`, oder die Warteschlange in der Web-App.",
    });
  });

  test("of the machine", () => {
    assertGerman([...diskFindings("/srv/polylogue", 300), ...certificateFindings(1, 2), ...certificateFindings(3 * 86_400_000, 0)]);
  });

  test("of alerts, whatever they measure", () => {
    for (const measure of alertMeasures) {
      const alert = { id: "quick", measure, hours: 2, forMinutes: 0 };
      assertGerman([alertFinding({ ...alert, above: 3, account }, 4), alertFinding({ ...alert, below: 3, minutes: 5 }, undefined)]);
    }
  });

  test("of people who wait", async () => {
    const handed = (count: number) => Array.from({ length: count }, () => ({ assignedAt: 0 })) as never;
    for (const count of [1, 2, 100]) {
      assertGerman(await handoverFindings({ waitingHandovers: async () => handed(count) }, defaultTenant, 600_000));
      const asked = Array.from({ length: count }, () => ({ account, state: "asked" })) as never;
      assertGerman(await pairingFindings({ pairings: async () => asked }, defaultTenant, 0));
    }
  });

  test("of accounts; the platform's own words stay as they are", () => {
    const refused = accountFinding("support", fault("channel-auth", "Unauthorized"));
    assert.equal(showFinding({ finding: refused, told: [] }, german).message, "Die Plattform hat die Zugangsdaten abgelehnt: Unauthorized");
    assertGerman([refused, partFinding("support", "webhook", fault("channel-unreachable", "ECONNREFUSED"))]);
  });

  const files: Readonly<Record<string, Json>> = {
    "unknown keys": { acounts: {}, limits: { evnts: 1 }, accounts: { a: { channel: "bot", token: "t", acces: {} } } },
    "wrong values": { limits: { dedupeDays: "eight" }, log: { level: "loud" }, retention: { messagesDays: -1 }, routes: 5, http: 7 },
    "entries that can't be": {
      accounts: { "a/b": { channel: "bot" }, c: 7, d: { channel: "nope" }, e: {}, f: { channel: "bot" } },
      agents: { main: { models: ["nope/x"], tools: ["calculater"], approve: ["other"], knowledge: ["none"], handTo: { ghost: "x" } } },
      routes: [{ agent: "ghost" }, { agnet: "main" }, { agent: "main", when: { text: "(" } }, { agent: "main", when: { account: "none" } }],
      budgets: { one: { usd: 1, agent: "none", atLimit: "downgrade" }, two: {} },
      alerts: { one: { measure: "failed", above: 1, below: 2 }, two: { measure: "queued", above: 1, minutes: 5, account: "none" } },
      notices: { to: [{ account: "none", chat: "1" }] },
    },
    "secrets that are missing": {
      accounts: { a: { channel: "bot", token: "${NOT_SET}" }, b: { channel: "bot", token: { file: "none" } } },
    },
    "access that is missing": { accounts: { a: { channel: "bot", token: "in clear" } } },
  };
  for (const [name, file] of Object.entries(files)) {
    test(`of the configuration: ${name}`, async () => assertGerman((await loadConfiguration(testSources({ file }))).findings));
  }
});
