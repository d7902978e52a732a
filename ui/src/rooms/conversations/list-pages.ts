import type { Schemas } from "../../api/client.ts";

type Summary = Schemas["ConversationSummary"];
type Pages = readonly (readonly Summary[])[];

/** What the reader has seen: that conversation, or all of them. */
export function markRead(pages: Pages, conversation: string | undefined): Pages {
  const isMeant = ({ id, unread }: Summary) => unread && (conversation === undefined || id === conversation);
  return pages.map((page) =>
    page.some(isMeant) ? page.map((row) => (isMeant(row) ? { ...row, unread: false, unreadCount: 0 } : row)) : page,
  );
}

/**
 * The newest ones as they are now, before what was loaded so far: each conversation stands once, at its newest place. Nothing when the
 * newest don't reach back to what was loaded: between them something may be missing.
 */
export function mergeNewest(pages: Pages, newest: readonly Summary[], whole: boolean): Pages | undefined {
  const [first] = pages;
  if (!first || whole) return [newest];
  const known = new Set(pages.flat().map(({ id, cursor }) => `${id} ${cursor}`));
  if (!newest.some(({ id, cursor }) => known.has(`${id} ${cursor}`))) return undefined;
  const fresh = new Set(newest.map(({ id }) => id));
  const last = newest.at(-1)?.cursor ?? 0;
  // What stands among the newest by its place, but isn't there any more, has left this list.
  const stays = ({ id, cursor }: Summary) => !fresh.has(id) && cursor < last;
  return pages.map((page, index) => (index === 0 ? [...newest, ...page.filter(stays)] : page.filter(stays)));
}
