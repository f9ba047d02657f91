/** Which hardware address this machine's kernel has for a neighbour: where it sends what it sends to the target. */
import type { Ip } from '../base/ip.js';
import { millis } from '../base/time.js';
import type { ProcessHost } from '../ports/process-host.js';

/** `ip` answers within milliseconds. */
const ANSWERS_WITHIN = millis(2_000);

/** Undefined: none, as behind a router, or where nothing was sent to it for long. */
export async function neighbourOf(
  target: Ip,
  processes: Pick<ProcessHost, 'run'>,
): Promise<string | undefined> {
  const listed = await processes.run('ip', ['neigh', 'show', 'to', target], {
    within: ANSWERS_WITHIN,
  });
  return listed.ok ? readNeighbour(listed.value.stdout) : undefined;
}

/** Of the lines of `ip neigh show to ADDRESS`; an entry that failed has no `lladdr`. */
export function readNeighbour(text: string): string | undefined {
  return /\blladdr ([\da-f]{2}(?::[\da-f]{2}){5})\b/iu.exec(text)?.[1]?.toLowerCase();
}
