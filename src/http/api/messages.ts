import { actorName } from "../../access/actor.ts";
import type { DeliveryState } from "../../core/delivery.ts";
import { fail, ok } from "../../core/errors.ts";
import type { AccountId, ConversationId, DeliveryId, MessageId } from "../../core/ids.ts";
import { tellControl } from "../../core/live.ts";
import { say } from "../../core/say.ts";
import { handBack, handoverSettings } from "../../ops/handovers.ts";
import { attachmentResponse } from "../attachment.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";
import { DeliveryState as States } from "../schema/message.ts";
import { present, showConversation, showDelivery, showMessage, showStory, showTrace } from "../views.ts";
import { partOf, written } from "./parts.ts";

type Names =
  | "stories"
  | "trace"
  | "conversation"
  | "messages"
  | "sendMessage"
  | "setControl"
  | "reactToMessage"
  | "takeBackMessage"
  | "file"
  | "deliveries"
  | "retryDeliveries"
  | "dropDeliveries";

export function messageOperations({ store, files, gateway, live, clock, handovers }: HttpDoor): Operations<Names> {
  const { records } = store;
  const settle = (verdict: "retry" | "drop"): Operations<"retryDeliveries">["retryDeliveries"] => {
    return async ({ actor, body, speak }) => {
      const ids = [...new Set(body.ids)] as DeliveryId[];
      const settled = await store.settle(actor.tenant, ids, verdict, actorName(actor), clock.now());
      gateway.wake();
      return ok(settled.map((one) => showDelivery(one, speak)));
    };
  };

  return {
    stories: async ({ actor, query }) => {
      const { account, ...page } = query;
      return ok(
        (await records.stories(actor.tenant, { ...bounded(page), ...present({ account: account as AccountId | undefined }) })).map(
          showStory,
        ),
      );
    },
    trace: async ({ actor, params, speak }) => {
      const found = await records.trace(actor.tenant, params.id);
      return found ? ok(showTrace(found, speak)) : fail("not-found", "there is no message with this id, or it isn't kept any more");
    },
    conversation: async ({ actor, params }) => {
      const found = await records.conversation(actor.tenant, params.id);
      return found ? ok(showConversation(found)) : noConversation();
    },
    messages: async ({ actor, params, query }) => {
      const found = await records.conversation(actor.tenant, params.id);
      return found ? ok((await records.messages(actor.tenant, found.id, bounded(query))).map(showMessage)) : noConversation();
    },
    sendMessage: async ({ actor, params, body }) => {
      const found = await records.conversation(actor.tenant, params.id);
      if (!found) return noConversation();
      const parts = [partOf(body)];
      const sent = await gateway.send({ ...written(actor), to: { conversation: found.id }, parts });
      return sent.ok ? ok({ message: sent.value.message, deliveries: sent.value.deliveries }) : sent;
    },
    setControl: async ({ actor, params, body }) => {
      const found = await records.conversation(actor.tenant, params.id);
      if (!found) return noConversation();
      if (body.control === "agent") {
        const back = await handBack(handovers, found, body.version, actorName(actor));
        return back ? ok(showConversation(back)) : conflict();
      }
      const { returnAfterMs } = await handoverSettings(handovers, found);
      const changed = await records.setControl(actor.tenant, found.id, body.control, body.version, actorName(actor), clock.now(), {
        ...{ assignee: actor.operator.id, returnAfterMs },
      });
      if (!changed) return conflict();
      tellControl(live, changed);
      gateway.wake();
      return ok(showConversation(changed));
    },
    reactToMessage: async ({ actor, params, body }) => {
      const touch = { kind: "react", ...present({ reaction: body.reaction }) } as const;
      const done = await gateway.touch({ tenant: actor.tenant, message: params.id as MessageId, touch, by: actorName(actor) });
      return done.ok ? ok({ ok: true }) : done;
    },
    takeBackMessage: async ({ actor, params }) => {
      return gateway.touch({ tenant: actor.tenant, message: params.id as MessageId, touch: { kind: "take-back" }, by: actorName(actor) });
    },
    file: async ({ actor, params }) => {
      const message = await store.message(actor.tenant, params.message);
      // A file is only reached through a message that holds it: the message is the tenant's.
      for (const part of message?.parts ?? []) {
        if (!("source" in part) || part.source.at !== "store" || part.source.id !== params.id) continue;
        return ok(attachmentResponse(part, part.source, await files.read(actor.tenant, part.source.id)));
      }
      return fail("not-found", "there is no message with this attachment");
    },
    deliveries: async ({ actor, query, speak }) => {
      const states = query.state?.split(",").filter(Boolean);
      const wrong = states?.find((state) => !(States.options as readonly string[]).includes(state));
      if (wrong !== undefined) return fail("request-invalid", say`query.state: there is no state ${JSON.stringify(wrong)}`);
      const account = query.account as AccountId | undefined;
      const conversation = query.conversation as ConversationId | undefined;
      const filter = {
        limit: query.limit,
        ...present({
          account,
          conversation,
          states: states as DeliveryState[] | undefined,
          retrying: query.retrying && (true as const),
          before: query.before as DeliveryId | undefined,
        }),
      };
      return ok((await records.deliveries(actor.tenant, filter)).map((one) => showDelivery(one, speak)));
    },
    retryDeliveries: settle("retry"),
    dropDeliveries: settle("drop"),
  };
}

function bounded<Page extends { readonly limit: number }>(page: Page): { [Key in keyof Page]: Exclude<Page[Key], undefined> } {
  return present(page) as never;
}

function conflict() {
  return fail("version-conflict", "somebody else changed who speaks in this conversation");
}

function noConversation() {
  return fail("not-found", "there is no conversation with this id");
}
