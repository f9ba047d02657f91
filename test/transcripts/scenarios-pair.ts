/** The rows of the arbiter: VRRP and the pair channel, which fail independently, and one decision. */
import { millis } from '../../src/base/time.js';
import type { GroupParams } from '../../src/core/group-params.js';
import type { GroupView } from '../../src/core/peer-view.js';
import type { Scenario, Step } from './scenario.js';
import {
  alarm,
  following,
  GROUP,
  happens,
  hears,
  HIGHER,
  kernelHolds,
  looks,
  LOWER,
  mastering,
  ofGroup,
  starts,
  STRANGER,
  VIP,
} from './scenario.js';

/** It is master with priority 200, and reaches its LAN. */
const MASTER: GroupView = {
  group: 'web',
  role: 'master',
  priority: 200,
  interval: millis(1000),
  address: HIGHER,
  lan: 'reachable',
};

/** A heartbeat a second, so that a transcript shows each of them. */
function says(changes: Partial<GroupView> = {}, after = 1000): Step {
  return happens(
    {
      kind: 'peer-heartbeat',
      interval: millis(1000),
      age: millis(0),
      views: [{ ...MASTER, ...changes }],
    },
    after,
  );
}

const quick: Step = happens(
  { kind: 'peer-heartbeat', interval: millis(100), age: millis(0), views: [MASTER] },
  50,
);
/** It follows a master that it hears on both paths. */
const both: readonly Step[] = [...following, says({}, 10)];
/** Adverts fell silent, and heartbeats went on. */
const brokenPath: readonly Step[] = [...both, says({}, 900), says({}), says({}, 990), quick];
const answered: Step = happens(
  { kind: 'address-claimed', group: 0, claim: { address: VIP, mac: STRANGER } },
  1,
);

const WELL = { kind: 'well' } as const;
const FAILING = { kind: 'failing', why: 'it ended with 1' } as const;
/** Its script fails too. */
const UNFIT: Partial<GroupView> = { role: 'fault', health: 0 };
const TRACKING_DB: GroupParams = {
  ...GROUP,
  things: [
    {
      name: 'db-check',
      thing: { kind: 'script', rise: 2, fall: 2 },
      consequence: { kind: 'fault' },
    },
  ],
};

