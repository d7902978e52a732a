import { useEffect, useRef } from "react";
import { api } from "../../api/client.ts";
import { onLive } from "../../api/live.ts";
import { useOthers } from "./others.ts";

/** Milliseconds: half of how long the gateway believes it. */
const viewEveryMs = 10_000;
const typeEveryMs = 3_000;

type Doing = "viewing" | "typing" | "gone";

/** Nothing depends on it: what isn't told now is told again soon. It goes out also when the page is just being left. */
function tell(id: string, doing: Doing): void {
  const said = { params: { path: { id } }, body: { doing } };
  void api.POST("/api/conversations/{id}/presence", { ...said, keepalive: true }).catch(() => undefined);
}

function markRead(id: string): void {
  void api.POST("/api/conversations/{id}/read", { params: { path: { id } } }).catch(() => undefined);
}

/** Says that this operator is at the conversation, marks what comes as seen, and shows who else is there. */
export function Attendance({ id }: { readonly id: string }) {
  const others = useOthers().get(id);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState !== "visible") return tell(id, "gone");
      tell(id, "viewing");
      markRead(id);
    };
    look();
    const timer = setInterval(() => document.visibilityState === "visible" && tell(id, "viewing"), viewEveryMs);
    const leave = () => tell(id, "gone");
    document.addEventListener("visibilitychange", look);
    addEventListener("pagehide", leave);
    const stop = onLive((events) => {
      const said = events.some((event) => event.type === "reset" || (event.type === "message" && event.conversation === id));
      if (said && document.visibilityState === "visible") markRead(id);
    });
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      removeEventListener("pagehide", leave);
      stop();
      tell(id, "gone");
    };
  }, [id]);
  return (
    <p role="status" className="min-h-0 text-accent-ink text-row empty:hidden">
      {others}
    </p>
  );
}

/** To be called with each letter: tells that this operator writes, and that he doesn't once the box is empty or sent. A draft that was there says nothing. */
export function useTyping(id: string, text: string): void {
  const last = useRef(0);
  const before = useRef(text);
  useEffect(() => {
    if (text === before.current) return;
    before.current = text;
    if (text === "") {
      if (last.current > 0) tell(id, "viewing");
      last.current = 0;
      return;
    }
    const now = Date.now();
    if (now - last.current < typeEveryMs) return;
    last.current = now;
    tell(id, "typing");
  }, [id, text]);
}
