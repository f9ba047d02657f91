/** The shape of a group's authentication: the HMAC trailer, or the simple password of VRRPv2. */
import { z } from 'zod';
import { millis } from '../../base/time.js';
import type { AuthenticationConfig, KeyConfig, SecretSource } from '../config.js';
import {
  absolutePath,
  durationBetween,
  listOf,
  mapping,
  matching,
  oneOf,
  PATH_BYTES,
  wholeNumber,
} from './kinds.js';

const path = absolutePath({ atMost: PATH_BYTES });
const credential = matching(/^[A-Za-z0-9][\w.-]{0,63}$/u, 'the name of a systemd credential');
const keyId = wholeNumber('a key id', { from: 1, to: 255 });

const key = mapping({
  id: keyId.describe('The number that adverts carry, the same on every node.'),
  file: path.optional().describe('A file of mode 0600 with 32 to 64 bytes.'),
  credential: credential.optional().describe("A name in systemd's credentials directory."),
}).transform((value, context): KeyConfig => {
  const secret = sourceOf(value);
  if (secret === undefined) {
    context.addIssue({ code: 'custom', message: 'exactly one of file and credential' });
    return z.NEVER;
  }
  return { id: value.id, secret };
});

/** The window depends on the group's interval, which is known one level up. */
export type DraftAuthentication =
  | Extract<AuthenticationConfig, { kind: 'password' }>
  | (Omit<Extract<AuthenticationConfig, { kind: 'hmac' }>, 'window'> & {
      readonly window: ReturnType<typeof millis> | undefined;
    });

export const authentication: z.ZodType<DraftAuthentication> = mapping({
  mode: oneOf(['receive-only', 'permissive', 'enforce', 'password']).describe(
    'receive-only checks what comes; permissive signs too; enforce refuses what is not signed. password is VRRPv2.',
  ),
  keys: listOf(key, { from: 1, to: 8, of: 'keys' })
    .optional()
    .describe('Several while they are being changed: all are accepted, one signs.'),
  sign_with: keyId.optional().describe('The id of the key that signs: the first, if not given.'),
  window: durationBetween({ from: millis(1000), to: millis(300_000) })
    .optional()
    .describe("How far a sender's clock may differ: three intervals or 5s, if not given."),
  replay: oneOf(['time', 'monotonic'])
    // A node whose clock was set back is heard again by itself.
    .prefault('time')
    .describe('Whether a sender whose clock was set back may begin anew within the window.'),
  file: path.optional().describe('For mode password: a file of mode 0600 with 1 to 8 characters.'),
  credential: credential.optional().describe('For mode password: a systemd credential.'),
}).transform((value, context): DraftAuthentication => {
  const refuse = (where: readonly string[], message: string): never => {
    context.addIssue({ code: 'custom', path: [...where], message });
    return z.NEVER;
  };
  if (value.mode === 'password') {
    const secret = sourceOf(value);
    const strange = (['keys', 'sign_with', 'window'] as const).filter(
      (each) => value[each] !== undefined,
    );
    for (const each of strange) {
      refuse([each], 'nothing: mode password takes file or credential only');
    }
    return secret === undefined
      ? refuse([], 'exactly one of file and credential')
      : { kind: 'password', secret };
  }
  for (const each of (['file', 'credential'] as const).filter((it) => value[it] !== undefined)) {
    refuse([each], `nothing: mode ${value.mode} takes keys`);
  }
  const keys = value.keys ?? [];
  const signWith = value.sign_with ?? keys[0]?.id;
  if (signWith === undefined) {
    return refuse(['keys'], 'a list of 1 to 8 keys');
  }
  const ids = keys.map(({ id }) => id);
  if (new Set(ids).size < ids.length) {
    refuse(['keys'], 'keys whose ids differ');
  }
  if (!ids.includes(signWith)) {
    refuse(['sign_with'], `the id of a key: ${ids.join(' or ')}`);
  }
  const { mode, window, replay } = value;
  return { kind: 'hmac', mode, keys, signWith, window, replay };
});

function sourceOf(value: {
  readonly file?: string | undefined;
  readonly credential?: string | undefined;
}): SecretSource | undefined {
  if ((value.file === undefined) === (value.credential === undefined)) {
    return undefined;
  }
  return value.file === undefined
    ? { kind: 'credential', name: value.credential ?? '' }
    : { kind: 'file', path: value.file };
}
