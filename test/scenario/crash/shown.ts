import type { Delivery } from "../../../src/core/delivery.ts";
import { defaultTenant as tenant } from "../../../src/core/ids.ts";
import type { Store } from "../../../src/core/store.ts";
import { storePlace } from "../../../src/store-place.ts";
import type { AccountName } from "./crowd.ts";
import { answered } from "./model.ts";
import type { Held, Shown } from "./oracle.ts";

/** What a gateway shows of itself to whoever opens its data folder beside it. */
export interface Window {
  /** Nothing is under way: only when to stop waiting, what came of it is judged from outside. */
  idle(): Promise<boolean>;
  read(): Promise<Shown>;
  close(): Promise<void>;
}

export async function openWindow(home: string, address?: string): Promise<Window> {
  const place = storePlace(home, address ? { POLYLOGUE_STORE: address } : {});
  const opened = place.ok ? await place.value.open("guest") : place;
  if (!opened.ok) throw new Error(opened.fault.message);
  const store = opened.value;
  return {
    async idle() {
      const { events, deliveries } = await store.records.counts(tenant);
      return events.queued + events.running + deliveries.queued + deliveries.sending === 0;
    },
    async read() {
      const all = { limit: Number.MAX_SAFE_INTEGER };
      const sent = await store.records.deliveries(tenant, { ...all, states: ["sent"] });
      const unknown = await store.records.deliveries(tenant, { ...all, states: ["unknown"] });
      return {
        held: await Promise.all(unknown.map((delivery) => heldOf(store, delivery))),
        receipts: new Set(sent.map(({ account, chat, receipt }) => `${account}/${chat.id}/${receipt}`)),
      };
    },
    close: () => store.close(),
  };
}

async function heldOf(store: Store, { id, account, chat, content }: Delivery): Promise<Held> {
  const trace = await store.records.trace(tenant, id);
  const told = trace?.entries.findLast(({ stage, detail }) => stage === "delivery-unknown" && detail?.delivery === id);
  const { n, whole } = answered(content.text);
  return {
    ...{ n, whole, account: account as AccountName, chat: Number(/\d+/.exec(chat.id)?.[0]) },
    at: told?.at ?? Number.NaN,
    byDeath: told?.reason === "gateway-stopped-while-sending",
  };
}
