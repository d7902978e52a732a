import { z } from "zod";
import { get, post, put, remove } from "../endpoint.ts";
import * as account from "../schema/account.ts";
import { Done } from "../schema/common.ts";
import * as message from "../schema/message.ts";

/** Accounts on platforms, and who is let in there. */
export const accountsGroup = {
  channels: get("/api/channels", "viewer", "Kinds of platforms, with their forms, abilities and limits.", {
    query: account.KindsQuery,
    answer: z.array(account.ChannelKind),
  }),
  accounts: get("/api/accounts", "viewer", "Configured accounts and how they are.", { answer: z.array(account.Account) }),
  addAccount: post("/api/accounts", "admin", "Adds an account; its secrets go to the vault.", {
    body: account.NewAccount,
    answer: account.Account,
    status: 201,
  }),
  probeAccount: post(
    "/api/accounts/probe",
    "admin",
    "Connects to the platform with settings that aren't saved, and says who we are there.",
    { body: account.ProbeAccount, answer: account.ProbeResult },
  ),
  account: get("/api/accounts/{id}", "viewer", "One account.", { answer: account.Account }),
  changeAccount: put("/api/accounts/{id}", "admin", "Replaces an account's settings; absent secrets stay.", {
    body: account.ChangeAccount,
    answer: account.Account,
  }),
  removeAccount: remove("/api/accounts/{id}", "admin", "Removes an account that was added in the app, and its secrets.", {
    answer: Done,
  }),
  pauseAccount: post("/api/accounts/{id}/pause", "operator", "Stops receiving and sending.", { answer: account.Account }),
  resumeAccount: post("/api/accounts/{id}/resume", "operator", "Takes up receiving and sending again.", { answer: account.Account }),
  pairings: get("/api/pairings", "viewer", "Who asks to be let in where `access.direct` is `pairing`, and who was.", {
    answer: z.array(account.Pairing),
  }),
  approvePairing: post("/api/pairings/approve", "operator", "Lets a sender in.", {
    body: account.SettlePairing,
    answer: account.Pairing,
  }),
  denyPairing: post("/api/pairings/deny", "operator", "Doesn't let a sender in, or not any more.", {
    body: account.SettlePairing,
    answer: account.Pairing,
  }),
  templates: get("/api/accounts/{id}/templates", "operator", "Asks the platform which templates it approved for the account.", {
    answer: z.array(account.KnownTemplate),
  }),
  testAccount: post("/api/accounts/{id}/test", "operator", "Sends a test message, or a template, to a chat of the platform.", {
    body: account.TestMessage,
    answer: message.SentMessage,
    status: 202,
  }),
};
