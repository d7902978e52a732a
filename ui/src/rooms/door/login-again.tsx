import { AlertDialog } from "@base-ui/react/alert-dialog";
import { useQueryClient } from "@tanstack/react-query";
import { resumeLive } from "../../api/live.ts";
import { beginLogin } from "../../api/login-end.ts";
import { meQuery } from "../../api/queries.ts";
import { words } from "../../words/words.ts";
import { LoginForm } from "./login-form.tsx";

/**
 * The door, in front of a room whose login ended: it hides what is behind it, and whoever signs in again finds there what
 * he was writing. Somebody else finds nothing of it.
 */
export function LoginAgain() {
  const cache = useQueryClient();
  const before = cache.getQueryData(meQuery.queryKey);
  return (
    <AlertDialog.Root open>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-60 bg-sunken" />
        <AlertDialog.Popup className="panel fixed top-1/2 left-1/2 z-70 grid max-h-[calc(100dvh-2rem)] w-[25rem] max-w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 gap-5 overflow-y-auto p-6">
          <div className="grid gap-1">
            <AlertDialog.Title className="font-semibold text-title tracking-tight">{words.login.title}</AlertDialog.Title>
            <AlertDialog.Description className="text-soft">{words.login.leadAgain}</AlertDialog.Description>
          </div>
          <LoginForm
            known={before?.operator.name ?? ""}
            onDone={(me) => {
              if (me.operator.id !== before?.operator.id || me.role !== before.role) return location.replace("/");
              cache.setQueryData(meQuery.queryKey, me);
              beginLogin();
              resumeLive();
              return cache.invalidateQueries();
            }}
          />
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
