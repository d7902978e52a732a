import type { Chat, Sender } from "../core/event.ts";
import type { AccountId, ConversationId, TenantId, TraceId } from "../core/ids.ts";
import { marksOf, type SearchFilter, type SearchHit, type SearchPage, type SearchQuery, snippetOf } from "../core/search.ts";
import { type ConversationRow, chatOf } from "./conversations.ts";
import { type MessageRow, messageColumns, messageOf } from "./messages.ts";
import type { SearchIndex } from "./search-index.ts";
import { placeWords, saidIn, wordsOfSender } from "./search-text.ts";
import type { WantedWords, WordIndex } from "./word-index.ts";
import type { Prepare, Work } from "./work.ts";

interface HitRow extends MessageRow, Pick<ConversationRow, "chat" | "thread" | "kind" | "title"> {
  readonly seq: number;
  readonly trace: TraceId;
  readonly account: AccountId;
  readonly channel: string;
}

const dayMs = 86_400_000;
/** Rows looked at for one page: where most of what the index gives has changed since, the next page goes on. */
const mostLooked = 1_000;
const mostWritten = 2_000;
const mostWriters = 200;
const last = Number.MAX_SAFE_INTEGER;

export type FindSaid = (tenant: TenantId, filter: SearchFilter) => Work<SearchPage>;
/** The conversations in which somebody of that name wrote last; at most as many as are worth a look. */
export type FindWriters = (tenant: TenantId, name: SearchQuery) => Work<readonly ConversationId[]>;

/** What was said, by its words; newest first. Each find is held against the message as it is now. */
export function searchIn(
  prepare: Prepare,
  index: SearchIndex,
  words: WordIndex,
): { readonly search: FindSaid; readonly writers: FindWriters } {
  const days = prepare<{ first_row: number | null; last_row: number | null }>(`
    SELECT min(first_row) AS first_row, max(last_row) AS last_row FROM search_days WHERE tenant = ? AND day BETWEEN ? AND ?`);
  let found: ReturnType<typeof prepare<HitRow>> | undefined;
  let wrote: ReturnType<typeof prepare<{ conversation: ConversationId }>> | undefined;

  function* rowsBetween(
    tenant: TenantId,
    { from, to, before = last }: SearchFilter,
  ): Work<{ readonly first: number; readonly end: number }> {
    if (from === undefined && to === undefined) return { first: 0, end: before };
    const row = yield* days.get(tenant, Math.floor((from ?? 0) / dayMs), Math.floor((to ?? last) / dayMs));
    return { first: row?.first_row ?? 0, end: Math.min(before, (row?.last_row ?? -1) + 1) };
  }

  function* look(tenant: TenantId, filter: SearchFilter): Work<Omit<SearchPage, "behind">> {
    const { from = 0, to = last, limit } = filter;
    const match = words.wanted(wantedOf(tenant, filter));
    const { first, end } = yield* rowsBetween(tenant, filter);
    found ??= prepare<HitRow>(`
      SELECT ${messageColumns}, m.seq, m.trace, c.account, c.channel, c.chat, c.thread, c.kind, c.title
      FROM search_words f CROSS JOIN messages m CROSS JOIN conversations c
      WHERE m.seq = f.rowid AND c.id = m.conversation AND ${words.matches} AND f.rowid >= ? AND f.rowid < ? AND m.tenant = ? AND m.at BETWEEN ? AND ?
      ORDER BY f.rowid DESC LIMIT ?`);
    const hits: SearchHit[] = [];
    let next = end;
    for (let looked = 0; looked < mostLooked; ) {
      const rows = yield* found.all(match, first, next, tenant, from, to, limit);
      for (const row of rows) {
        next = row.seq;
        const hit = hitOf(row, filter);
        if (hit) hits.push(hit);
        if (hits.length === limit) return { hits, next };
      }
      looked += rows.length;
      if (rows.length < limit) return { hits };
    }
    return { hits, next };
  }

  function* ask<Found>(none: Found, look: () => Work<Found>): Work<Found> {
    if (!(yield* index.made())) return none;
    try {
      return yield* look();
    } catch (thrown) {
      if (!words.isDamaged(thrown)) throw thrown;
      index.condemn();
      return none;
    }
  }

  return {
    *search(tenant, filter) {
      const found = yield* ask({ hits: [] }, () => look(tenant, filter));
      return { ...found, behind: yield* index.behind() };
    },
    writers: (tenant, name) =>
      ask([], function* () {
        wrote ??= prepare<{ conversation: ConversationId }>(`
          SELECT DISTINCT w.conversation FROM (
            SELECT m.conversation FROM search_words f CROSS JOIN messages m
            WHERE m.seq = f.rowid AND ${words.matches} AND m.tenant = ? ORDER BY f.rowid DESC LIMIT ${mostWritten}) w LIMIT ${mostWriters}`);
        return (yield* wrote.all(words.wanted(wantedOf(tenant, { sender: name, limit: 0 })), tenant)).map(
          ({ conversation }) => conversation,
        );
      }),
  };
}

function hitOf(row: HitRow, { query, sender }: SearchFilter): SearchHit | undefined {
  const message = messageOf(row);
  const text = saidIn(message.parts);
  const marks = marksOf(text, query?.has ?? []);
  if (!marks || !fits(message.sender, sender) || query?.without.some((term) => marksOf(text, [term]))) return undefined;
  return {
    cursor: row.seq,
    message: message.id,
    trace: row.trace,
    conversation: message.conversation as ConversationId,
    account: row.account,
    channel: row.channel,
    chat: chatOf(row) as Chat,
    direction: message.direction,
    ...(message.author && { author: message.author }),
    ...(message.sender && { sender: message.sender }),
    at: message.at,
    snippet: snippetOf(text, marks),
  };
}

function fits(sender: Sender | undefined, asked: SearchQuery | undefined): boolean {
  if (!asked) return true;
  const words = wordsOfSender(sender);
  return marksOf(words, asked.has) !== undefined && !asked.without.some((term) => marksOf(words, [term]));
}

function wantedOf(tenant: TenantId, { query, sender, account, conversation, direction }: SearchFilter): WantedWords {
  const place = [
    placeWords.tenant(tenant),
    ...(account === undefined ? [] : [placeWords.account(account)]),
    ...(conversation === undefined ? [] : [placeWords.conversation(conversation)]),
    ...(direction ? [placeWords.direction(direction)] : []),
  ];
  return {
    has: { place: place.map((word) => ({ words: [word], open: false })), words: query?.has ?? [], who: sender?.has ?? [] },
    without: { place: [], words: query?.without ?? [], who: sender?.without ?? [] },
  };
}
