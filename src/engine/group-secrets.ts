/** What a group signs its adverts with, read from where the operator keeps it. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { GroupConfig, KeyConfig, SecretSource } from '../config/config.js';
import type { Key } from '../core/authentication.js';
import type { Secrets, SecretSize } from '../ports/secrets.js';
import { PASSWORD_BYTES } from '../wire/vrrp.js';
import type { GroupSecrets } from './group-plan.js';
import type { StartRefusal } from './start-refusal.js';

/** As keepalived: what HMAC-SHA-256 makes use of. */
const KEY_SIZE: SecretSize = { from: 32, to: 64 };
const PASSWORD_SIZE: SecretSize = { from: 1, to: PASSWORD_BYTES };

/** The group's secrets, or every reason why one cannot be had. */
export async function readSecrets(
  group: GroupConfig,
  secrets: Secrets,
): Promise<Result<GroupSecrets, readonly StartRefusal[]>> {
  const { authentication } = group;
  const read = (source: SecretSource, size: SecretSize): ReturnType<typeof readOne> =>
    readOne(group.name, secrets, { source, size });
  if (authentication === undefined) {
    return ok({ password: undefined, authentication: undefined });
  }
  if (authentication.kind === 'password') {
    const password = await read(authentication.secret, PASSWORD_SIZE);
    return password.ok
      ? ok({ password: password.value, authentication: undefined })
      : fail([password.error]);
  }
  const keys = await Promise.all(
    authentication.keys.map(({ id, secret }) => readKey(id, () => read(secret, KEY_SIZE))),
  );
  const refusals = keys.flatMap((each) => (each.ok ? [] : [each.error]));
  const { mode, signWith, window, replay } = authentication;
  return refusals.length > 0
    ? fail(refusals)
    : ok({
        password: undefined,
        authentication: {
          mode,
          signWith,
          window,
          replay,
          keys: keys.flatMap((each) => (each.ok ? [each.value] : [])),
        },
      });
}

async function readKey(
  id: KeyConfig['id'],
  read: () => ReturnType<typeof readOne>,
): Promise<Result<Key, StartRefusal>> {
  const secret = await read();
  return secret.ok ? ok({ id, secret: secret.value }) : secret;
}

async function readOne(
  group: string,
  secrets: Secrets,
  { source, size }: { readonly source: SecretSource; readonly size: SecretSize },
): Promise<Result<Uint8Array, StartRefusal>> {
  const read = await secrets.read(source, size);
  return read.ok
    ? ok(read.value)
    : fail({ code: 'secret', detail: `group ${group}: ${read.error.detail}` });
}
