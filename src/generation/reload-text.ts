/** Why a file is not taken over while the daemon runs, in words: what was found, and what to do. */
import type { Result } from '../base/result.js';
import { fail } from '../base/result.js';
import type { Config } from '../config/config.js';
import type { ConfigChange } from '../config/config-changes.js';
import { changeInWords, digestOf, sharedLines } from '../config/config-changes.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { PlannedChange, SharedDifference } from '../telemetry/reload.js';
import type { SharedPart } from '../wire/pair/reload.js';

/** As one line, cut. */
export function inWords(changes: readonly PlannedChange[]): string {
  const words = changes.map(({ path, from, to, takes }) =>
    changeInWords({ path, from, to, takes }),
  );
  return words.join(', ').slice(0, MOST_CHARACTERS);
}

/** Undefined where nothing does. `node`: where it would be needed, if not here. */
export function needsRestart(
  changes: readonly PlannedChange[],
  node?: string,
): Refusal | undefined {
  const restart = changes.filter(({ takes }) => takes === 'restart');
  const daemon = node === undefined ? 'the daemon' : `the daemon on ${node}`;
  const detail = `${daemon} is built on what was changed (${inWords(restart)}): it needs a restart with SIGUSR2 on each node, the backup first`;
  return restart.length === 0 ? undefined : { code: 'needs-restart', detail };
}

export function needsAgreement(changes: readonly ConfigChange[], why: string): Refusal {
  const detail = `both nodes must change this at the same moment (${inWords(changes)}), and ${why}. ${OTHERWISE}`;
  return { code: 'needs-agreement', detail };
}

/** Both files were read, and do not say the same. */
export function differingFiles(
  { node, peer }: { readonly node: string; readonly peer: string },
  config: Config,
  shared: SharedPart | undefined,
): Refusal {
  const code = 'needs-agreement';
  if (shared === undefined) {
    const detail = `${peer} runs an older version, which changes nothing together with ${node}. ${OTHERWISE}`;
    return { code, detail };
  }
  const differing = (sharedDifferences(config, shared) ?? []).map(
    ({ path, here, there }) =>
      `${path} is ${here ?? 'nothing'} on ${node} and ${there ?? 'nothing'} on ${peer}`,
  );
  const which = differing.length === 0 ? 'in more than can be told' : differing.join(', ');
  const detail = `both nodes must change this at the same moment, and their files differ: ${which.slice(0, MOST_CHARACTERS)}. Bring both files in line and reload again`;
  return { code, detail };
}

/** Undefined where the other node does not say. */
export function sharedDifferences(
  config: Config,
  shared: SharedPart | undefined,
): readonly SharedDifference[] | undefined {
  const own = sharedLines(config);
  if (shared === undefined) {
    return undefined;
  }
  if (shared.digest === digestOf(own)) {
    return [];
  }
  if (shared.lines.length === 0) {
    return undefined;
  }
  const here = new Map(own.map(({ path, value }) => [path, value]));
  const there = new Map(shared.lines.map(({ path, value }) => [path, value]));
  return [...new Set([...here.keys(), ...there.keys()])]
    .toSorted()
    .flatMap((path) =>
      here.get(path) === there.get(path)
        ? []
        : [{ path, here: here.get(path), there: there.get(path) }],
    );
}

/** With what is wrong with the file, where that is why. */
export function refusalInWords({ detail, problems }: Refusal): string {
  return [detail, ...(problems ?? [])].join('; ').slice(0, MOST_REFUSAL);
}

export function refuse(code: Refusal['code'], detail: string): Result<never, Refusal> {
  return fail({ code, detail });
}

const OTHERWISE =
  'Where it cannot wait: restart the daemons with SIGUSR2, one after the other, the backup first';
const MOST_CHARACTERS = 400;
const MOST_REFUSAL = 1000;
