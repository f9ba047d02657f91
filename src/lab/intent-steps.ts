/** What happens to a pair in which a server is drained, one thing after the other. */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { askServer } from '../api/client.js';
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import type { LabFailure } from './failure.js';
import { askHaproxy, proxyWorker } from './haproxy-socket.js';
import type { Lab } from './lab.js';
import type { LabNode } from './node.js';
import { controlSocketOf } from './readiness.js';
import type { NodeName } from './topology.js';
import { NODE_NAMES } from './topology.js';

export interface IntentStep {
  readonly name: string;
  readonly story: string;
  readonly expected: 'drain' | 'ready';
  /** Of which node nothing can be asked afterwards. */
  readonly off?: (parties: IntentParties) => NodeName;
  act(lab: Lab, parties: IntentParties): Promise<Result<undefined, LabFailure>>;
}

export interface IntentParties {
  /** Where it is said to HAProxy. */
  readonly here: NodeName;
  readonly there: NodeName;
}

/** The server in question. */
export const DRAINED = 'web/web1';

export const INTENT_STEPS: readonly IntentStep[] = [
  {
    name: 'as configured',
    story: 'nobody has said anything',
    expected: 'ready',
    act: () => Promise.resolve(done),
  },
  {
    name: 'drained',
    story: `set server ${DRAINED} state drain, said to HAProxy itself on the master`,
    expected: 'drain',
    act: async (lab: Lab, { here }: IntentParties): Promise<Result<undefined, LabFailure>> => {
      const said = await askHaproxy(lab.nodes[here], `set server ${DRAINED} state drain`);
      return said.ok ? refusedUnlessEmpty(said.value) : said;
    },
  },
  {
    name: 'HAProxy reloaded here',
    story:
      'SIGUSR2 to HAProxy on the master, as systemctl reload does: a new worker reads haproxy.cfg',
    expected: 'drain',
    act: (lab, { here }) => reloadProxy(lab.nodes[here]),
  },
  {
    name: 'HAProxy reloaded there',
    story: 'the same on the backup',
    expected: 'drain',
    act: (lab, { there }) => reloadProxy(lab.nodes[there]),
  },
  {
    name: 'HAProxy restarted there',
    story: 'HAProxy is killed on the backup, and started again by vipair',
    expected: 'drain',
    act: (lab, { there }) => killProxy(lab.nodes[there]),
  },
  {
    name: 'HAProxy restarted here',
    story: 'HAProxy is killed on the master, and started again by vipair',
    expected: 'drain',
    act: (lab, { here }) => killProxy(lab.nodes[here]),
  },
  {
    name: 'daemon restarted',
    story: 'both daemons are killed and started again',
    expected: 'drain',
    act: async (lab: Lab): Promise<Result<undefined, LabFailure>> => {
      NODE_NAMES.forEach((name) => lab.nodes[name].strikeEngine('kill'));
      return startAll(lab, async (node) => {
        // A dead process keeps the node's lock until the kernel has cleared it away, as systemd waits for.
        const gone = await node.stopEngine('for-good');
        return gone.ok ? node.startEngine() : gone;
      });
    },
  },
  {
    name: 'failed over',
    story: 'the node where it was said loses its power',
    expected: 'drain',
    off: ({ here }) => here,
    act: async (lab, { here }) => asDone(await lab.nodes[here].powerOff()),
  },
  {
    name: 'rebooted',
    story: 'it boots, with nothing but its disk',
    expected: 'drain',
    act: (lab, { here }) => reboot(lab.nodes[here]),
  },
  {
    name: 'both rebooted',
    story: 'both nodes lose their power at once, and boot with nothing but their disks',
    expected: 'drain',
    act: async (lab: Lab): Promise<Result<undefined, LabFailure>> => {
      const cut = await Promise.all(NODE_NAMES.map((name) => lab.nodes[name].powerOff()));
      const failed = cut.find((each) => !each.ok);
      return failed === undefined ? startAll(lab, reboot) : asDone(failed);
    },
  },
  {
    name: 'ready again',
    story: `vipair server ready ${DRAINED}, on the other node`,
    expected: 'ready',
    act: async (lab: Lab, { there }: IntentParties): Promise<Result<undefined, LabFailure>> => {
      const wanted = { server: DRAINED, aspect: 'admin', value: 'ready' } as const;
      const said = await askServer(controlSocketOf(lab.nodes[there]), wanted);
      return said.ok ? done : fail({ code: 'not-ready', detail: JSON.stringify(said.error) });
    },
  },
];

function killProxy(node: LabNode): Promise<Result<undefined, LabFailure>> {
  node.strikeProxy('kill');
  return Promise.resolve(done);
}

/** Resolves when another worker answers. */
async function reloadProxy(node: LabNode): Promise<Result<undefined, LabFailure>> {
  const former = await proxyWorker(node);
  node.reloadProxy();
  for (let look = 0; look < RELOAD_LOOKS; look += 1) {
    await sleep(RELOAD_LOOK_MS);
    const worker = await proxyWorker(node);
    if (worker !== undefined && worker !== former) {
      return done;
    }
  }
  return fail({ code: 'not-ready', detail: `${node.name}: HAProxy has not been reloaded` });
}

/** Five seconds. */
const RELOAD_LOOKS = 250;
const RELOAD_LOOK_MS = 20;

/** /run is empty after a boot; the state directory is on a disk. */
function reboot(node: LabNode): Promise<Result<undefined, LabFailure>> {
  rmSync(node.files.runtimeDirectory, { recursive: true, force: true });
  return node.powerOn();
}

async function startAll(
  lab: Lab,
  start: (node: LabNode) => Promise<Result<undefined, LabFailure>>,
): Promise<Result<undefined, LabFailure>> {
  const started = await Promise.all(NODE_NAMES.map((name) => start(lab.nodes[name])));
  return started.find((each) => !each.ok) ?? done;
}

function refusedUnlessEmpty(answer: string): Result<undefined, LabFailure> {
  return answer.trim() === '' ? done : fail({ code: 'not-ready', detail: answer.trim() });
}

function asDone(outcome: Result<unknown, LabFailure>): Result<undefined, LabFailure> {
  return outcome.ok ? done : outcome;
}
