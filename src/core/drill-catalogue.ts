/** The catalogue of drills: what each does to which node, what must come of it, and how it is undone. */
import type { Millis } from '../base/time.js';
import { longer, millis, scale, sum } from '../base/time.js';
import { adverts, drops, dropServers, everythingOn, toServer } from './drill-drops.js';
import type { DrillFault } from './drill-fault.js';
import type { DrillLimits } from './drill-limits.js';
import type { DrillNeed, DrillScene } from './drill-scene.js';

/** In the order in which an operator would dare to try them. */
export const DRILL_NAMES = [
  'switchover',
  'daemon-restart',
  'proxy-bad-reload',
  'channel-cut',
  'vrrp-filtered-one-way',
  'vrrp-filtered-both-ways',
  'address-stolen',
  'duplicate-address',
  'table-divergence',
  'backend-down-one',
  'proxy-crash',
  'proxy-hang',
  'daemon-crash',
  'daemon-freeze',
  'link-down',
  'port-blackhole',
  'isolated',
  'backend-down-node',
  'backend-down-pair',
  'cpu-starvation',
  'disk-full',
  'node-power-loss',
  'clock-step',
] as const;
export type DrillName = (typeof DRILL_NAMES)[number];

/** `may-move`: whoever is quicker, the next daemon or the peer; either is right. */
export type DrillExpectation = 'moves' | 'may-move' | 'stays';

export interface DrillDefinition {
  /** Each of these a sentence. */
  readonly summary: string;
  readonly must: string;
  readonly undo: string;
  readonly needs: readonly DrillNeed[];
  /** `simulator`: it cannot be done to one of two nodes and undone again without harm, so `npm run sim` does it. */
  readonly where: 'live' | 'simulator';
  /** `really`: it is not done without `--really`. */
  readonly consent: 'usual' | 'really';
  /** Whose role it is done to. */
  readonly to: 'master' | 'backup';
  readonly expected: DrillExpectation;
  /** On that node, and on the other one. */
  readonly faults: (scene: DrillScene) => readonly DrillFault[];
  readonly otherFaults?: (scene: DrillScene) => readonly DrillFault[];
  readonly lasts: (scene: DrillScene) => Millis;
  /** What clients may notice, at the most, by default. */
  readonly gap: (scene: DrillScene) => Millis;
  /**
   * `both may be master`: where neither watches its neighbours, the one that was cut off cannot know it, and the next
   * advert of either decides which of the two remains, by rank.
   */
  readonly meeting?: 'both may be master';
  /** Whether one failed request is one too many. */
  readonly failed: 'none' | 'some';
  /** `asked for`: it is about stick tables, so that both HAProxys are asked for every row in the end. */
  readonly tables: 'as known' | 'asked for';
}

const NOTHING = 'Nothing has to be undone.';
const RULES_GO = 'The rules that drop the packets are removed.';
const STAYS = 'Nothing moves, and no client notices.';

