import type * as Library from "@matrix-org/matrix-sdk-crypto-wasm";
import type { OlmMachine } from "@matrix-org/matrix-sdk-crypto-wasm";
import { ok, type Result } from "../../core/errors.ts";
import type { CallFailure } from "../../core/platform-call.ts";
import { call, path } from "./api.ts";
import type { MatrixAccount } from "./settings.ts";

type Outgoing = Awaited<ReturnType<OlmMachine["outgoingRequests"]>>[number];

/** One answer may bring more to ask for; what is left waits for the next time. */
const mostRounds = 5;

/**
 * Sends what the library wants to be asked of the homeserver: keys, whose keys there are, messages for devices. One failure keeps none of the
 * others back; the library names it again the next time.
 */
export async function sendOutgoing(
  account: MatrixAccount,
  library: typeof Library,
  olm: OlmMachine,
  flush: () => Promise<void>,
  signal?: AbortSignal,
): Promise<CallFailure | undefined> {
  let failed: CallFailure | undefined;
  const tried = new Set<string>();
  for (let round = 0; round < mostRounds; round++) {
    const requests = (await olm.outgoingRequests()).filter(({ id }) => id !== undefined && !tried.has(id));
    if (requests.length === 0) break;
    for (const request of requests) {
      tried.add(String(request.id));
      const sent = await sendRequest(account, library, olm, request, flush, signal);
      if (!sent.ok) failed = sent.fault;
    }
  }
  return failed;
}

/** Sends one, and tells the library what came of it. */
export async function sendRequest(
  account: MatrixAccount,
  library: typeof Library,
  olm: OlmMachine,
  request: Outgoing,
  flush: () => Promise<void>,
  signal?: AbortSignal,
): Promise<Result<undefined, CallFailure>> {
  await flush();
  const [method, where] = addressOf(library.RequestType, request);
  const answer = await call(account, method, `client/v3/${where}`, JSON.parse(request.body) as Readonly<Record<string, unknown>>, {
    ...(signal ? { signal } : {}),
    timeoutMs: 60_000,
    maxBytes: 64 * 1024 * 1024,
  });
  if (!answer.ok) {
    account.log.warn("matrix-keys-unsent", { what: where.split("/", 2).join("/"), why: answer.fault.fault.message });
    return answer;
  }
  if (request.id !== undefined) await olm.markRequestAsSent(request.id, request.type, JSON.stringify(answer.value));
  return ok(undefined);
}

/** https://spec.matrix.org/v1.16/client-server-api/#key-management-api and #send-to-device-messaging */
function addressOf(types: typeof Library.RequestType, request: Outgoing): readonly ["POST" | "PUT", string] {
  switch (request.type) {
    case types.KeysUpload:
      return ["POST", "keys/upload"];
    case types.KeysQuery:
      return ["POST", "keys/query"];
    case types.KeysClaim:
      return ["POST", "keys/claim"];
    case types.SignatureUpload:
      return ["POST", "keys/signatures/upload"];
    case types.ToDevice: {
      const { event_type: type, txn_id: transaction } = request as Library.ToDeviceRequest;
      return ["PUT", path("sendToDevice", type, transaction)];
    }
    case types.RoomMessage: {
      const { room_id: room, event_type: type, txn_id: transaction } = request as Library.RoomMessageRequest;
      return ["PUT", path("rooms", room, "send", type, transaction)];
    }
    default:
      return ["PUT", `room_keys/keys?version=${encodeURIComponent((request as Library.KeysBackupRequest).version)}`];
  }
}
