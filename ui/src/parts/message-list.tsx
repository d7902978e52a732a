import type { ReactNode } from "react";
import type { Schemas } from "../api/client.ts";
import { authorName } from "../words/names.ts";
import { hourAndMinute } from "../words/time.ts";
import { classes } from "./classes.ts";
import { MessageParts } from "./message-parts.tsx";
import { Time } from "./time.tsx";

type Message = Schemas["PastMessage"];

/** One message with its author and time; what people wrote stands left, what went out right. */
export function MessageBubble({ message, foot }: { readonly message: Message; readonly foot?: ReactNode }) {
  const out = message.direction === "out";
  return (
    <div className={classes("grid max-w-[min(44rem,92%)] gap-1", out ? "justify-self-end" : "justify-self-start")}>
      <div className={classes("flex flex-wrap items-baseline gap-x-2 text-faint text-meta", out && "justify-end")}>
        <span className="font-medium text-soft">{authorName(message)}</span>
        <Time at={message.at} format={hourAndMinute} className="tabular" />
        {foot}
      </div>
      <div className={classes("min-w-0 rounded-panel px-3.5 py-2.5", out ? "bg-accent-wash" : "border border-line bg-panel")}>
        <MessageParts message={message.id} parts={message.parts} />
      </div>
    </div>
  );
}

export function MessageList({ messages }: { readonly messages: readonly Message[] }) {
  return (
    <ol className="grid gap-3">
      {messages.map((message) => (
        <li key={message.id} className="grid">
          <MessageBubble message={message} />
        </li>
      ))}
    </ol>
  );
}
