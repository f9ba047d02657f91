/**
 * Whether the other node would serve just as this one does: by the same files, and with what operators want of servers.
 * Where it cannot be asked nothing is said; the pair channel has its own word on that.
 */
import { millis } from '../base/time.js';
import { differencesInWords, isServedBy } from '../telemetry/generation.js';
import type { OwnNode, Peer } from './ports.js';

/** What the other node is asked for. */
export const INTENT_DIGEST = 'intent-digest';

/** What is otherwise there, in a sentence; undefined where nothing is, as far as is known. */
export async function inequality(
  own: OwnNode,
  peer: Peer | undefined,
): Promise<string | undefined> {
  if (peer === undefined) {
    return undefined;
  }
  const differing = own.status().generation?.differences.filter(isServedBy) ?? [];
  if (differing.length > 0) {
    return `it would serve otherwise: ${differencesInWords(differing, peer.name).join('; ')}`;
  }
  const mine = own.intentDigest();
  const theirs = await peer.ask(INTENT_DIGEST, '', ANSWERED_WITHIN);
  return theirs.ok && theirs.value !== mine && theirs.value !== own.intentDigest()
    ? 'it has not heard yet all that operators want of servers'
    : undefined;
}

/** A question of a few bytes; with the channel down there is an answer at once. */
const ANSWERED_WITHIN = millis(1000);
