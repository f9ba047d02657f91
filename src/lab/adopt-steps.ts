/** What happens to a pair whose HAProxy somebody else runs, one thing after the other, and what each may change. */
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import { millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { LabFailure } from './failure.js';
import { giveAway } from './give-away.js';
import { proxyWorker } from './haproxy-socket.js';
import type { Lab } from './lab.js';
import type { LabNode } from './node.js';
import { eventually } from './pause.js';
import { NODE_NAMES, otherNode } from './topology.js';

export interface AdoptStep {
  readonly name: string;
  readonly story: string;
  /** What becomes of the address, and of HAProxy on the node that had it. */
  readonly address: 'comes' | 'stays' | 'moves' | 'goes';
  readonly proxy: 'untouched' | 'reloaded' | 'another';
  readonly act: (scene: Scene) => Acted;
}

export const ADOPT_STEPS: readonly AdoptStep[] = [
  {
    name: 'vipair added',
    story: 'HAProxy runs on both nodes, as its unit starts it; the daemon is started beside it',
    address: 'comes',
    proxy: 'untouched',
    act: startDaemons,
  },
  {
    name: 'upgraded',
    story: 'the daemon of the owner ends with SIGUSR2 and the next one adopts what it finds',
    address: 'stays',
    proxy: 'untouched',
    act: restartDaemon,
  },
  {
    name: 'HAProxy reloaded',
    story: "SIGUSR2 to HAProxy's master on the owner, as the ExecReload of its unit",
    address: 'stays',
    proxy: 'reloaded',
    act: reload,
  },
  {
    name: 'switchover',
    story: 'vipair switchover',
    address: 'moves',
    proxy: 'untouched',
    act: switchover,
  },
  {
    name: 'HAProxy killed',
    story:
      'kill -9 of HAProxy on the owner; once the other node has the address it is started again as its unit does',
    address: 'moves',
    proxy: 'another',
    act: killProxy,
  },
  {
    name: 'power loss',
    story: 'the owner loses its power, and boots once the other node has the address',
    address: 'moves',
    proxy: 'another',
    act: losePower,
  },
  {
    name: 'vipair removed',
    story: 'both daemons end: HAProxy serves on, as before vipair came',
    address: 'goes',
    proxy: 'untouched',
    act: stopDaemons,
  },
];

/** What a step acts on: the pair, the node that has the address, and the time. */
interface Scene {
  readonly lab: Lab;
  readonly owner: LabNode;
  readonly clock: Clock;
}

type Acted = Promise<Result<undefined, LabFailure>>;

async function startDaemons({ lab }: Scene): Acted {
  for (const name of NODE_NAMES) {
    const started = await lab.nodes[name].startEngine();
    if (!started.ok) {
      return started;
    }
  }
  return done;
}

async function restartDaemon({ owner }: Scene): Acted {
  const stopped = await owner.stopEngine('hand-over');
  return stopped.ok ? owner.startEngine() : stopped;
}

async function reload({ owner, clock }: Scene): Acted {
  const before = await proxyWorker(owner);
  owner.reloadProxy();
  const isAnother = async (): Promise<boolean> => {
    const now = await proxyWorker(owner);
    return now !== undefined && now !== before;
  };
  return (await eventually(clock, { within: RELOADED_WITHIN, every: LOOK_EVERY }, isAnother))
    ? done
    : fail({ code: 'not-ready', detail: 'no other worker of HAProxy answers' });
}

async function switchover({ owner, clock }: Scene): Acted {
  const given = await giveAway(owner, {}, clock);
  return given.ok ? done : given;
}

async function killProxy(scene: Scene): Acted {
  scene.owner.strikeProxy('kill');
  const taken = await takenOver(scene);
  return taken.ok ? scene.owner.startProxy() : taken;
}

async function losePower(scene: Scene): Acted {
  const off = await scene.owner.powerOff();
  const taken = off.ok ? await takenOver(scene) : off;
  return taken.ok ? scene.owner.powerOn() : taken;
}

async function stopDaemons({ lab, owner }: Scene): Acted {
  for (const name of [otherNode(owner.name), owner.name]) {
    const stopped = await lab.nodes[name].stopEngine('for-good');
    if (!stopped.ok) {
      return stopped;
    }
  }
  return done;
}

/** The address is on the other node. */
async function takenOver({ lab, owner, clock }: Scene): Acted {
  const other = otherNode(owner.name);
  const isTaken = async (): Promise<boolean> => (await lab.owner())?.name === other;
  return (await eventually(clock, { within: MOVES_WITHIN, every: LOOK_EVERY }, isTaken))
    ? done
    : fail({ code: 'not-ready', detail: `the address did not move to ${other}` });
}

const RELOADED_WITHIN = millis(5_000);
const MOVES_WITHIN = millis(15_000);
const LOOK_EVERY = millis(20);
