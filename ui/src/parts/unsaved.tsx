import { type ShouldBlockFn, useBlocker } from "@tanstack/react-router";
import { hasLoginEnded } from "../api/login-end.ts";
import { words } from "../words/words.ts";
import { Confirm } from "./dialog.tsx";

/** What is in the address besides the path changes no form. */
const leaves: ShouldBlockFn = ({ current, next }) => current.pathname !== next.pathname;
/** What one typed isn't kept for somebody else who signs in. */
const asksAtUnload = () => !hasLoginEnded();

/** While it is mounted, something typed isn't saved: who is about to leave is asked first, by the browser where the page itself goes. */
export function Unsaved() {
  const leaving = useBlocker({ shouldBlockFn: leaves, enableBeforeUnload: asksAtUnload, withResolver: true });
  return <Leave open={leaving.status === "blocked"} onStay={() => leaving.reset?.()} onLeave={() => leaving.proceed?.()} />;
}

interface LeaveProps {
  readonly open: boolean;
  readonly onStay: () => void;
  readonly onLeave: () => void;
}

export function Leave({ open, onStay, onLeave }: LeaveProps) {
  return (
    <Confirm open={open} onOpenChange={onStay} title={words.forms.leaveTitle} act={words.forms.leave} onConfirm={async () => onLeave()}>
      {words.forms.leaveText}
    </Confirm>
  );
}
