import { describe } from "node:test";
import { alertContract } from "./store/alerts.ts";
import { blockContract } from "./store/blocks.ts";
import { budgetContract } from "./store/budgets.ts";
import { deadContract } from "./store/dead.ts";
import { draftContract } from "./store/drafts.ts";
import { figuresContract } from "./store/figures.ts";
import type { Open } from "./store/fixture.ts";
import { handoversContract } from "./store/handovers.ts";
import { inboxContract } from "./store/inbox.ts";
import { joinContract } from "./store/joins.ts";
import { keptAnswerContract } from "./store/kept-answers.ts";
import { noticeContract } from "./store/notices.ts";
import { outboxContract } from "./store/outbox.ts";
import { ownCallContract } from "./store/own-calls.ts";
import { pastContract } from "./store/past.ts";
import { receiptContract } from "./store/receipts.ts";
import { recordsContract } from "./store/records.ts";
import { refusalContract } from "./store/refusals.ts";
import { retentionContract } from "./store/retention.ts";
import { searchContract } from "./store/search.ts";
import { touchContract } from "./store/touches.ts";
import { turnContract } from "./store/turns.ts";
import { unreadContract } from "./store/unread.ts";

/** What every store owes to the path, from outside. `open` makes a fresh installation for each test. */
export function storeContract(name: string, open: Open): void {
  describe(`${name} keeps the store contract`, () => {
    inboxContract(open);
    turnContract(open);
    joinContract(open);
    pastContract(open);
    refusalContract(open);
    draftContract(open);
    blockContract(open);
    outboxContract(open);
    receiptContract(open);
    touchContract(open);
    budgetContract(open);
    ownCallContract(open);
    keptAnswerContract(open);
    noticeContract(open);
    alertContract(open);
    recordsContract(open);
    unreadContract(open);
    handoversContract(open);
    retentionContract(open);
    deadContract(open);
    searchContract(open);
    figuresContract(open);
  });
}
