import type { Records } from "../core/records.ts";
import type { Tables } from "./tables.ts";
import type { Read, Write } from "./work.ts";

interface Parts {
  readonly read: Read;
  readonly write: Write;
  readonly backup: Records["backup"];
}

export function recordsOf(tables: Tables, { read, write, backup }: Parts): Records {
  const { trace, looking, stories, queue, notices, troubles, people, changes, audit } = tables;
  return {
    trace,
    stories: (tenant, page) => read(() => stories(tenant, page)),
    story: (tenant, trace) => read(() => tables.story(tenant, trace)),
    conversations: (tenant, page) => read(() => tables.list.list(tenant, page)),
    conversationCounts: (tenant, reader) => read(() => tables.list.counts(tenant, reader)),
    markSeen: (mark) => write(() => tables.list.seen(mark)),
    conversation: (tenant, id) => read(() => looking.conversation(tenant, id)),
    findConversation: (tenant, account, chat, thread) => read(() => looking.find(tenant, account, chat, thread)),
    messages: (tenant, conversation, page) => read(() => looking.messages(tenant, conversation, page)),
    exportMessages: (tenant, filter) => read(() => tables.exports.messages(tenant, filter)),
    exportConversations: (tenant, filter) => read(() => tables.list.inOrder(tenant, filter)),
    search: (tenant, filter) => read(() => tables.search(tenant, filter)),
    deliveries: (tenant, filter) => read(() => queue.list(tenant, filter)),
    delivery: (tenant, id) => read(() => queue.get(tenant, id)),
    deadLetters: (tenant, filter) => read(() => tables.dead.list(tenant, filter)),
    deadLetter: (tenant, id) => read(() => tables.dead.get(tenant, id)),
    counts: (tenant) => read(() => queue.counts(tenant)),
    recentEntries: (tenant, { before, limit }) => read(() => tables.ledger.recent(tenant, limit, before)),
    troubles,
    endedCalls: (tenant, limit) => read(() => tables.calls.ended(tenant, limit)),
    callLog: (tenant, page) => read(() => tables.usage.log(tenant, page)),
    async usage(tenant, filter) {
      while (await write(tables.usage.fold));
      return read(() => tables.usage.list(tenant, filter));
    },
    figures: (tenant, filter) =>
      read(function* () {
        return { rows: yield* tables.hours.list(tenant, filter), behind: yield* tables.figures.behind() };
      }),
    budgetStates: (tenant, budget, window, limit) => read(() => tables.budgets.states(tenant, budget, window, limit)),
    raiseBudget: (tenant, raise, by, at) =>
      write(function* () {
        yield* tables.budgets.allow(tenant, raise, raise.tokens, raise.amount);
        const { budget, key, window, tokens, amount } = raise;
        yield* audit.add({ tenant, at, actor: by, action: "budget-raise", subject: budget, detail: { key, window, tokens, amount } });
        yield* changes.bump(tenant);
      }),
    notices: (tenant) => read(() => notices.list(tenant)),
    alertStates: (tenant) => read(() => tables.alerts.states(tenant)),
    alertFirings: (tenant, limit) => read(() => tables.alerts.firings(tenant, limit)),
    changeAlerts: (change) => write(() => tables.alerts.change(change)),
    pairings: (tenant, now) => read(() => tables.pairings.list(tenant, now)),
    settlePairing: (tenant, choice, verdict, by, at) =>
      write(function* () {
        const settled = yield* tables.pairings.settle(tenant, choice, verdict, by, at);
        if (settled) yield* changes.bump(tenant);
        return settled;
      }),
    cannedReplies: (tenant) => read(() => tables.cannedReplies.list(tenant)),
    putCannedReply: (tenant, reply, by, at) => write(() => tables.cannedReplies.put(tenant, reply, by, at)),
    removeCannedReply: (tenant, name, by, at) => write(() => tables.cannedReplies.remove(tenant, name, by, at)),
    acceptedTools: (tenant, server) => read(() => tables.acceptedTools.of(tenant, server)),
    meetTools: (tenant, server, digests, at) => write(() => tables.acceptedTools.meet(tenant, server, digests, at)),
    acceptTools: (tenant, server, digests, by, at) => write(() => tables.acceptedTools.accept(tenant, server, digests, by, at)),
    noteAgents: (tenant, versions, at) => write(() => tables.agentVersions.note(tenant, versions, at)),
    agentVersions: (tenant, agent) => read(() => tables.agentVersions.list(tenant, agent)),

    setControl: (tenant, id, control, version, by, at, change) =>
      write(() => changes.setControl(tenant, id, control, version, by, at, change)),
    takeOver: (tenant, id, takeover, by, at) => write(() => changes.takeOver(tenant, id, takeover, by, at)),
    assign: (tenant, id, assignment, by, at) => write(() => changes.assign(tenant, id, assignment, by, at)),
    lastAgent: (tenant, id) => read(() => tables.handovers.lastAgent(tenant, id)),
    handovers: (tenant, filter) => read(() => tables.handovers.list(tenant, filter)),
    waitingHandovers: (tenant, limit) => read(() => tables.handovers.waiting(tenant, limit)),
    dueReturns: (now, limit) => read(() => tables.handovers.due(now, limit)),
    addNote: (tenant, note) => write(() => tables.notes.add(tenant, note)),
    notes: (tenant, id, page) => read(() => tables.notes.list(tenant, id, page)),
    setPaused: (tenant, account, paused, by, at) => write(() => changes.setPaused(tenant, account, paused, by, at)),
    pausedAccounts: (tenant) => read(() => changes.paused(tenant)),

    operators: (tenant) => read(() => people.operators(tenant)),
    operatorByName: (tenant, name) => read(() => people.byName(tenant, name)),
    addOperator: (operator, { onlyFirst }) => write(() => people.add(operator, onlyFirst)),
    setPassword: (tenant, operator, passwordHash, at) => write(() => people.setPassword(tenant, operator, passwordHash, at)),
    operatorNames: (tenant) => read(() => people.names(tenant)),
    setRole: (tenant, operator, role) => write(() => people.setRole(tenant, operator, role)),
    removeOperator: (tenant, operator, at) => write(() => people.remove(tenant, operator, at)),
    addInvited: (hash, operator) => write(() => people.join(hash, operator)),
    resetPassword: (hash, passwordHash, at) => write(() => people.reset(hash, passwordHash, at)),
    addCredential: (credential) => write(() => people.addCredential(credential)),
    credential: (hash) => read(() => people.credential(hash)),
    credentials: (tenant, kind) => read(() => people.credentials(tenant, kind)),
    seeCredential: (tenant, hash, at, expiresAt) => write(() => people.see(tenant, hash, at, expiresAt)),
    revokeCredential: (tenant, hash, at) => write(() => people.revoke(tenant, hash, at)),

    putSecret: (tenant, name, sealed, at) => write(() => changes.putSecret(tenant, name, sealed, at)),
    addSecret: (tenant, name, sealed, at) => write(() => changes.addSecret(tenant, name, sealed, at)),
    secret: (tenant, name) => read(() => changes.secret(tenant, name)),
    secrets: (tenant) => read(() => changes.secrets(tenant)),
    removeSecret: (tenant, name) => write(() => changes.removeSecret(tenant, name)),
    replaceSecrets: (tenant, sealed, at) => write(() => changes.replaceSecrets(tenant, sealed, at)),
    settings: (tenant) => read(() => changes.settings(tenant)),
    putSetting: (tenant, path, value, by, at) => write(() => changes.putSetting(tenant, path, value, by, at)),
    version: (tenant) => read(() => changes.version(tenant)),

    audit: (entry) => write(() => audit.add(entry)),
    auditLog: (tenant, page) => read(() => audit.list(tenant, page)),
    verifyAudit: (tenant) => audit.verify(tenant),

    backup,
  };
}
