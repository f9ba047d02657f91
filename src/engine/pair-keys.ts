/** The keys of the pair channel, from the files that an operator keeps them in. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { PairConfig } from '../config/config.js';
import type { Secrets, SecretSize } from '../ports/secrets.js';
import type { StartRefusal } from './start-refusal.js';

/** What `vipair keygen` writes has more: 64 hexadecimal digits. */
const KEY_SIZE: SecretSize = { from: 32, to: 128 };

/** Every key, or every reason why one cannot be had. */
export async function readPairKeys(
  { keyFiles }: PairConfig,
  secrets: Secrets,
): Promise<Result<readonly Uint8Array[], readonly StartRefusal[]>> {
  const read = await Promise.all(
    keyFiles.map((path) => secrets.read({ kind: 'file', path }, KEY_SIZE)),
  );
  const refusals = read.flatMap((each) =>
    each.ok ? [] : [{ code: 'secret', detail: `pair.key_file: ${each.error.detail}` } as const],
  );
  return refusals.length > 0
    ? fail(refusals)
    : ok(read.flatMap((each) => (each.ok ? [each.value] : [])));
}
