/** All that a hand has done and is about to do, in a file: from it alone anybody can undo it. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Cidr } from '../../base/ip.js';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import type { Instant } from '../../base/time.js';
import type { NodePicture } from '../../core/drill-picture.js';
import type { HandState } from '../../core/drill-order.js';
import type { ProcessIdentity } from './process-identity.js';

/** How one fault is undone. Each may be undone also where it was never done, or is undone already. */
export type Undo =
  | { readonly kind: 'nothing' }
  /** Processes that were stopped go on. */
  | { readonly kind: 'go-on'; readonly processes: readonly ProcessIdentity[] }
  /** Our line is taken out of a file. */
  | { readonly kind: 'proxy-config'; readonly path: string }
  /** Arguments of `ip address add`, `ip route add` and `ip neigh replace`, of what was there before. */
  | {
      readonly kind: 'link-up';
      readonly interface: string;
      readonly addresses: readonly IpEntry[];
      readonly routes: readonly IpEntry[];
      /** Those that somebody has entered; undefined of a hand that did not note them. */
      readonly neighbours?: readonly IpEntry[] | undefined;
    }
  /** Our nftables rules are deleted. */
  | { readonly kind: 'rules' }
  | { readonly kind: 'take-address'; readonly address: Cidr; readonly interface: string }
  /** Processes that have that word among their arguments are ended. */
  | { readonly kind: 'burners'; readonly mark: string }
  | { readonly kind: 'filler'; readonly path: string }
  | { readonly kind: 'command'; readonly command: readonly string[] };

export interface IpEntry {
  readonly family: '-4' | '-6';
  readonly args: readonly string[];
  /** Of what does not last for ever: what remained of it when it was noted. */
  readonly lifetime?: IpLifetime | undefined;
}

export interface IpLifetime {
  readonly validS: number;
  readonly preferredS: number;
  /** Unix milliseconds. */
  readonly notedAt: number;
}

export interface HandRecord {
  readonly version: 1;
  readonly boot: string;
  readonly hand: ProcessIdentity;
  /** By the clock that all processes of this boot have in common. */
  readonly deadline: Instant | undefined;
  readonly state: HandState;
  /** In the order in which they were begun, or are about to be. */
  readonly undo: readonly Undo[];
  readonly daemon: ProcessIdentity;
  /** Of the node, before anything was done. */
  readonly before: NodePicture;
}

const NAME = 'drill.json';
const OWNER_ONLY = 0o600;

/** Replaced as a whole. Throws where the directory does not take it: then nothing may be done. */
export function writeRecord(directory: string, record: HandRecord): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const path = join(directory, NAME);
  const draft = `${path}.new`;
  const fd = openSync(draft, 'w', OWNER_ONLY);
  try {
    // To the last byte, or it throws: half a record that took the place of a whole one would tell nobody what to undo.
    writeFileSync(fd, JSON.stringify(record));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, path);
}

/** One that nobody can read any more. */
export function removeRecord(directory: string): void {
  rmSync(join(directory, NAME), { force: true });
}

/** Undefined where there is none; an error is a sentence. */
export function readRecord(directory: string): Result<HandRecord | undefined, string> {
  const path = join(directory, NAME);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isMissing ? ok(undefined) : fail(`${path}: ${String(error)}`);
  }
  try {
    const record = JSON.parse(text) as HandRecord;
    // Root wrote it, and it is replaced as a whole: anything else is another version's, or a person's.
    const isWhole =
      (record.version as unknown) === 1 && Array.isArray(record.undo) && isTold(record.state);
    return isWhole
      ? ok({ ...record, state: whole(record.state) })
      : fail(`${path}: not written by this version`);
  } catch {
    return fail(`${path}: damaged`);
  }
}

/** What is undefined is not written. */
function whole({ fired, undone, ...state }: HandState): HandState {
  return { ...state, fired, undone };
}

function isTold(state: HandState): boolean {
  return [state.id, state.phase, state.drill].every((each) => typeof (each as unknown) === 'string')
    ? Array.isArray(state.problems) && Array.isArray(state.left)
    : false;
}