export const DRILLS: Readonly<Record<DrillName, DrillDefinition>> = {
  switchover: {
    summary: 'The group is given to the other node, as for maintenance.',
    must: 'The other node takes it over, and no new connection fails.',
    undo: 'It stays where it is then; another switchover brings it back.',
    ...kindOf('master', 'moves', 'none'),
    needs: ['ready-backup'],
    faults: () => [],
    lasts: () => millis(1500),
    gap: () => A_MOMENT,
  },
  'daemon-restart': {
    summary: 'The daemon of the master is restarted, as an upgrade does.',
    must: STAYS,
    undo: NOTHING,
    ...kindOf('master', 'stays', 'none'),
    faults: () => [{ kind: 'restart-daemon' }],
    lasts: () => millis(4000),
    gap: () => A_MOMENT,
  },
  'proxy-bad-reload': {
    summary: 'The master is to reload a haproxy.cfg with a mistake in it.',
    must: 'It is refused, the running HAProxy serves on, and nothing moves.',
    undo: 'The file is put back as it was.',
    ...kindOf('master', 'stays', 'none'),
    needs: ['supervised-proxy'],
    faults: () => [{ kind: 'bad-proxy-config' }],
    lasts: () => millis(3000),
    gap: () => A_MOMENT,
  },
  'channel-cut': {
    summary: 'The pair channel is cut; the LAN is whole.',
    must: STAYS,
    undo: RULES_GO,
    ...kindOf('backup', 'stays', 'none'),
    needs: ['channel'],
    faults: ({ channelPorts }) => [drops(channelPorts.map((port) => ({ what: 'port', port })))],
    lasts: quietly,
    gap: () => A_MOMENT,
  },
  'vrrp-filtered-one-way': {
    summary: 'The adverts of the master do not leave it, as behind a filter.',
    must: 'Nothing moves: the pair channel says that the master is well.',
    undo: RULES_GO,
    ...kindOf('master', 'stays', 'none'),
    needs: ['channel'],
    faults: (scene) => [drops(adverts(scene, ['out']))],
    lasts: quietly,
    gap: () => A_MOMENT,
  },
  'vrrp-filtered-both-ways': {
    summary: 'No adverts pass between the nodes, as with a filtered multicast group.',
    must: 'Nothing moves: the pair channel says that the master is well.',
    undo: RULES_GO,
    ...kindOf('master', 'stays', 'none'),
    needs: ['channel'],
    faults: (scene) => [drops(adverts(scene, ['out', 'in']))],
    lasts: quietly,
    gap: () => A_MOMENT,
  },
  'address-stolen': {
    summary: 'The first address is taken from the master’s interface, as a network manager does.',
    must: 'The master puts it back at once, and nothing moves.',
    undo: 'The master’s daemon puts it back; nobody else has to.',
    ...kindOf('master', 'stays', 'some'),
    faults: ({ addresses }) =>
      addresses.slice(0, 1).map((each) => ({ kind: 'remove-address', ...each })),
    lasts: () => millis(2000),
    gap: () => HALF_A_SECOND,
  },
  'duplicate-address': {
    summary: 'The backup’s interface gets the first address, and announces it.',
    must: 'The backup’s kernel does not answer for it, the master announces itself again, and nothing moves.',
    undo: 'The address is removed from the backup, if it is still there.',
    ...kindOf('backup', 'stays', 'some'),
    faults: ({ addresses }) =>
      addresses.slice(0, 1).map((each) => ({ kind: 'add-address', ...each })),
    lasts: () => millis(3000),
    gap: ({ advertInterval }) => sum(millis(1000), advertInterval),
  },
  'table-divergence': {
    summary: 'The replicator of the backup stands still while clients go on.',
    must: 'Nothing moves, and the stick tables are the same again soon after it goes on.',
    undo: 'The replicator goes on.',
    ...kindOf('backup', 'stays', 'none'),
    needs: ['tables'],
    tables: 'asked for',
    faults: () => [{ kind: 'signal', to: 'replicator', signal: 'stop' }],
    lasts: () => millis(4000),
    gap: () => A_MOMENT,
  },
  'backend-down-one': {
    summary: 'The master reaches one of its servers no more.',
    must: 'Nothing moves: the proxy serves from the others.',
    undo: RULES_GO,
    ...kindOf('master', 'stays', 'some'),
    needs: ['servers'],
    faults: ({ servers }) => [drops(servers.slice(0, 1).map(toServer))],
    lasts: () => millis(5000),
    gap: () => millis(2000),
  },
  'proxy-crash': {
    summary: 'HAProxy, master process and workers, is killed on the master.',
    must: 'The other node takes over at once, and HAProxy is started again.',
    undo: NOTHING,
    ...kindOf('master', 'moves', 'some'),
    needs: ['proxy', 'ready-backup'],
    faults: () => [{ kind: 'signal', to: 'proxy', signal: 'kill' }],
    lasts: () => millis(3000),
    gap: () => HALF_A_SECOND,
  },
  'proxy-hang': {
    summary: 'HAProxy stands still on the master: it is there, and answers nothing.',
    must: 'It is noticed by its silence, and the other node takes over.',
    undo: 'HAProxy goes on, or was started again by its daemon.',
    ...kindOf('master', 'moves', 'some'),
    needs: ['proxy', 'ready-backup'],
    faults: () => [{ kind: 'signal', to: 'proxy', signal: 'stop' }],
    lasts: ({ proxySilence }) => sum(scale(proxySilence, 2), millis(2000)),
    gap: ({ proxySilence }) => sum(proxySilence, millis(1000)),
  },
  'daemon-crash': {
    summary: 'The daemon of the master is killed; its service manager starts it again.',
    must: 'The next daemon is back within the lease, or the other node takes over: never two owners.',
    undo: 'Its service manager starts the daemon; where none does, the report says that a person has to.',
    ...kindOf('master', 'may-move', 'some'),
    needs: ['ready-backup'],
    faults: () => [{ kind: 'signal', to: 'daemon', signal: 'kill' }],
    lasts: takenOver,
    gap: takeover,
  },
  'daemon-freeze': {
    summary: 'The daemon of the master stands still, as on a machine that is starved.',
    must: 'Its kernel falls silent when the lease ends, and the other node takes over: never two owners.',
    undo: 'The daemon goes on, and stays backup.',
    ...kindOf('master', 'moves', 'some'),
    needs: ['ready-backup'],
    faults: () => [{ kind: 'signal', to: 'daemon', signal: 'stop' }],
    lasts: (scene) => sum(takenOver(scene), scene.masterDown),
    gap: takeover,
  },
  'link-down': {
    summary: 'The interface of the group goes down on the master.',
    must: 'The other node takes over.',
    undo: 'The interface comes up again, with the addresses and routes that it had.',
    ...kindOf('master', 'moves', 'some'),
    needs: ['ready-backup'],
    faults: ({ interfaces }) => interfaces.map((each) => ({ kind: 'link-down', interface: each })),
    lasts: takenOver,
    gap: takeover,
  },
  'port-blackhole': {
    summary: 'The LAN swallows all that the master sends and is sent; its carrier stays.',
    must: 'The master finds that its neighbours do not answer, and the other node takes over.',
    undo: RULES_GO,
    ...kindOf('master', 'moves', 'some'),
    needs: ['channel', 'reachability', 'ready-backup'],
    faults: ({ interfaces }) => [drops(interfaces.map(everythingOn))],
    lasts: (scene) => sum(takenOver(scene), millis(1000)),
    gap: (scene) => sum(takeover(scene), millis(2000)),
  },
  isolated: {
    summary: 'The master is cut off: no LAN, no pair channel.',
    must: 'The other node takes over, and there is one owner soon after both meet again.',
    undo: RULES_GO,
    ...kindOf('master', 'moves', 'some'),
    needs: ['ready-backup'],
    faults: ({ interfaces, channelPorts }) => [
      drops([
        ...interfaces.map(everythingOn),
        ...channelPorts.map((port) => ({ what: 'port', port }) as const),
      ]),
    ],
    lasts: takenOver,
    gap: (scene) => sum(takeover(scene), millis(1000)),
    meeting: 'both may be master',
  },
  'backend-down-node': {
    summary: 'The master reaches none of its servers; the backup reaches them all.',
    must: 'The other node, which is healthier then, takes over.',
    undo: RULES_GO,
    ...kindOf('master', 'moves', 'some'),
    needs: ['servers', 'all-servers', 'tracked-backends', 'ready-backup'],
    faults: dropServers,
    lasts: (scene) => sum(foundDown(scene), takeover(scene)),
    gap: (scene) => sum(foundDown(scene), takeover(scene)),
  },
  'backend-down-pair': {
    summary: 'Neither node reaches any of its servers.',
    must: 'Nothing moves: the other node is no healthier.',
    undo: RULES_GO,
    ...kindOf('master', 'stays', 'some'),
    needs: ['channel', 'servers', 'all-servers', 'tracked-backends'],
    faults: dropServers,
    otherFaults: dropServers,
    lasts: foundDown,
    // Nobody serves while it lasts, and then until HAProxy has found its servers up.
    gap: (scene) => sum(foundDown(scene), HAPROXY_FINDS),
  },
  'cpu-starvation': {
    summary: 'More programs than the master has processors compute without end.',
    must: 'Nothing moves: the daemon goes first.',
    undo: 'The programs are ended.',
    ...kindOf('master', 'stays', 'some'),
    faults: ({ processors }) => [{ kind: 'burn-processors', processes: processors + 1 }],
    lasts: (scene) => longer(quietly(scene), millis(4000)),
    // HAProxy has its share of the processors, and no more: it may answer late for as long as it lasts.
    gap: (scene) => sum(longer(quietly(scene), millis(4000)), millis(2000)),
  },
  'disk-full': {
    summary: 'The file system of the master’s state directory is full.',
    must: STAYS,
    undo: 'The file that fills it is removed.',
    ...kindOf('master', 'stays', 'none'),
    needs: ['state-disk'],
    faults: () => [{ kind: 'fill-disk' }],
    lasts: quietly,
    gap: () => A_MOMENT,
  },
  'node-power-loss': {
    summary: 'The master loses its power, by the site’s own command, which the other node runs.',
    must: 'The other node takes over.',
    undo: 'The site’s other command gives it its power back.',
    ...kindOf('master', 'moves', 'some'),
    needs: ['power-commands', 'ready-backup'],
    consent: 'really',
    faults: () => [],
    otherFaults: ({ master }) => [{ kind: 'power-off', node: master }],
    lasts: takenOver,
    gap: takeover,
  },
  'clock-step': {
    summary: 'The wall clock of one node is set an hour on, and back.',
    must: STAYS,
    undo: 'The clock is set back.',
    ...kindOf('master', 'stays', 'none'),
    where: 'simulator',
    faults: () => [],
    lasts: quietly,
    gap: () => A_MOMENT,
  },
};

