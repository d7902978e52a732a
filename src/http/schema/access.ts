import { z } from "zod";
import { Instant, Json, named, page, Role } from "./common.ts";

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

export const OperatorView = named(
  "OperatorView",
  z.object({
    ...Operator.shape,
    logins: z.number().int(),
    tokens: z.number().int(),
    seenAt: Instant.optional().meta({ description: "When a login or token was last used, to the hour." }),
  }),
);

export const SetRole = named("SetRole", z.strictObject({ role: Role }));

export const Invitation = named(
  "Invitation",
  z.object({ id: z.string(), label: z.string(), role: Role, createdAt: Instant, expiresAt: Instant }),
);

export const NewInvitation = named(
  "NewInvitation",
  z.strictObject({
    label: line.max(100).meta({ description: "Whom it is for." }),
    role: Role.meta({ description: "Never above your own." }),
    days: z.number().int().min(1).max(30).default(7),
  }),
);

export const MadeLink = named(
  "MadeLink",
  z.object({
    ...Invitation.shape,
    secret: z.string().meta({ description: "Shown this once. The link is `<the gateway's address>/#invite=<secret>`, or `#reset=`." }),
  }),
);

const linkSecret = z.string().min(1).max(256).meta({ description: "From the link." });
export const Join = named(
  "Join",
  z.strictObject({ token: linkSecret, name, password: password.meta({ description: "12 characters or more." }) }),
);
export const ResetPassword = named("ResetPassword", z.strictObject({ token: linkSecret, password }));

export const LoginView = named(
  "LoginView",
  z.object({
    id: z.string(),
    operator: z.string(),
    label: z.string().meta({ description: "What the browser calls itself." }),
    createdAt: Instant,
    expiresAt: Instant.optional(),
    seenAt: Instant.optional(),
    current: z.boolean(),
  }),
);

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
    seenAt: Instant.optional().meta({ description: "When it was last used, to the hour." }),
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
    name: z.string().optional().meta({ description: "What the actor, an operator, is or was called." }),
    action: z.string(),
    subject: z.string(),
    detail: z.record(z.string(), Json).optional(),
    hash: z.string(),
  }),
);

const time = z.coerce.number().int().min(0).optional();
export const AuditQuery = z.strictObject({
  ...page,
  actor: z.string().max(200).optional().meta({ description: "An operator's id, `token:<label>`, `cli` or `gateway`." }),
  action: z.string().max(64).optional(),
  subject: z.string().max(256).optional(),
  from: time.meta({ description: "Milliseconds since 1970; included." }),
  to: time.meta({ description: "Milliseconds since 1970; included." }),
});

export const AuditCheck = named("AuditCheck", z.object({ entries: z.number().int(), brokenAt: z.number().int().optional() }));
