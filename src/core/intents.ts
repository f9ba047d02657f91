/** What operators may state, as registers: how a server of the proxy is to be used, and whether there is to be one. */
import { fits } from './registers.js';

/** As HAProxy says it: `drain` takes no new clients, `maint` nobody and no checks. */
export type AdminState = (typeof ADMIN_STATES)[number];
export const ADMIN_STATES = ['ready', 'drain', 'maint'] as const;

export type Aspect = (typeof ASPECTS)[number];
export const ASPECTS = ['admin', 'weight'] as const;

/** All that can be stated of a server. `existence`: see `server-existence.ts`. */
export type StatedOf = Aspect | 'existence';

/** Of its backend too: `BACKEND/SERVER`. */
export type ServerName = string;

/** Absolute, or as a share of what is configured. */
export type Weight =
  | { readonly kind: 'absolute'; readonly weight: number }
  | { readonly kind: 'share'; readonly percent: number };

/** What {@link Weight} says of a server that nobody gave another weight. */
export const USUAL_WEIGHT = '100%';
export const MOST_WEIGHT = 256;

export function keyOf(server: ServerName, aspect: StatedOf): string {
  return `server/${server}/${aspect}`;
}

/** Undefined for registers of something else, or of a version to come. */
export function readKey(
  key: string,
): { readonly server: ServerName; readonly aspect: StatedOf } | undefined {
  const [, server, word] = SERVER_KEY.exec(key) ?? [];
  const aspect = ALL_STATED.find((each) => each === word);
  return server === undefined || aspect === undefined ? undefined : { server, aspect };
}

export function readAdminState(text: string): AdminState | undefined {
  return ADMIN_STATES.find((each) => each === text);
}

/** Undefined for what HAProxy would not take either. */
export function readWeight(text: string): Weight | undefined {
  const [, digits, sign] = WEIGHT.exec(text) ?? [];
  const value = Number(digits);
  if (digits === undefined) {
    return undefined;
  }
  if (sign === '%') {
    return { kind: 'share', percent: value };
  }
  return value <= MOST_WEIGHT ? { kind: 'absolute', weight: value } : undefined;
}

/** What that is for a server that is configured with `configured`; HAProxy rounds down, and ends at 256. */
export function weightFor(weight: Weight, configured: number): number {
  return weight.kind === 'absolute'
    ? weight.weight
    : Math.min(MOST_WEIGHT, Math.floor((configured * weight.percent) / 100));
}

/** Whether the intents of a server of that name can be kept. */
export function isKeepable(server: ServerName): boolean {
  return (
    readKey(keyOf(server, LONGEST)) !== undefined &&
    fits({ key: keyOf(server, LONGEST), value: '' })
  );
}

/** HAProxy's names have no slash in them. */
const SERVER_KEY = /^server\/([^/]+\/[^/]+)\/([^/]+)$/u;
const ALL_STATED: readonly StatedOf[] = [...ASPECTS, 'existence'];
const LONGEST = 'existence';
const WEIGHT = /^(\d{1,5})(%?)$/u;