/** What most have in common. */
function kindOf(
  to: DrillDefinition['to'],
  expected: DrillExpectation,
  failed: DrillDefinition['failed'],
): Pick<DrillDefinition, 'to' | 'expected' | 'failed' | 'needs' | 'where' | 'consent' | 'tables'> {
  const usual = { where: 'live', consent: 'usual', tables: 'as known' } as const;
  return { to, expected, failed, needs: [], ...usual };
}

/** By default: what is said in a configuration or on the command line goes before. */
export function defaultLimits(name: DrillName, scene: DrillScene): DrillLimits {
  const { gap, expected, failed, meeting } = DRILLS[name];
  const gapMs = gap(scene);
  const meet = meeting !== undefined && !scene.has.has('reachability');
  const back = meet || scene.failback === 'by itself' ? 1 : 0;
  return {
    gapMs,
    failed: failed === 'none' ? 0 : undefined,
    streamsBroken: expected === 'stays' && failed === 'none' ? 0 : undefined,
    twoOwnersMs: meet ? TWO_OWNERS + scene.advertInterval : TWO_OWNERS,
    noOwnerMs: gapMs,
    moves: expected === 'stays' ? 0 : 1 + back,
  };
}

/** From the fault on, until the other node serves at the latest. */
function takeover({ masterDown }: DrillScene): Millis {
  return sum(masterDown, HALF_A_SECOND);
}

/** Long enough for the new owner to have been it for a while. */
function takenOver(scene: DrillScene): Millis {
  return sum(takeover(scene), millis(2500));
}

/** Long enough for a backup that was fooled to have taken over. */
function quietly({ masterDown }: DrillScene): Millis {
  return sum(scale(masterDown, 2), millis(1500));
}

/** Until HAProxy has found its servers down, and the group's trackers have. */
function foundDown({ backendsLook }: DrillScene): Millis {
  return sum(backendsLook, HAPROXY_FINDS);
}

/** One lost packet of a client that tries again at once; what the measurement itself can tell apart. */
const A_MOMENT = millis(250);
const HALF_A_SECOND = millis(500);
/** Three checks two seconds apart, as its defaults have it, and what they wait for. */
const HAPROXY_FINDS = millis(8000);
/** Answers that were under way, and what the one who asks has of time between two questions. In milliseconds. */
const TWO_OWNERS = 50;
