/** Which messages are looked for: it stands in the address. Times are milliseconds since 1970. */
export interface TraceChoice {
  readonly q?: string;
  readonly sender?: string;
  readonly account?: string;
  readonly from?: number;
  readonly to?: number;
}

const text = (value: unknown) => {
  const read = typeof value === "number" ? String(value) : value;
  return typeof read === "string" && read !== "" ? read.slice(0, 100) : undefined;
};
const time = (value: unknown) => (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined);

export function readTraceChoice(search: Record<string, unknown>): TraceChoice {
  const [q, sender, account] = [text(search.q), text(search.sender), text(search.account)];
  const [from, to] = [time(search.from), time(search.to)];
  return {
    ...(q && { q }),
    ...(sender && { sender }),
    ...(account && { account }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

/** As `<input type="datetime-local">` takes it, in the viewer's zone. */
export function toLocal(at: number | undefined): string {
  if (at === undefined) return "";
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function fromLocal(value: string): number | undefined {
  const at = value === "" ? Number.NaN : new Date(value).getTime();
  return Number.isNaN(at) ? undefined : at;
}
