import { words } from "../words/words.ts";

/** A refusal of the API, or its absence: what was wrong and what to do. */
export class ApiFault extends Error {
  readonly code: string;
  readonly hint: string;
  readonly status: number;
  readonly requestId: string | undefined;

  constructor(
    fault: { readonly code: string; readonly message: string; readonly hint: string; readonly requestId?: string },
    status: number,
  ) {
    super(fault.message);
    this.name = "ApiFault";
    this.code = fault.code;
    this.hint = fault.hint;
    this.status = status;
    this.requestId = fault.requestId;
  }
}

/** Anything thrown, as a fault: a failed fetch is the gateway out of reach, all else a bug of this app. */
export function faultOf(thrown: unknown): ApiFault {
  if (thrown instanceof ApiFault) return thrown;
  if (thrown instanceof TypeError && !navigator.onLine) return new ApiFault({ code: "offline", ...words.faults.offline }, 0);
  if (thrown instanceof TypeError) return new ApiFault({ code: "unreachable", ...words.faults.unreachable }, 0);
  return new ApiFault(
    { code: "internal", message: thrown instanceof Error ? thrown.message : String(thrown), hint: words.faults.internal },
    0,
  );
}

/** What the server answered instead of data. A proxy in between may answer with anything. */
export function faultFrom(body: unknown, status: number): ApiFault {
  const error = (body as { error?: { code?: unknown; message?: unknown; hint?: unknown; requestId?: unknown } } | undefined)?.error;
  if (typeof error?.code === "string" && typeof error.message === "string") {
    return new ApiFault(
      {
        code: error.code,
        message: error.message,
        hint: typeof error.hint === "string" ? error.hint : "",
        ...(typeof error.requestId === "string" && { requestId: error.requestId }),
      },
      status,
    );
  }
  return new ApiFault({ code: "unexpected", message: words.faults.unexpected(status), hint: words.faults.unreachable.hint }, status);
}
