import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, take } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { Button } from "../../parts/button.tsx";
import { Field, SecretInput } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { say } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";
import { PasswordStrength, shortestPassword } from "../door/strength.tsx";
import { loginsQuery } from "./queries.ts";

/** Changes the own password, which ends every other login. */
export function Password() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [tried, setTried] = useState(false);
  const change = useMutation({
    mutationFn: () => take(api.PUT("/api/me/password", { body: { current, next } })),
    onSuccess: async () => {
      setCurrent("");
      setNext("");
      setTried(false);
      say(words.users.changed);
      await cache.invalidateQueries(loginsQuery);
    },
  });
  const short = next.length < shortestPassword;
  const refused = change.error ? faultOf(change.error) : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (current && !short) change.mutate();
  };
  return (
    <Section title={words.users.password}>
      <form noValidate onSubmit={submit} className="grid max-w-md gap-4">
        {refused && (
          <Notice tone="bad" live title={refused.message}>
            {refused.hint}
          </Notice>
        )}
        <Field label={words.users.current} error={tried && !current ? words.users.currentMissing : undefined}>
          {(described) => (
            <SecretInput
              {...described}
              value={current}
              autoComplete="current-password"
              onChange={({ target }) => setCurrent(target.value)}
            />
          )}
        </Field>
        <Field
          label={words.users.next}
          hint={<PasswordStrength password={next} />}
          error={tried && short ? words.setup.passwordShort(shortestPassword) : undefined}
        >
          {(described) => (
            <SecretInput
              {...described}
              value={next}
              maxLength={1024}
              autoComplete="new-password"
              onChange={({ target }) => setNext(target.value)}
            />
          )}
        </Field>
        <Button type="submit" busy={change.isPending} className="justify-self-start">
          {words.users.change}
        </Button>
      </form>
    </Section>
  );
}
