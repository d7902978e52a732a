import { z } from "zod";
import { get, post, put, remove } from "../endpoint.ts";
import * as access from "../schema/access.ts";
import { Done } from "../schema/common.ts";

/** Logins, tokens and the audit log. */
export const accessGroup = {
  status: get("/api/status", "public", "Version, and whether there is an owner yet.", { answer: access.Status }),
  setup: post("/api/setup", "public", "Creates the owner with the one-time setup token, and signs in.", {
    body: access.Setup,
    answer: access.Me,
    status: 201,
  }),
  login: post("/api/login", "public", "Signs in: sets the login cookie.", { body: access.Login, answer: access.Me }),
  logout: post("/api/logout", "viewer", "Ends the login (or revokes the token) that asks.", { answer: Done }),
  me: get("/api/me", "viewer", "Who asks.", { answer: access.Me }),
  changePassword: put("/api/me/password", "viewer", "Changes the own password; ends all other logins.", {
    loginOnly: true,
    body: access.ChangePassword,
    answer: access.Me,
  }),
  tokens: get("/api/tokens", "viewer", "Own tokens that are valid; all of them for admins.", { answer: z.array(access.Token) }),
  makeToken: post("/api/tokens", "viewer", "Makes a token for a machine.", {
    loginOnly: true,
    body: access.NewToken,
    answer: access.MadeToken,
    status: 201,
  }),
  revokeToken: remove("/api/tokens/{id}", "viewer", "Revokes a token: an own one, or any for admins.", { answer: Done }),
  operators: get("/api/operators", "admin", "Who may in, with which role.", { answer: z.array(access.OperatorView) }),
  setRole: put("/api/operators/{id}", "admin", "Gives an operator another role; it counts at once.", {
    loginOnly: true,
    body: access.SetRole,
    answer: access.Operator,
  }),
  removeOperator: remove("/api/operators/{id}", "admin", "Removes an operator, with every login and token.", {
    loginOnly: true,
    answer: Done,
  }),
  makeResetLink: post("/api/operators/{id}/reset", "admin", "Makes a link under which the operator chooses a new password, for a day.", {
    loginOnly: true,
    answer: access.MadeLink,
    status: 201,
  }),
  resetPassword: post("/api/reset", "public", "Chooses a new password under such a link; ends all logins, and signs in.", {
    body: access.ResetPassword,
    answer: access.Me,
  }),
  invitations: get("/api/invitations", "admin", "Invitations that nobody has used yet.", { answer: z.array(access.Invitation) }),
  invite: post("/api/invitations", "admin", "Makes a link under which somebody becomes an operator.", {
    loginOnly: true,
    body: access.NewInvitation,
    answer: access.MadeLink,
    status: 201,
  }),
  takeBackInvitation: remove("/api/invitations/{id}", "admin", "Makes an invitation void.", { answer: Done }),
  join: post("/api/join", "public", "Becomes an operator under an invitation, and signs in.", {
    body: access.Join,
    answer: access.Me,
    status: 201,
  }),
  logins: get("/api/logins", "viewer", "Own logins; everybody's for admins.", { answer: z.array(access.LoginView) }),
  endLogin: remove("/api/logins/{id}", "viewer", "Signs a login out: an own one, or any for admins.", { answer: Done }),
  audit: get("/api/audit", "admin", "What operators and the gateway changed, newest first.", {
    query: access.AuditQuery,
    answer: z.array(access.AuditEntry),
  }),
  verifyAudit: get("/api/audit/verify", "admin", "Recomputes the audit log's chain of hashes.", { answer: access.AuditCheck }),
};
