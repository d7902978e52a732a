import { z } from "zod";
import { Instant, Json, named, Role } from "./common.ts";

/** What people read in lists and logs: one line, nothing invisible. */
const line = z
  .string()
  .trim()
  .min(1)
  .refine((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text), "must not hold control or invisible characters");
const name = line.max(64);
const password = z.string().min(1).max(1_024);

export const Status = named("Status", z.object({ version: z.string(), needsSetup: z.boolean() }));

export const Setup = named(
  "Setup",
  z.strictObject({
    token: z.string().min(1).max(256).meta({ description: "From the `#setup=` link that the gateway printed at its start." }),
    name,
    password: password.meta({ description: "12 characters or more." }),
  }),
);

export const Login = named("Login", z.strictObject({ name, password }));

export const ChangePassword = named("ChangePassword", z.strictObject({ current: password, next: password }));

export const Operator = named("Operator", z.object({ id: z.string(), name: z.string(), role: Role, createdAt: Instant }));

/** Who asks. `role` is what counts now: of a token, the lower one of its own and its operator's. */
export const Me = named(
  "Me",
  z.object({
    operator: Operator,
    role: Role,
    via: z.enum(["login", "token"]),
    label: z.string(),
    expiresAt: Instant.optional(),
  }),
);

export const NewToken = named(
  "NewToken",
  z.strictObject({
    label: line.max(100),
    role: Role.optional().meta({ description: "Your own if absent; never higher." }),
    days: z.number().int().min(1).max(3_650).optional().meta({ description: "Until it expires; absent: it doesn't." }),
  }),
);

export const Token = named(
  "Token",
  z.object({
    id: z.string().meta({ description: "The first 16 characters of the hash under which it is stored." }),
    label: z.string(),
    role: Role,
    operator: z.string(),
    createdAt: Instant,
    expiresAt: Instant.optional(),
  }),
);

export const MadeToken = named(
  "MadeToken",
  z.object({ ...Token.shape, token: z.string().meta({ description: "Shown this once: only its hash is kept." }) }),
);

export const AuditEntry = named(
  "AuditEntry",
  z.object({
    n: z.number().int(),
    at: Instant,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    detail: z.record(z.string(), Json).optional(),
    hash: z.string(),
  }),
);

export const AuditCheck = named("AuditCheck", z.object({ entries: z.number().int(), brokenAt: z.number().int().optional() }));
