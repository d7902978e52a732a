import type { Sender } from "../core/event.ts";
import type { ConversationId, TenantId } from "../core/ids.ts";
import type { Part } from "../core/message.ts";
import { wordsOf } from "../core/search-words.ts";
import type { Instant } from "../core/terms.ts";
import { placeWords, saidIn, wordsOfSender } from "./search-text.ts";
import type { WordIndex } from "./word-index.ts";
import type { Prepare, Work } from "./work.ts";

/** Which words stand in which row of messages. It follows behind the path. */
export interface SearchIndex {
  /** What was said, changed or went since the last step. Whether there is more to do. */
  step(): Work<boolean>;
  /** Writes it again, a little at a time, without what went. Whether there is more to do. */
  purge(first: boolean): Work<boolean>;
  /** That row of messages has other words now, or is gone. */
  change(row: number): Work<void>;
  /** Whether there is one. */
  made(): Work<boolean>;
  /** Whether a step has something to do. */
  pending(): Work<boolean>;
  /** Whether something that is stored isn't in it yet. */
  behind(): Work<boolean>;
  /** It is damaged: the next step makes it anew. Writes nothing. */
  condemn(): void;
}

interface State {
  readonly form: number;
  readonly upto: number;
  readonly gone: number;
}

interface SaidRow {
  readonly seq: number;
  readonly tenant: TenantId;
  readonly account: string;
  readonly conversation: ConversationId;
  readonly direction: "in" | "out";
  readonly sender: string | null;
  readonly parts: string;
  readonly at: Instant;
}

/** Grows with what is cut or stored differently: an index of another form is made anew. */
const form = 1;
/** Rows of one step, and letters of them: it shares its transaction with the path, so it is to take a few milliseconds at most. */
const stepRows = 100;
const stepLetters = 60_000;
const dayMs = 86_400_000;

export function searchIndex(prepare: Prepare, index: WordIndex): SearchIndex {
  const state = prepare<State>("SELECT form, upto, gone FROM search WHERE one = 1");
  const setState = prepare("UPDATE search SET form = ?, upto = ?, gone = gone + ? WHERE one = 1");
  const purged = prepare("UPDATE search SET gone = 0 WHERE one = 1");
  const columns = "m.seq, m.tenant, c.account, m.conversation, m.direction, m.sender, m.parts, m.at";
  const join = "messages m CROSS JOIN conversations c";
  const fresh = prepare<SaidRow>(`SELECT ${columns} FROM ${join} WHERE c.id = m.conversation AND m.seq > ? ORDER BY m.seq LIMIT ?`);
  const one = prepare<SaidRow>(`SELECT ${columns} FROM ${join} WHERE c.id = m.conversation AND m.seq = ?`);
  const newest = prepare<{ seq: number }>("SELECT coalesce(max(seq), 0) AS seq FROM messages");
  const changed = prepare<{ message: number }>("SELECT message FROM search_changes ORDER BY message LIMIT ?");
  const taken = prepare("DELETE FROM search_changes WHERE message = ?");
  const note = prepare(
    "INSERT INTO search_changes (message) SELECT CAST(?1 AS INTEGER) WHERE ?1 <= (SELECT upto FROM search WHERE one = 1) ON CONFLICT DO NOTHING",
  );
  const noteDay = prepare(`
    INSERT INTO search_days (tenant, day, first_row, last_row) VALUES (?1, ?2, ?3, ?3)
    ON CONFLICT (tenant, day) DO UPDATE SET
      first_row = CASE WHEN ?3 < search_days.first_row THEN ?3 ELSE search_days.first_row END,
      last_row = CASE WHEN ?3 > search_days.last_row THEN ?3 ELSE search_days.last_row END`);
  const forgetDays = prepare("DELETE FROM search_days");
  const forgetChanges = prepare("DELETE FROM search_changes");
  let condemned = false;
  function* make(): Work<void> {
    yield* index.make();
    yield* forgetDays.do();
    yield* forgetChanges.do();
    yield* setState.do(form, 0, 0);
    yield* purged.do();
    condemned = false;
  }

  function* put({ seq, tenant, account, conversation, direction, sender, parts, at }: SaidRow): Work<number> {
    const said = saidIn(JSON.parse(parts) as readonly Part[]);
    const who = sender === null ? "" : wordsOfSender(JSON.parse(sender) as Sender);
    const place = [
      placeWords.tenant(tenant),
      placeWords.account(account),
      placeWords.conversation(conversation),
      placeWords.direction(direction),
    ];
    yield* index.put(seq, { place, who: cut(who), words: cut(said) });
    yield* noteDay.do(tenant, Math.floor(at / dayMs), seq);
    return said.length;
  }

  function* takeChanges(): Work<{ readonly full: boolean; readonly gone: number }> {
    const rows = yield* changed.all(stepRows);
    let gone = 0;
    for (const { message } of rows) {
      const row = yield* one.get(message);
      yield* index.drop(message);
      if (row) yield* put(row);
      gone += 1;
      yield* taken.do(message);
    }
    return { full: rows.length === stepRows, gone };
  }

  function* takeFresh(after: number): Work<{ readonly full: boolean; readonly upto: number }> {
    let upto = after;
    let letters = 0;
    const rows = yield* fresh.all(after, stepRows);
    for (const row of rows) {
      letters += yield* put(row);
      upto = row.seq;
      if (letters > stepLetters) return { full: true, upto };
    }
    return { full: rows.length === stepRows, upto };
  }

  function* made(): Work<boolean> {
    return !condemned && (yield* state.get())?.form === form && (yield* index.exists());
  }

  function* behind(): Work<boolean> {
    return !(yield* made()) || ((yield* state.get())?.upto ?? 0) < ((yield* newest.get())?.seq ?? 0);
  }

  return {
    *step() {
      if (!(yield* made())) {
        yield* make();
        return true;
      }
      try {
        const { upto } = (yield* state.get()) as State;
        const { full, gone } = yield* takeChanges();
        const { full: more, upto: reached } = full ? { full, upto } : yield* takeFresh(upto);
        if (gone === 0 && reached === upto) return false;
        yield* setState.do(form, reached, gone);
        yield* index.tidy();
        return more;
      } catch (thrown) {
        if (!index.isDamaged(thrown)) throw thrown;
        yield* make();
        return true;
      }
    },
    *purge(first) {
      if (!(yield* made()) || (first && (yield* state.get())?.gone === 0)) return false;
      if (first) yield* purged.do();
      return yield* index.purge(first);
    },
    *change(row) {
      yield* note.do(row);
    },
    made,
    *pending() {
      return (yield* behind()) || (yield* changed.get(1)) !== undefined;
    },
    behind,
    condemn() {
      condemned = true;
    },
  };
}

function cut(text: string): string[] {
  return wordsOf(text).map(({ word }) => word);
}
