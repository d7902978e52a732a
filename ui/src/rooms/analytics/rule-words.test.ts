import assert from "node:assert/strict";
import { test } from "node:test";
import { german } from "../../words/de/index.ts";
import { english } from "../../words/en/index.ts";
import { ruleWords } from "./rule-words.ts";

const rule = (more: Partial<Parameters<typeof ruleWords>[0]>) => ({ measure: "failed" as const, hours: 1, forMinutes: 0, ...more });

const cases = [
  [
    rule({ above: 5, minutes: 15, forMinutes: 5, channel: "telegram" }),
    "More than 5 failed turns and deliveries in the last 15 minutes on telegram, for 5 minutes on end",
    "Mehr als 5 gescheiterte Züge und Zustellungen in den letzten 15 Minuten über telegram, 5 Minuten lang",
  ],
  [
    rule({ measure: "received", below: 1, hours: 3, account: "support" }),
    "Less than 1 message received in this hour and the 3 before it on the account support",
    "Weniger als 1 empfangene Nachricht in dieser Stunde und den 3 davor über das Konto support",
  ],
  [
    rule({ measure: "answered-share", below: 90, minutes: 1, agent: "main", forMinutes: 1 }),
    "Less than 90 % of turns answered in the last minute by main, for a minute on end",
    "Weniger als 90 % beantwortete Züge in der letzten Minute vom Agenten main, eine Minute lang",
  ],
  [
    rule({ measure: "cost-today", above: 2.5 }),
    "More than 2.5 US dollars for models today (UTC)",
    "Mehr als 2.5 US-Dollar für Modelle heute (UTC)",
  ],
  [rule({ measure: "accounts-down", above: 0 }), "More than 0 accounts down", "Mehr als 0 Konten, die nicht gehen"],
  [
    rule({ measure: "wait-p95", above: 30 }),
    "More than 30 seconds until 95 % of the answers began in this hour and the one before it",
    "Mehr als 30 Sekunden, bis 95 % der Antworten begannen, in dieser Stunde und der davor",
  ],
] as const;

for (const [of, inEnglish, inGerman] of cases)
  test(inEnglish, () => {
    assert.equal(ruleWords(of, english.alerts.rule), inEnglish);
    // Numbers are written as the viewer's language has them, which is English here.
    assert.equal(ruleWords(of, german.alerts.rule), inGerman);
  });
