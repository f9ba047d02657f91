/** What another configuration would change, and what it takes to change it. */
import { createHash } from 'node:crypto';
import type { Config } from './config.js';
import type { ConfigLine } from './config-lines.js';
import { configLines, groupLines } from './config-lines.js';

export interface ConfigChange {
  /** Such as `groups.web.failback.kind`. */
  readonly path: string;
  /** Undefined where it was not there before. */
  readonly from: string | undefined;
  /** Undefined where it is there no more. */
  readonly to: string | undefined;
  readonly takes: Takes;
}

/**
 * - `nothing`: this node alone changes it while it runs; no address and no socket is touched.
 * - `agreement`: the other node must change it at the same moment, or they would not understand each other.
 * - `restart`: the daemon is built on it.
 */
export type Takes = 'nothing' | 'agreement' | 'restart';

/** In the order of their paths; none where both mean the same. */
export function changesBetween(before: Config, after: Config): readonly ConfigChange[] {
  const old = valuesOf(configLines(before));
  const next = valuesOf(configLines(after));
  return [...new Set([...old.keys(), ...next.keys()])].toSorted().flatMap((path) => {
    const from = old.get(path);
    const to = next.get(path);
    return from === to ? [] : [{ path, from, to, takes: takesOf(path) }];
  });
}

/** Such as `groups.web.failback.kind: never → manual`. */
export function changeInWords({ path, from, to }: ConfigChange): string {
  return `${path}: ${from ?? 'nothing'} → ${to ?? 'nothing'}`;
}

/** Of a group, what takes agreement, as a digest: nodes that say the same understand each other. */
export function agreementOf(group: Config['groups'][number]): string {
  const lines = groupLines(group).filter(({ path }) => takesOf(path) === 'agreement');
  return createHash('sha256').update(JSON.stringify(lines)).digest('hex').slice(0, DIGEST_DIGITS);
}

function valuesOf(lines: readonly ConfigLine[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { path, value } of lines) {
    const known = values.get(path);
    // What is tracked twice under one name has its lines twice.
    values.set(path, known === undefined ? value : `${known}; ${value}`);
  }
  return values;
}

function takesOf(path: string): Takes {
  if (LIVE.test(path)) {
    return 'nothing';
  }
  return path.startsWith('groups.') && !path.endsWith('.keep_connections')
    ? 'agreement'
    : 'restart';
}

/** What a group makes of what it sees and hears, and nothing that the other node would have to understand. */
const LIVE =
  /^(?:groups\.[^.]+\.(?:failback|start_hold|track|duplicate_probe|announce)(?:\.|$)|proxy\.probe_)/u;
/** Said with every heartbeat; an accident does not hit the same. */
const DIGEST_DIGITS = 16;