export const PAIR: readonly Scenario[] = [
  ofGroup({
    name: 'pair-adverts-heard-heartbeat-fresh',
    title: 'Adverts heard, heartbeats fresh',
    rule: ['Plain VRRP.'],
    given: following,
    told: [says({}, 500), hears(200, HIGHER, { after: 500 }), says({}, 500)],
  }),
  ofGroup({
    name: 'pair-heartbeat-gone-probe-answered',
    title: 'Adverts not yet due, heartbeats late or gone, the probe answered',
    rule: [
      'The kernel of a master whose daemon is dead or frozen answers until the lease ends: plain VRRP.',
      'So it does where only the dedicated link is cut: then the next advert comes in time.',
    ],
    given: following,
    told: [quick, alarm, answered, alarm, answered, hears(200, HIGHER, { after: 440 })],
  }),
  ofGroup({
    name: 'pair-heartbeat-gone-probe-unanswered',
    title: 'Adverts not yet due, heartbeats late or gone, the probe unanswered',
    rule: ['Both paths say that it is dead: take over now, without waiting out VRRP’s timer.'],
    given: following,
    told: [quick, alarm, alarm, alarm, alarm, alarm, alarm],
  }),
  ofGroup({
    name: 'pair-heartbeat-gone-over-routers',
    title: 'Adverts silent, heartbeats gone, and nobody can be asked',
    rule: ['Plain VRRP: take over when the timer fires.'],
    group: { ...GROUP, inquiry: 'impossible' },
    given: following,
    told: [quick, alarm, alarm, alarm],
  }),
  ofGroup({
    name: 'pair-path-broken',
    title: 'Adverts silent, heartbeats fresh: “I am master, and my LAN is reachable”',
    rule: ['Hold, and say that the VRRP path is broken; when adverts come again, say that too.'],
    given: [...both, says({}, 900)],
    told: [says({}), says({}, 990), says({}), hears(200, HIGHER, { after: 500 })],
  }),
  ofGroup({
    name: 'pair-path-broken-and-then-silence',
    title: 'Adverts silent for long, and then the heartbeats too',
    rule: [
      'A word of a master counts as an advert: its lease may run for so long. Where its kernel is silent too, that need',
      'not be waited out.',
    ],
    given: brokenPath,
    told: [alarm, alarm, alarm, alarm, alarm, alarm],
  }),
  ofGroup({
    name: 'pair-both-fall-silent',
    title: 'Adverts silent, the last heartbeat still fresh',
    rule: [
      'The master may be late because it stalled: hold for the bounded grace of one heartbeat, then plain VRRP.',
    ],
    given: [...both, says({}, 900), says({}, 990)],
    told: [alarm, alarm],
  }),
  ofGroup({
    name: 'pair-lan-unreachable',
    title: 'Adverts silent, heartbeats fresh: “my LAN is unreachable”',
    rule: ['Take over at once: nobody reaches the master, and by its own word it lets go.'],
    given: both,
    told: [says({ lan: 'unreachable' }, 800), alarm],
  }),
  ofGroup({
    name: 'pair-fault',
    title: 'Heartbeats fresh: “I have a fault”',
    rule: ['Take over at once, also where its priority 0 did not arrive.'],
    given: both,
    told: [says({ role: 'fault' }, 800), alarm],
  }),
  ofGroup({
    name: 'pair-goodbye-stopping',
    title: 'Goodbye: “I am stopping”',
    rule: ['Take over at once.'],
    given: both,
    told: [happens({ kind: 'peer-goodbye', why: 'stopping' }, 500), alarm],
  }),
  ofGroup({
    name: 'pair-goodbye-handing-over',
    title: 'Goodbye: “the next daemon takes my place”',
    rule: ['Its addresses and lease stay: VRRP’s timer, which its last advert stretched, decides.'],
    given: both,
    told: [happens({ kind: 'peer-goodbye', why: 'handing over' }, 500)],
  }),
  ofGroup({
    name: 'pair-proxy-died',
    title: 'Heartbeats fresh: “my proxy died, I am resigning”',
    rule: [
      'The change of its view is said at once, and as good as its priority 0: take over after the skew.',
    ],
    given: both,
    told: [
      says({ role: 'resigning', health: 0 }, 300),
      says({ role: 'fault', health: 0 }, 20),
      alarm,
    ],
  }),
  ofGroup({
    name: 'pair-both-silent',
    title: 'Adverts silent, heartbeats gone, the probe answered all the while',
    rule: ['Plain VRRP: take over when the master-down timer fires, at the latest.'],
    given: both,
    told: [alarm, alarm, answered, alarm],
  }),
  ofGroup({
    name: 'pair-both-unfit-keeps',
    title: 'Both nodes unfit: the owner',
    rule: ['It keeps the addresses: to let go would leave them to nobody.'],
    group: TRACKING_DB,
    given: [starts(), looks(WELL, 100), alarm, kernelHolds, alarm, says(UNFIT, 200)],
    told: [looks(FAILING, 10), looks(FAILING, 10), says({ role: 'backup' }, 50)],
  }),
  ofGroup({
    name: 'pair-both-unfit-takes',
    title: 'Both nodes unfit, and nobody has the addresses',
    rule: [
      'Both rank the two the same way, by who reaches the LAN and who would be master in full health. The one in front',
      'takes part all the same, and takes over when it has listened; the other one stays away.',
    ],
    group: { ...TRACKING_DB, priority: 210 },
    given: [starts(), looks(FAILING, 100), looks(FAILING, 100)],
    told: [says(UNFIT, 200), alarm, alarm, alarm, kernelHolds],
  }),
  ofGroup({
    name: 'pair-both-unfit-stays-away',
    title: 'Both nodes unfit, and the other one is in front',
    rule: ['This one stays away: there is no more than one last resort.'],
    group: TRACKING_DB,
    given: [starts(), looks(FAILING, 100), looks(FAILING, 100)],
    told: [says(UNFIT, 200), alarm],
  }),
  ofGroup({
    name: 'pair-heartbeat-of-the-past',
    title: 'A heartbeat that was long under way',
    rule: [
      'The kernel of a daemon that has died sends its last bytes again and again: they prove no life.',
    ],
    given: [...following, quick, alarm],
    told: [
      happens(
        { kind: 'peer-heartbeat', interval: millis(100), age: millis(800), views: [MASTER] },
        5,
      ),
    ],
  }),
  ofGroup({
    name: 'pair-two-masters-lesser',
    title: 'Two masters that hear each other on the channel only: the lesser',
    rule: ['It gives way, as if it had heard an advert.'],
    given: mastering,
    told: [says({}, 100)],
  }),
  ofGroup({
    name: 'pair-two-masters-greater',
    title: 'Two masters that hear each other on the channel only: the greater',
    rule: ['It stays, and announces again.'],
    given: mastering,
    told: [says({ priority: 100, address: LOWER }, 100)],
  }),
];
