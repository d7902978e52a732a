import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, take } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { meQuery, statusQuery } from "../../api/queries.ts";
import { Button, buttonLook } from "../../parts/button.tsx";
import { Field, Input, SecretInput } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { words } from "../../words/words.ts";
import { Door } from "./door.tsx";

export function Login() {
  const { next } = useSearch({ from: "/login" });
  const navigate = useNavigate();
  const { history } = useRouter();
  const status = useQuery(statusQuery);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);

  const enter = useMutation({
    mutationFn: () => take(api.POST("/api/login", { body: { name: name.trim(), password } })),
    onSuccess: async (me) => {
      cache.clear();
      cache.setQueryData(meQuery.queryKey, me);
      if (next) history.replace(next);
      else await navigate({ to: "/", replace: true });
    },
  });
  const refused = enter.error ? faultOf(enter.error) : undefined;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() && password) enter.mutate();
  };

  if (status.data?.needsSetup) {
    return (
      <Door title={words.setup.title} lead={words.setup.openLink}>
        <Link to="/setup" className={buttonLook({ look: "plain" })}>
          {words.setup.enterToken}
        </Link>
      </Door>
    );
  }
  return (
    <Door title={words.login.title} lead={next ? words.login.leadBack : words.login.lead}>
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
              autoFocus
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
              autoComplete="current-password"
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" look="primary" busy={enter.isPending}>
          {words.login.act}
        </Button>
      </form>
    </Door>
  );
}
