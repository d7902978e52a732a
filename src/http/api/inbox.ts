import { LRUCache } from "lru-cache";
import { actorName } from "../../access/actor.ts";
import { roleAllows, roleText } from "../../access/roles.ts";
import { type CannedReply, isReplyName, replyNameHint, unknownVariables } from "../../core/canned-reply.ts";
import type { Conversation } from "../../core/conversation.ts";
import { fail, ok } from "../../core/errors.ts";
import type { AccountId, ConversationId } from "../../core/ids.ts";
import { say } from "../../core/say.ts";
import { readQuery, type SearchHit } from "../../core/search.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";
import { Presences } from "../presence.ts";
import { present, showStory, showSummary } from "../views.ts";

type Names =
  | "presences"
  | "notePresence"
  | "replies"
  | "putReply"
  | "removeReply"
  | "search"
  | "traces"
  | "conversations"
  | "conversationCounts"
  | "readAll"
  | "readConversation";

/** Platforms forget the sign after about five seconds. */
const typingEveryMs = 4_000;

export function inboxOperations({ store, live, clock, gateway, presenceElsewhere }: HttpDoor): Operations<Names> {
  const { records } = store;
  const presences = new Presences({ clock, live, others: presenceElsewhere });
  /** When the sign was last shown. */
  const shown = new LRUCache<string, number>({ max: 1_000 });

  function showTyping({ id, account, chat, control }: Conversation): void {
    const now = clock.elapsed();
    if (control !== "human" || now - (shown.get(id) ?? Number.NEGATIVE_INFINITY) < typingEveryMs) return;
    shown.set(id, now);
    gateway.accounts.showTyping(account, chat);
  }

  return {
    search: async ({ actor, query: { q, sender, account, conversation, limit, ...more } }) => {
      const query = readQuery(q);
      const name = sender === undefined ? undefined : readQuery(sender);
      // What says nothing asks for nothing.
      if ((!query && q.trim() !== "") || (sender?.trim() && !name) || (!query && !name)) return ok({ hits: [], behind: false });
      const filter = present({
        ...more,
        query,
        sender: name,
        account: account as AccountId | undefined,
        conversation: conversation as ConversationId | undefined,
      });
      const { hits, next, behind } = await records.search(actor.tenant, { ...filter, limit });
      return ok({ hits: hits.map(showHit), ...present({ next }), behind });
    },
    traces: async ({ actor, query: { q, sender = "", account, limit, ...more } }) => {
      const query = readQuery(q);
      const name = readQuery(sender);
      if ((!query && q.trim() !== "") || (!name && sender.trim() !== "")) return ok({ found: [], behind: false });
      const filter = present({ ...more, query, sender: name, account: account as AccountId | undefined });
      const { hits, next, behind } = await records.search(actor.tenant, { ...filter, direction: "in", limit });
      const found = [];
      for (const { trace, snippet } of hits) {
        const story = await records.story(actor.tenant, trace);
        if (story) found.push({ story: showStory(story), snippet: snippet.text, marks: snippet.marks });
      }
      return ok({ found, ...present({ next }), behind });
    },
    conversations: async ({ actor, query: { limit, q, account, unread, trouble, ...more } }) => {
      const letters = q?.trim();
      const filter = present({
        ...more,
        account: account as AccountId | undefined,
        unread: unread && (true as const),
        trouble: trouble && (true as const),
        name: letters ? { letters, ...present({ words: readQuery(letters) }) } : undefined,
      });
      const reader = actor.operator.id;
      return ok((await records.conversations(actor.tenant, { ...filter, reader, limit })).map(showSummary));
    },
    conversationCounts: async ({ actor }) => ok(await records.conversationCounts(actor.tenant, actor.operator.id)),
    presences: ({ actor }) => ok(presences.list(actor.tenant)),
    notePresence: async ({ actor, params, body: { doing } }) => {
      if (doing === "typing" && !roleAllows(actor.role, "operator"))
        return fail("role-too-low", say`writing needs the role operator; yours is ${roleText(actor.role)}`);
      const found = await records.conversation(actor.tenant, params.id);
      if (!found) return fail("not-found", "there is no conversation with this id");
      presences.note(actor, found.id, doing);
      if (doing === "typing") showTyping(found);
      return ok({ ok: true });
    },
    replies: async ({ actor }) => ok((await records.cannedReplies(actor.tenant)).map(showReply)),
    putReply: async ({ actor, params: { name }, body: { text } }) => {
      if (!isReplyName(name)) return fail("request-invalid", replyNameHint);
      const put = await records.putCannedReply(actor.tenant, { name, text }, actorName(actor), clock.now());
      if (!put.ok) return put;
      live.publish(actor.tenant, { type: "replies" });
      return ok(showReply(put.value));
    },
    removeReply: async ({ actor, params }) => {
      const removed = await records.removeCannedReply(actor.tenant, params.name, actorName(actor), clock.now());
      if (!removed) return fail("not-found", "there is no canned reply of this name");
      live.publish(actor.tenant, { type: "replies" });
      return ok({ ok: true });
    },
    readAll: async ({ actor }) => {
      await records.markSeen({ tenant: actor.tenant, operator: actor.operator.id });
      live.publish(actor.tenant, { type: "read", operator: actor.operator.id });
      return ok({ ok: true });
    },
    readConversation: async ({ actor, params }) => {
      const conversation = params.id as ConversationId;
      const operator = actor.operator.id;
      if (await records.markSeen({ tenant: actor.tenant, operator, conversation }))
        live.publish(actor.tenant, { type: "read", operator, conversation });
      return ok({ ok: true });
    },
  };
}

function showHit({ cursor, message, trace, conversation, account, channel, chat, direction, author, sender, at, snippet }: SearchHit) {
  const { text, marks } = snippet;
  return {
    ...{ cursor, message, trace, conversation, account, channel, chat, direction, at, snippet: text, marks },
    ...present({ author, sender }),
  };
}

function showReply({ name, text, by, updatedAt }: CannedReply) {
  return { name, text, by, updatedAt, unknown: [...unknownVariables(text)] };
}
