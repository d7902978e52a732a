import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { meQuery } from "../../api/queries.ts";
import { Button, buttonLook } from "../../parts/button.tsx";
import { Field, Input, SecretInput } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { forgetLink, type LinkKind, linkToken } from "../../shell/link.ts";
import { words } from "../../words/words.ts";
import { Door } from "./door.tsx";
import { PasswordStrength, shortestPassword } from "./strength.tsx";

/** Who was invited chooses a name and a password. */
export function Join() {
  return (
    <LinkDoor kind="invite" title={words.link.joinTitle} lead={words.link.joinLead}>
      {(token) => (
        <PasswordForm
          named
          act={words.link.join}
          enter={(name, password) => take(api.POST("/api/join", { body: { token, name, password } }))}
        />
      )}
    </LinkDoor>
  );
}

/** Who lost the password chooses another. */
export function Reset() {
  return (
    <LinkDoor kind="reset" title={words.link.resetTitle} lead={words.link.resetLead}>
      {(token) => (
        <PasswordForm act={words.link.reset} enter={(_, password) => take(api.POST("/api/reset", { body: { token, password } }))} />
      )}
    </LinkDoor>
  );
}

interface LinkDoorProps {
  readonly kind: LinkKind;
  readonly title: string;
  readonly lead: string;
  readonly children: (token: string) => React.ReactNode;
}

/** The link's token is in memory only: a page that was loaded anew needs the link again. */
function LinkDoor({ kind, title, lead, children }: LinkDoorProps) {
  const token = linkToken(kind);
  if (token !== undefined) {
    return (
      <Door title={title} lead={lead}>
        {children(token)}
      </Door>
    );
  }
  return (
    <Door title={words.link.noneTitle} lead={words.link.noneLead}>
      <Link to="/login" className={buttonLook({ look: "plain" })}>
        {words.login.act}
      </Link>
    </Door>
  );
}

interface PasswordFormProps {
  readonly act: string;
  readonly named?: boolean;
  readonly enter: (name: string, password: string) => Promise<Schemas["Me"]>;
}

function PasswordForm({ act, named = false, enter }: PasswordFormProps) {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const entering = useMutation({
    mutationFn: () => enter(name.trim(), password),
    onSuccess: async (me) => {
      forgetLink();
      // Somebody else may have been signed in here.
      cache.clear();
      cache.setQueryData(meQuery.queryKey, me);
      await navigate({ to: "/", replace: true });
    },
  });
  const refused = entering.error ? faultOf(entering.error) : undefined;
  const nameless = named && !name.trim();
  const short = password.length < shortestPassword;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!nameless && !short) entering.mutate();
  };
  return (
    <form noValidate onSubmit={submit} className="grid gap-5">
      {refused && (
        <Notice tone="bad" live title={refused.message}>
          {refused.hint}
        </Notice>
      )}
      {named && (
        <Field label={words.setup.name} error={tried && nameless ? words.setup.nameMissing : undefined}>
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
      )}
      <Field
        label={words.setup.password}
        hint={<PasswordStrength password={password} />}
        error={tried && short ? words.setup.passwordShort(shortestPassword) : undefined}
      >
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
      <Button type="submit" look="primary" busy={entering.isPending}>
        {act}
      </Button>
    </form>
  );
}
