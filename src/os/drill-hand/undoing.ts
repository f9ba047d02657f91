/** Each fault of a drill undone, from what was written down before it was done. Doing so twice, or for nothing, does no harm. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatCidr } from '../../base/ip.js';
import type { Result } from '../../base/result.js';
import { done, fail } from '../../base/result.js';
import { millis } from '../../base/time.js';
import { unreachable } from '../../base/unreachable.js';
import { undoOrder } from '../../core/drill-hand.js';
import { endBurners } from './burners.js';
import { undropScript } from './dropping.js';
import type { FaultPorts } from './faults.js';
import { removeFiller } from './filler.js';
import type { Undo } from './hand-record.js';
import { putLinkUp } from './link-down.js';
import { signalTo } from './process-identity.js';
import { removeRefusedLine } from './refused-line.js';

export type UndoPorts = Pick<FaultPorts, 'processes' | 'rules' | 'addresses' | 'clock'>;

/** The last first; what fails is tried again. Resolves with what a person has to do, a sentence each. */
export async function undoAll(
  begun: readonly Undo[],
  ports: UndoPorts,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const each of undoOrder(begun)) {
    let outcome = await tryToUndo(each, ports);
    for (let again = 1; !outcome.ok && again < ATTEMPTS; again += 1) {
      await sleep(AGAIN_AFTER_MS);
      outcome = await tryToUndo(each, ports);
    }
    if (!outcome.ok) {
      problems.push(outcome.error);
    }
  }
  return problems;
}

/** Whatever happens with one of them, the others are undone. */
async function tryToUndo(undo: Undo, ports: UndoPorts): Promise<Result<undefined, string>> {
  try {
    return await undoOne(undo, ports);
  } catch (error) {
    return fail(`${undo.kind}: it could not be undone (${String(error)})`);
  }
}

async function undoOne(undo: Undo, ports: UndoPorts): Promise<Result<undefined, string>> {
  switch (undo.kind) {
    case 'nothing':
      return done;
    case 'go-on':
      undo.processes.toReversed().forEach((each) => {
        signalTo(each, 'SIGCONT');
      });
      return done;
    case 'proxy-config':
      return takeLine(undo.path);
    case 'link-up':
      return putLinkUp(undo, ports);
    case 'rules':
      return undrop(ports);
    case 'take-address':
      return takeAddress(undo, ports);
    case 'burners':
      endBurners(undo.mark);
      return done;
    case 'filler':
      return removeFiller(undo.path);
    case 'command':
      return run(undo.command, ports);
    default:
      return unreachable(undo);
  }
}

/** What outlives a boot, or stays when no file tells of it. Resolves with what was found, a sentence each. */
export function sweep(paths: {
  readonly config: string | undefined;
  readonly filler: string;
}): readonly string[] {
  const found: string[] = [];
  try {
    const line = paths.config === undefined ? 'not there' : removeRefusedLine(paths.config);
    if (line !== 'not there') {
      found.push(`the refused line of a drill in ${paths.config ?? ''} was ${line}`);
    }
  } catch {
    // What cannot be written, no drill has written.
  }
  if (existsSync(paths.filler) && removeFiller(paths.filler).ok) {
    found.push(`${paths.filler}, with which a drill had filled the disk, was removed`);
  }
  return found;
}

function takeLine(path: string): Result<undefined, string> {
  try {
    removeRefusedLine(path);
    return done;
  } catch (error) {
    return fail(
      `take the last line out of ${path}, which HAProxy refuses: it could not be removed (${String(error)})`,
    );
  }
}

async function undrop({ rules }: UndoPorts): Promise<Result<undefined, string>> {
  const deleted = await rules(undropScript(), 'load');
  return deleted.ok
    ? done
    : fail(
        `delete the tables netdev and inet vipair_drill with nft: they could not be removed (${deleted.error.detail})`,
      );
}

async function takeAddress(
  { address, interface: name }: Undo & { readonly kind: 'take-address' },
  { addresses, processes }: UndoPorts,
): Promise<Result<undefined, string>> {
  const held = await addresses.held(name);
  const there = held.ok
    ? held.value.find(({ cidr }) => cidr.address === address.address)
    : undefined;
  // The daemon has taken it over meanwhile, by right: it carries its mark.
  if (held.ok && (there === undefined || there.ours)) {
    return done;
  }
  const command = ['ip', 'address', 'del', formatCidr(address), 'dev', name];
  return run(command, { processes });
}

async function run(
  command: readonly string[],
  { processes }: Pick<UndoPorts, 'processes'>,
): Promise<Result<undefined, string>> {
  const [program = '', ...args] = command;
  const ran = await processes.run(program, args, { within: COMMAND_DEADLINE });
  return ran.ok
    ? done
    : fail(`run \`${command.join(' ')}\`: it failed (${ran.error.detail.trim()})`);
}

const ATTEMPTS = 3;
const AGAIN_AFTER_MS = 500;
const COMMAND_DEADLINE = millis(30_000);
