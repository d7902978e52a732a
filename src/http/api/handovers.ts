import { type Actor, actorName } from "../../access/actor.ts";
import type { Conversation } from "../../core/conversation.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { type ConversationId, newId, type OperatorId } from "../../core/ids.ts";
import { tellControl } from "../../core/live.ts";
import type { FilePart } from "../../core/message.ts";
import { draftNote } from "../../ops/hand-back-note.ts";
import { handBack, handoverSettings } from "../../ops/handovers.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";
import { present, showConversation, showHandover } from "../views.ts";
import { written } from "./parts.ts";

type Names = "takeOver" | "sendFile" | "assign" | "handBack" | "draftNote" | "handovers" | "notes" | "writeNote" | "team";

export function handoverOperations({ store, files, config, gateway, live, clock, handovers }: HttpDoor): Operations<Names> {
  const { records } = store;

  /** Every open window sees it, and so does a turn that runs. */
  function changed(now: Conversation) {
    tellControl(live, now);
    gateway.wake();
    return now;
  }

  async function isOperator({ tenant }: Actor, id: string | null): Promise<boolean> {
    return id === null || (await records.operators(tenant)).some((operator) => operator.id === id);
  }

  return {
    takeOver: async ({ actor, params, body }) => {
      const found = await records.conversation(actor.tenant, params.id);
      if (!found) return noConversation();
      const { returnAfterMs } = await handoverSettings(handovers, found);
      const takeover = { operator: actor.operator.id, reason: body.reason, from: body.from as OperatorId | undefined, returnAfterMs };
      const taken = await records.takeOver(actor.tenant, found.id, takeover, actorName(actor), clock.now());
      if (!taken.ok) return taken;
      changed(taken.value);
      return ok({ conversation: showConversation(taken.value), quiet: await gateway.quiet(taken.value.id) });
    },
    sendFile: async ({ actor, params, query, body }) => {
      const found = await records.conversation(actor.tenant, params.id);
      if (!found) return noConversation();
      if (body.length === 0) return fail("file-refused", "the file is empty");
      const source = await files.put(actor.tenant, once(body), config.current().limits.fileBytes);
      const part = { type: kindOf(source.mediaType), source, name: query.name, ...present({ caption: query.caption || undefined }) };
      const sent = await gateway.send({ ...written(actor), to: { conversation: found.id }, parts: [part] });
      if (!sent.ok) await files.remove(actor.tenant, source.id);
      return sent.ok ? ok({ message: sent.value.message, deliveries: sent.value.deliveries }) : sent;
    },
    assign: async ({ actor, params, body }) => {
      if (!(await isOperator(actor, body.to))) return fail("not-found", "there is no operator with this id");
      const of = { to: (body.to ?? undefined) as OperatorId | undefined, from: (body.from ?? undefined) as OperatorId | undefined };
      return shown(await records.assign(actor.tenant, params.id as ConversationId, of, actorName(actor), clock.now()));
    },
    handBack: async ({ actor, params, body }) => {
      const found = await records.conversation(actor.tenant, params.id);
      if (!found) return noConversation();
      const { note, version } = body;
      const now = await handBack(handovers, found, version, actorName(actor), { note });
      return now ? ok(showConversation(now)) : fail("version-conflict", "somebody else changed who speaks in this conversation");
    },
    draftNote: async ({ actor, params }) => {
      const found = await records.conversation(actor.tenant, params.id);
      return found ? ok(await draftNote({ ...handovers, calls: gateway.calls }, found, actor.operator.id)) : noConversation();
    },
    handovers: async ({ actor, query }) => {
      const { conversation, scored, ...page } = query;
      const filter = { ...present(page), limit: page.limit, ...present({ conversation: conversation as ConversationId | undefined }) };
      return ok((await records.handovers(actor.tenant, { ...filter, ...(scored && { scored: true }) })).map(showHandover));
    },
    notes: async ({ actor, params, query }) => {
      const found = await records.conversation(actor.tenant, params.id);
      return found ? ok(await records.notes(actor.tenant, found.id, { ...present(query), limit: query.limit })) : noConversation();
    },
    writeNote: async ({ actor, params, body }) => {
      const found = await records.conversation(actor.tenant, params.id);
      if (!found) return noConversation();
      const at = clock.now();
      const note = { id: newId("note", at), conversation: found.id, by: actorName(actor), text: body.text, at };
      await records.addNote(actor.tenant, note);
      live.publish(actor.tenant, { type: "note", conversation: found.id });
      return ok({ ok: true });
    },
    team: async ({ actor }) => ok((await records.operators(actor.tenant)).map(({ id, name }) => ({ id, name }))),
  };

  function shown(now: Result<Conversation>) {
    if (!now.ok) return now.fault.code === "not-found" ? noConversation() : now;
    return ok(showConversation(changed(now.value)));
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** By what the bytes are, whatever the name says. */
function kindOf(mediaType: string): FilePart["type"] {
  if (/^image\/(png|jpeg|webp|gif)$/.test(mediaType)) return "image";
  const [kind] = mediaType.split("/");
  return kind === "audio" || kind === "video" ? kind : "file";
}

function noConversation() {
  return fail("not-found", "there is no conversation with this id");
}
