import type * as Library from "@matrix-org/matrix-sdk-crypto-wasm";
import type { OlmMachine } from "@matrix-org/matrix-sdk-crypto-wasm";
import { call } from "./api.ts";
import { sendRequest } from "./outgoing.ts";
import type { MatrixAccount } from "./settings.ts";

/**
 * Signs the device by a key of the account's, so that people's programs don't warn of it. For its first such key no homeserver asks for a password;
 * where the account has one already, its owner signs. https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysdevice_signingupload
 */
export async function signDevice(
  account: MatrixAccount,
  library: typeof Library,
  olm: OlmMachine,
  flush: () => Promise<void>,
): Promise<void> {
  const { hasMaster } = await olm.crossSigningStatus();
  const { uploadKeysRequest, uploadSigningKeysRequest, uploadSignaturesRequest } = await olm.bootstrapCrossSigning(!hasMaster);
  if (uploadKeysRequest) await sendRequest(account, library, olm, uploadKeysRequest as Library.KeysUploadRequest, flush);
  await flush();
  const body = JSON.parse(uploadSigningKeysRequest.body) as Readonly<Record<string, unknown>>;
  const signed = await call(account, "POST", "client/v3/keys/device_signing/upload", body);
  if (signed.ok) await sendRequest(account, library, olm, uploadSignaturesRequest, flush);
  else account.log.warn("matrix-device-unsigned", { why: signed.fault.fault.message });
}
