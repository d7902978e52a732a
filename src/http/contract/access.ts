import { z } from "zod";
import { get, post, put, remove } from "../endpoint.ts";
import * as access from "../schema/access.ts";
import { Done, page } from "../schema/common.ts";

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
  audit: get("/api/audit", "admin", "What operators and the gateway changed, newest first.", {
    query: z.strictObject(page),
    answer: z.array(access.AuditEntry),
  }),
  verifyAudit: get("/api/audit/verify", "admin", "Recomputes the audit log's chain of hashes.", { answer: access.AuditCheck }),
};
