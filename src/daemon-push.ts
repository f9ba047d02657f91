/** What a daemon has of pushes: files of its proxy to the other node, and from it. */
import type { DaemonOptions, DaemonPorts } from './daemon-ports.js';
import { peerOf } from './daemon-ports.js';
import type { Result } from './base/result.js';
import { done, fail } from './base/result.js';
import { refusalInWords } from './generation/reload-text.js';
import type { Reloader } from './generation/reloader.js';
import { explainSwitchover } from './operator/refusal-text.js';
import type { Desk } from './operator/desk.js';
import type { PairLink } from './pair/pair-link.js';
import type { Servers } from './ports/served.js';
import { Push } from './push/push.js';
import type { SwitchoverRefusal } from './telemetry/operator-refusals.js';
import type { PushPorts } from './push/push.js';

export interface PushParts extends Pick<PushPorts, 'groups' | 'running'> {
  readonly pair: PairLink | undefined;
  readonly servers: Servers;
  readonly reloader: Pick<Reloader, 'reload'>;
  readonly desk: () => Pick<Desk, 'switchover'>;
  /** Why the group cannot be given to the other node now. */
  readonly refusalOf: (group: string) => SwitchoverRefusal | undefined;
}

/** Undefined where no proxy is configured, or on a machine that has no files for it. */
export function pushFor(
  options: DaemonOptions,
  {
    clock,
    log,
    random,
    proxy,
    pushedFiles,
  }: Pick<DaemonPorts, 'clock' | 'log' | 'random' | 'proxy' | 'pushedFiles'>,
  { pair, reloader, desk, refusalOf, ...parts }: PushParts,
): Push | undefined {
  const { node, version, configFile } = options;
  return pushedFiles === undefined || proxy === undefined
    ? undefined
    : new Push(
        { node, version, configFile, peer: peerOf(options) },
        {
          ...{ clock, log, random, proxy, files: pushedFiles, ...parts },
          ask: pair === undefined ? undefined : (ask, body, within) => pair.ask(ask, body, within),
          peerVersion: () => pair?.status().release,
          give: (group, to) => {
            const why = to === node ? undefined : inWords(refusalOf(group), node);
            return why === undefined ? give(desk(), group, to) : Promise.resolve(fail(why));
          },
          whyNotGive: (group) => inWords(refusalOf(group), node),
          reload: () => reloadedWhyNot(reloader),
        },
      );
}

function inWords(refusal: SwitchoverRefusal | undefined, node: string): string | undefined {
  if (refusal === undefined) {
    return undefined;
  }
  return refusal.code === 'not-ready'
    ? `it could not take ${refusal.group} over: ${refusal.why}`
    : explainSwitchover(refusal, node).detail;
}

/**
 * On whichever node it can be done. `any`: the two nodes serve by different files, which is why it is asked; whether the
 * other one is ready was looked at.
 */
async function give(
  desk: Pick<Desk, 'switchover'>,
  group: string,
  to: string,
): Promise<Result<undefined, string>> {
  const moved = await desk.switchover({ group, to, successor: 'any' });
  if (!moved.ok) {
    return fail(moved.error.detail);
  }
  return moved.value.kind === 'undone' ? fail(moved.value.reason) : done;
}

async function reloadedWhyNot(reloader: Pick<Reloader, 'reload'>): Promise<string | undefined> {
  const reloaded = await reloader.reload('applied');
  return reloaded.ok ? undefined : refusalInWords(reloaded.error);
}
