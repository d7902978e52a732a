import { useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { resumeLive } from "../../api/live.ts";
import { beginLogin } from "../../api/login-end.ts";
import { meQuery } from "../../api/queries.ts";
import { Modal } from "../../parts/modal.tsx";
import { words } from "../../words/words.ts";
import { LoginForm } from "./login-form.tsx";

/**
 * The door, in front of a room whose login ended: it hides what is behind it, and whoever signs in again finds there what
 * he was writing. Somebody else finds nothing of it.
 */
export function LoginAgain() {
  const id = useId();
  const cache = useQueryClient();
  const before = cache.getQueryData(meQuery.queryKey);
  return (
    <Modal
      alert
      labelledBy={id}
      describedBy={`${id}text`}
      className="w-[25rem] border border-line p-6 backdrop:bg-sunken dark:backdrop:bg-sunken"
    >
      <div className="grid gap-5">
        <div className="grid gap-1">
          <h2 id={id} className="font-semibold text-title tracking-tight">
            {words.login.title}
          </h2>
          <p id={`${id}text`} className="text-soft">
            {words.login.leadAgain}
          </p>
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
      </div>
    </Modal>
  );
}
