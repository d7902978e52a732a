import type { AnswersOf, KeptAnswer } from "../core/answers.ts";
import type { Part } from "../core/message.ts";
import type { Instant } from "../core/terms.ts";
import type { Prepare, Work } from "./work.ts";

/** See `AnswerStore`. */
export interface KeptAnswers {
  keep(of: AnswersOf, key: string, answer: KeptAnswer): Work<void>;
  one(of: AnswersOf, key: string, since: Instant): Work<KeptAnswer | undefined>;
  list(of: AnswersOf, model: string, since: Instant, limit: number): Work<readonly KeptAnswer[]>;
  drop(before: Instant): Work<void>;
}

/** Of one agent. */
const mostAnswers = 5_000;

interface Row {
  readonly parts: string;
  readonly at: Instant;
  readonly model: string | null;
  readonly vector: Uint8Array | null;
}

export function keptAnswers(prepare: Prepare): KeptAnswers {
  const keep = prepare(`
    INSERT INTO kept_answers (tenant, agent, version, key, parts, at, model, vector) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, agent, version, key) DO UPDATE SET
      parts = excluded.parts, at = excluded.at, model = excluded.model, vector = excluded.vector`);
  const count = prepare<{ count: number }>("SELECT count(*) AS count FROM kept_answers WHERE tenant = ? AND agent = ?");
  const dropOldest = prepare(`
    DELETE FROM kept_answers WHERE (tenant, agent, version, key) IN (
      SELECT tenant, agent, version, key FROM kept_answers WHERE tenant = ? AND agent = ? ORDER BY at LIMIT ?)`);
  const columns = "SELECT parts, at, model, vector FROM kept_answers WHERE tenant = ? AND agent = ? AND version = ?";
  const one = prepare<Row>(`${columns} AND key = ? AND at >= ?`);
  const list = prepare<Row>(`${columns} AND model = ? AND at >= ? ORDER BY at DESC LIMIT ?`);
  const drop = prepare("DELETE FROM kept_answers WHERE at < ?");
  return {
    *keep({ tenant, agent, version }, key, { parts, at, vector }) {
      const bytes = vector ? new Uint8Array(Float32Array.from(vector.values).buffer) : null;
      yield* keep.do(tenant, agent, version, key, JSON.stringify(parts), at, vector?.model ?? null, bytes);
      const over = ((yield* count.get(tenant, agent))?.count ?? 0) - mostAnswers;
      if (over > 0) yield* dropOldest.do(tenant, agent, over);
    },
    *one({ tenant, agent, version }, key, since) {
      const row = yield* one.get(tenant, agent, version, key, since);
      return row && answerOf(row);
    },
    *list({ tenant, agent, version }, model, since, limit) {
      return (yield* list.all(tenant, agent, version, model, since, limit)).map(answerOf);
    },
    *drop(before) {
      yield* drop.do(before);
    },
  };
}

function answerOf({ parts, at, model, vector }: Row): KeptAnswer {
  // A copy: the bytes that the database gives may stand at an odd address.
  const values = vector && [...new Float32Array(Uint8Array.from(vector).buffer)];
  return { parts: JSON.parse(parts) as readonly Part[], at, ...(values && model !== null && { vector: { model, values } }) };
}
