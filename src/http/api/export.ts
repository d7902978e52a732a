import { type Actor, actorName } from "../../access/actor.ts";
import { ok } from "../../core/errors.ts";
import type { AccountId, ConversationId, TenantId } from "../../core/ids.ts";
import { plainText } from "../../core/message.ts";
import type { ConversationSummary, ExportedMessage } from "../../core/records.ts";
import type { Operations } from "../call.ts";
import { type Cell, csvResponse } from "../csv.ts";
import type { HttpDoor } from "../door.ts";
import { present } from "../views.ts";

interface Asked {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly account?: string | undefined;
}

const messageHeader = [
  ...["id", "at", "account", "channel", "chat", "title", "conversation", "direction", "author"],
  ...["sender", "senderName", "text", "files", "trace"],
];
const conversationHeader = [
  ...["id", "account", "channel", "chat", "kind", "title", "control", "lastAt", "lastPreview"],
  ...["waitingSince", "assignee"],
];
const pageSize = 200;

export function exportOperations({ store, clock, log }: HttpDoor): Operations<"exportMessages" | "exportConversations"> {
  const { records } = store;

  async function* messages(tenant: TenantId, { from, to, account }: Asked): AsyncGenerator<readonly (readonly Cell[])[]> {
    let after: number | undefined = 0;
    while (after !== undefined) {
      const filter = present({ after, from, to, account: account as AccountId | undefined });
      const page = await records.exportMessages(tenant, filter);
      yield page.messages.map(messageCells);
      after = page.next;
    }
  }

  async function* conversations(tenant: TenantId, { from = 0, to = Number.MAX_SAFE_INTEGER, account }: Asked) {
    let after: ConversationId | undefined;
    for (;;) {
      const filter = { limit: pageSize, ...present({ after, account: account as AccountId | undefined }) };
      const page: readonly ConversationSummary[] = await records.exportConversations(tenant, filter);
      yield page.filter(({ lastAt }) => lastAt >= from && lastAt <= to).map(conversationCells);
      if (page.length < pageSize) return;
      after = page.at(-1)?.id;
    }
  }

  async function note(actor: Actor, what: string, { from, to, account }: Asked): Promise<void> {
    const detail = present({ from, to, account }) as { readonly [key: string]: number | string };
    await records.audit({ tenant: actor.tenant, at: clock.now(), actor: actorName(actor), action: "export-make", subject: what, detail });
  }

  const failed = (cut: () => void) => (cause: unknown) => {
    log.error("export-fail", { cause });
    cut();
  };

  return {
    exportMessages: async ({ actor, query, cut }) => {
      await note(actor, "messages", query);
      return ok(
        csvResponse("messages.csv", messageHeader, messages(actor.tenant, query), { mark: query.mark === "true", failed: failed(cut) }),
      );
    },
    exportConversations: async ({ actor, query, cut }) => {
      await note(actor, "conversations", query);
      return ok(
        csvResponse("conversations.csv", conversationHeader, conversations(actor.tenant, query), {
          mark: query.mark === "true",
          failed: failed(cut),
        }),
      );
    },
  };
}

function messageCells(message: ExportedMessage): readonly Cell[] {
  const { id, at, account, channel, chat, title, conversation, direction, author, sender, parts, trace } = message;
  const files = parts.filter((part) => "source" in part).length;
  return [
    ...[id, new Date(at).toISOString(), account, channel, chat, title, conversation, direction, author],
    ...[sender?.id, sender?.name, plainText(parts), files, trace],
  ];
}

function conversationCells(of: ConversationSummary): readonly Cell[] {
  const { id, account, channel, chat, control, lastAt, lastPreview, handover } = of;
  const since = handover === undefined ? undefined : new Date(handover.since).toISOString();
  return [
    ...[id, account, channel, chat.id, chat.kind, chat.title, control, new Date(lastAt).toISOString(), lastPreview],
    ...[since, handover?.assignee],
  ];
}
