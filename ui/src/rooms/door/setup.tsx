import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, take } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { meQuery, statusQuery } from "../../api/queries.ts";
import { Button, buttonLook } from "../../parts/button.tsx";
import { Field, Input, SecretInput } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { forgetLink, linkToken, readToken } from "../../shell/link.ts";
import { words } from "../../words/words.ts";
import { Door } from "./door.tsx";
import { PasswordStrength, shortestPassword } from "./strength.tsx";

/** The first visitor with the printed link becomes the owner. */
export function Setup() {
  const status = useQuery({ ...statusQuery, staleTime: 0 });
  if (status.data && !status.data.needsSetup) {
    return (
      <Door title={words.setup.doneTitle} lead={words.setup.doneLead}>
        <Link to="/login" className={buttonLook({ look: "primary" })}>
          {words.login.act}
        </Link>
      </Door>
    );
  }
  return (
    <Door title={words.setup.title} lead={words.setup.lead}>
      <OwnerForm />
    </Door>
  );
}

function OwnerForm() {
  const navigate = useNavigate();
  const given = linkToken("setup");
  const [pasted, setPasted] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);

  const create = useMutation({
    mutationFn: () => take(api.POST("/api/setup", { body: { token: given ?? readToken(pasted), name: name.trim(), password } })),
    onSuccess: async (me) => {
      forgetLink();
      cache.setQueryData(meQuery.queryKey, me);
      await cache.invalidateQueries(statusQuery);
      await navigate({ to: "/talk", replace: true });
    },
  });

  const problems = {
    token: !given && !pasted.trim() ? words.setup.tokenMissing : undefined,
    name: name.trim() ? undefined : words.setup.nameMissing,
    password: password.length < shortestPassword ? words.setup.passwordShort(shortestPassword) : undefined,
  };
  const refused = create.error ? faultOf(create.error) : undefined;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!Object.values(problems).some(Boolean)) create.mutate();
  };

  return (
    <form noValidate onSubmit={submit} className="grid gap-5">
      {refused && (
        <Notice tone="bad" live title={refused.message}>
          {refused.hint}
        </Notice>
      )}
      {!given && (
        <Field label={words.setup.token} hint={words.setup.tokenHint} error={tried ? problems.token : undefined}>
          {(described) => (
            <Input
              {...described}
              value={pasted}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => setPasted(event.target.value)}
            />
          )}
        </Field>
      )}
      <Field label={words.setup.name} error={tried ? problems.name : undefined}>
        {(described) => (
          <Input
            {...described}
            value={name}
            maxLength={64}
            autoComplete="username"
            autoCapitalize="none"
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label={words.setup.password} hint={<PasswordStrength password={password} />} error={tried ? problems.password : undefined}>
        {(described) => (
          <SecretInput
            {...described}
            value={password}
            maxLength={1024}
            autoComplete="new-password"
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" look="primary" busy={create.isPending}>
        {words.setup.act}
      </Button>
    </form>
  );
}
