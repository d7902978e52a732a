/**
 * A process that writes to a store until it is stopped, and tells each promise that was kept, one JSON line each, only
 * after it was kept.
 *
 * usage: node test/support/store-writer.ts <store file> <first number>
 */
import { writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { FaultError } from "../../src/core/errors.ts";
import type { ConversationId } from "../../src/core/ids.ts";
import type { Store } from "../../src/core/store.ts";
import { openSqliteStore } from "../../src/stores/sqlite.ts";
import { answer, noon, receive, said, send } from "../contract/store/fixture.ts";

const [file = "", first = "0"] = process.argv.slice(2);
const conversations = 5;
const tell = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

const opened = await openSqliteStore({ file, role: "owner" });
if (!opened.ok) throw new FaultError(opened.fault);
const store = opened.value;
await store.recover(noon);
tell({ ready: true });
await Promise.all(Array.from({ length: conversations }, (_, i) => converse(store, `c${i}`)));

async function converse(on: Store, id: string): Promise<void> {
  for (let n = Number(first); ; n++) {
    const key = `${id}-${n}`;
    try {
      const [received] = await receive(on, said(key, { key, platformId: key, chat: { id, kind: "direct" } }));
      tell({ received: key, event: received?.event });
      await workOff(on, received?.conversation as ConversationId);
    } catch (thrown) {
      if (!(thrown instanceof FaultError) || thrown.fault.code !== "store-unavailable") throw thrown;
      tell({ refused: key });
      await setTimeout(5);
    }
  }
}

/** Whatever is open in the conversation, that of earlier lives too. */
async function workOff(on: Store, conversation: ConversationId): Promise<void> {
  await on.recover(noon);
  for (let next = await on.nextEvent(conversation); next; next = await on.nextEvent(conversation)) {
    const [delivery] = await answer(on, conversation, `to ${next.event.key}`, "resend");
    tell({ answered: next.event.key, delivery });
  }
  for (let next = await on.nextDelivery(conversation); next; next = await on.nextDelivery(conversation)) {
    const { id } = await send(on, conversation);
    tell({ sent: id });
  }
}
