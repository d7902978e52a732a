/**
 * The words of this code. Every name in the tree uses them in this meaning; docs/glossary.md keeps the same list.
 *
 * - **tenant**: owner of accounts, agents, routes and data; on every row. **operator**: a person who runs the gateway.
 * - **channel**: a kind of platform (telegram). **account**: one credential on a channel (a bot, a number, a mailbox).
 * - **conversation**: where people talk (account + the platform's chat id). **thread**: only a platform's own
 *   sub-conversation. **sender**: a person or bot on a platform, known by its immutable id.
 * - **event**: what a platform tells us. **message**: an event or answer with content, made of **parts**.
 * - **inbox**, **outbox**: the durable edges. **route**: a rule from conversation to agent.
 *   **agent**: instructions, models, tools, limits.
 * - **turn**: one input to its final answer (queued → running → done | failed | cancelled).
 *   **step**: what one model does in a turn, in its role. **provider**: a model API. **model**. **tool**, **tool call**.
 * - **delivery**: one outbound message to one conversation (queued → sending → sent | failed | unknown | dead).
 *   **attempt**: one try of a delivery. **receipt**: the platform's id for what it accepted.
 * - **lease**: a right that expires and carries a growing **fence** number. **lane**: a key whose work runs strictly one
 *   at a time (a conversation's turns; an account's sends to one conversation).
 * - **control**: who speaks in a conversation now (agent | human | paused), with a version.
 * - **handover**: a time in which people speak in place of an agent. **note**: what operators write for each other there.
 * - **finding**: something an operator can act on. **notice**: what operators are told of it on a channel, at a **place**
 *   (an account and a chat). **ledger**: the record of stages of every message.
 *   **audit log**: the record of what operators and the system changed.
 * - **store**: durable state. **engine**: what hands lanes to workers. **plugin**: anything from a third party.
 */

/** Whatever survives `JSON.stringify` and `JSON.parse` unchanged. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Milliseconds since 1970-01-01T00:00:00Z, from the wall clock: it may jump, so it orders nothing. */
export type Instant = number;

/** Who speaks in a conversation now. */
export type Control = "agent" | "human" | "paused";
