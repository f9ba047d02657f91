/** What happens to a service, one thing after the other: each is seen by the same connections, made again, and by some that stay. */
import { askServer } from '../../api/client.js';
import type { Result } from '../../base/result.js';
import { done, fail } from '../../base/result.js';
import type { Clock } from '../../ports/clock.js';
import type { LabFailure } from '../failure.js';
import { giveAway } from '../give-away.js';
import type { Lab } from '../lab.js';
import { controlSocketOf } from '../readiness.js';
import { configure, HASH_SERVERS, HASH_SERVICE, socketOf } from './hash-scene.js';
import { askLine } from './line-socket.js';

export interface HashStep {
  readonly name: string;
  /** One sentence for the operator who watches. */
  readonly story: string;
  readonly act: (lab: Lab, clock: Clock) => Promise<Result<undefined, LabFailure>>;
  /** The weights that count from then on; without it all are alike. One that is missing gets nothing. */
  readonly weights: Readonly<Record<string, number>>;
  /** Whose connections may move: those of a server that left, `to` one that came, `any`, or `nobody`'s. */
  readonly mayMove: string;
  /** With which server connections that are held may break; or `none`, or `any`. */
  readonly mayBreak: string;
  readonly from: 'ports' | 'sources';
  /** Whether the time of what was drained is waited for. */
  readonly patience: 'none' | 'drain';
}

const ALIKE: Readonly<Record<string, number>> = Object.fromEntries(
  HASH_SERVERS.map(({ name }) => [name, 1]),
);
const without = (name: string): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(ALIKE).filter(([each]) => each !== name));

const usual = {
  weights: ALIKE,
  mayMove: 'nobody',
  mayBreak: 'none',
  from: 'ports',
  patience: 'none',
} as const;

export const HASH_STEPS: readonly HashStep[] = [
  {
    ...usual,
    name: 'ten servers',
    story: 'all alike: how even is it?',
    act: () => Promise.resolve(done),
    mayMove: 'any',
  },
  {
    ...usual,
    name: 'one dies',
    story: 's4 listens no more; who was with it is served on',
    act: (lab) => toServers(lab, 'down s4'),
    weights: without('s4'),
    mayMove: 's4',
  },
  {
    ...usual,
    name: 'it is back',
    story: 's4 listens again: everybody new goes where they went at first',
    act: (lab) => toServers(lab, 'up s4'),
    mayMove: 'to s4',
  },
  {
    ...usual,
    name: 'one is drained',
    story: 'vipair server drain hash/s7: what it has, it keeps for 1 s',
    act: (lab) => state(lab, 's7', 'admin', 'drain'),
    weights: without('s7'),
    mayMove: 's7',
    mayBreak: 's7',
    patience: 'drain',
  },
  {
    ...usual,
    name: 'it is ready again',
    story: 'vipair server ready hash/s7',
    act: (lab) => state(lab, 's7', 'admin', 'ready'),
    mayMove: 'to s7',
    mayBreak: 's7',
  },
  {
    ...usual,
    name: 'weights',
    story: 'vipair server weight hash/s1 200: twice the share of the others',
    act: (lab) => state(lab, 's1', 'weight', '200'),
    weights: { ...ALIKE, s1: 2 },
    mayMove: 'any',
    mayBreak: 's7',
  },
  {
    ...usual,
    name: 'by source',
    story: 'hash: source, by a reload: a client stays with its server',
    act: async (lab: Lab): Promise<Result<undefined, LabFailure>> => {
      const weighed = await state(lab, 's1', 'weight', '100%');
      return weighed.ok ? await configure(lab, 'source') : weighed;
    },
    mayMove: 'any',
    mayBreak: 's7',
    from: 'sources',
  },
  {
    ...usual,
    name: 'the other node',
    story:
      'vipair switchover: the other node has the address, and passes everybody on to the same servers',
    act: async (lab: Lab, clock: Clock): Promise<Result<undefined, LabFailure>> => {
      // The nodes have not compared their files again since the reload a moment ago.
      const given = await giveAway(lab.nodes.lb1, { successor: 'any' }, clock);
      return given.ok ? done : given;
    },
    mayBreak: 's7',
    from: 'sources',
  },
  {
    ...usual,
    name: 'nobody is left',
    story: 'no server listens: clients are refused at once',
    act: async (lab: Lab): Promise<Result<undefined, LabFailure>> => {
      for (const { name } of HASH_SERVERS) {
        const ended = await toServers(lab, `down ${name}`);
        if (!ended.ok) {
          return ended;
        }
      }
      return done;
    },
    weights: {},
    mayMove: 'any',
    mayBreak: 'any',
  },
];

async function toServers(lab: Lab, line: string): Promise<Result<undefined, LabFailure>> {
  const said = await askLine<boolean>(socketOf(lab, 'servers'), line);
  return said.ok ? done : said;
}

async function state(
  lab: Lab,
  server: string,
  aspect: 'admin' | 'weight',
  value: string,
): Promise<Result<undefined, LabFailure>> {
  const wanted = { server: `${HASH_SERVICE}/${server}`, aspect, value } as const;
  const said = await askServer(controlSocketOf(lab.nodes.lb2), wanted);
  if (said.ok) {
    return done;
  }
  const { error } = said;
  const detail = error.code === 'refused' ? error.refusal.detail : error.detail;
  return fail({ code: 'not-ready', detail });
}
