import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, type Schemas, take } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Input, SecretInput } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { words } from "../../words/words.ts";

interface LoginFormProps {
  /** Whom to begin with. */
  readonly known?: string;
  readonly onDone: (me: Schemas["Me"]) => unknown;
}

export function LoginForm({ known = "", onDone }: LoginFormProps) {
  const [name, setName] = useState(known);
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const enter = useMutation({
    mutationFn: () => take(api.POST("/api/login", { body: { name: name.trim(), password } })),
    onSuccess: onDone,
  });
  const refused = enter.error ? faultOf(enter.error) : undefined;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() && password) enter.mutate();
  };

  return (
    <form noValidate onSubmit={submit} className="grid gap-5">
      {refused && (
        <Notice tone="bad" live title={refused.message}>
          {refused.hint}
        </Notice>
      )}
      <Field label={words.setup.name} error={tried && !name.trim() ? words.setup.nameMissing : undefined}>
        {(described) => (
          <Input
            {...described}
            value={name}
            autoFocus={known === ""}
            autoComplete="username"
            autoCapitalize="none"
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label={words.setup.password} error={tried && !password ? words.login.passwordMissing : undefined}>
        {(described) => (
          <SecretInput
            {...described}
            value={password}
            autoFocus={known !== ""}
            autoComplete="current-password"
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" look="primary" busy={enter.isPending}>
        {words.login.act}
      </Button>
    </form>
  );
}
