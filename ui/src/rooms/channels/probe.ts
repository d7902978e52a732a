import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Schemas, take } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { words } from "../../words/words.ts";
import { collect, type SettingField, type SettingValues } from "./setting-fields.ts";

interface ProbeOptions {
  readonly channel: string;
  readonly fields: readonly SettingField[];
  readonly values: SettingValues;
  /** Takes the secrets that the form leaves out from this account. */
  readonly account?: string;
}

/** A form of settings with its real connection test: what is typed is checked here, then by the platform. */
export function useProbe({ channel, fields, values, account }: ProbeOptions) {
  const [tried, setTried] = useState(false);
  const needed = account === undefined ? fields : fields.map((field) => (field.kind === "secret" ? { ...field, required: false } : field));
  const { settings, problems } = collect(needed, values);
  const probe = useMutation({
    mutationFn: () => take(api.POST("/api/accounts/probe", { body: { channel, settings, ...(account !== undefined && { account }) } })),
  });
  const fault = probe.error ? faultOf(probe.error) : undefined;
  const named = fault && fields.find((field) => new RegExp(`(^|[^A-Za-z])${field.key}([^A-Za-z]|$)`).test(fault.message));
  const isFieldFault = named && (fault.code === "request-invalid" || fault.code === "account-invalid");

  const errors: { [key: string]: string | undefined } = {};
  if (tried) for (const [key, problem] of Object.entries(problems)) errors[key] = words.channels.problems[problem];
  if (isFieldFault) errors[named.key] ??= fault.message;

  return {
    settings,
    errors,
    valid: Object.keys(problems).length === 0,
    busy: probe.isPending,
    identity: probe.data?.identity,
    /** What isn't shown at a field. */
    fault: isFieldFault ? undefined : fault,
    /** Marks what is missing; false when something is. */
    check: () => {
      setTried(true);
      return Object.keys(problems).length === 0;
    },
    run: () => probe.mutateAsync().then(({ identity }): Schemas["Identity"] => identity),
    reset: () => probe.reset(),
  };
}
