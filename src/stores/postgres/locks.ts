/**
 * Advisory locks of the database: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS. They are the server's,
 * so a killed process leaves none behind. The first number says that they are ours.
 */
const ours = 0x706f6c79;

export const locks = {
  /** Of one transaction that changes the schema. */
  migrate: `SELECT pg_advisory_xact_lock(${ours}, 1)`,
  /** One writer at a time: the numbers of stories, messages and ledger entries are in the order in which they become visible. */
  write: `SELECT pg_advisory_xact_lock(${ours}, 2)`,
  /** The owner's, as long as its connection lives. Whether it was free. */
  own: `SELECT pg_try_advisory_lock(${ours}, 3) AS free`,
  /** That of each of several gateways that share the store: none of them can be beside an owner that has it alone. */
  share: `SELECT pg_try_advisory_lock_shared(${ours}, 3) AS free`,
  /** Of the gateway that makes a backup, as long as that connection of its lives. Whether it was free. */
  backup: `SELECT pg_try_advisory_lock(${ours}, 4) AS free`,
  /** https://www.postgresql.org/docs/current/view-pg-locks.html: two numbers are the columns `classid` and `objid`. */
  owned: `SELECT EXISTS (
    SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = ${ours} AND objid = 3 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS owned`,
} as const;
