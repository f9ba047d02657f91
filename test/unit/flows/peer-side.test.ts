/** What is believed of the other node, and what is not. */
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { ok } from '../../../src/base/result.js';
import { later, millis } from '../../../src/base/time.js';
import type { FlowLink } from '../../../src/flows/flow-link.js';
import { MOST_TIMEOUT_S } from '../../../src/flows/heard-flows.js';
import { PeerSide } from '../../../src/flows/peer-side.js';
import { scopeOf } from '../../../src/flows/scope.js';
import { keyOf, Standing } from '../../../src/flows/standing.js';
import type { FlowRefusal } from '../../../src/ports/flow-table.js';
import type { Flow } from '../../../src/wire/conntrack/flow.js';
import type { FlowWord } from '../../../src/wire/flows/batch.js';
import { ALL_BUCKETS } from '../../../src/wire/flows/message.js';
import { HandClock, settled } from '../engine/fakes.js';
import { NATTED, ROUTED } from '../wire/conntrack/given-flows.js';

const VIP = NATTED.original.destination;
const OWN = '10.77.0.1' as Ip;
const IS: FlowWord = { kind: 'is', flow: NATTED };
const GONE: FlowWord = { kind: 'gone', key: keyOf(NATTED) };

function given(whose: 'here' | 'there' | 'nobody' | 'both' = 'there') {
  const clock = new HandClock();
  const addresses = [VIP, NATTED.reply.destination];
  const standing = new Standing(
    scopeOf({ addresses, owned: [], services: [] }, { networks: [] }, [OWN]),
  );
  standing.here = new Set(whose === 'here' || whose === 'both' ? addresses : []);
  standing.there = new Set(whose === 'there' || whose === 'both' ? addresses : []);
  const did: string[] = [];
  const refusing: FlowRefusal[] = [];
  const state = { isUp: true };
  const link = {
    get isUp() {
      return state.isUp;
    },
    since: () => 3,
    say: ({ kind, differing }: { readonly kind: string; readonly differing: readonly number[] }) =>
      did.push(`${kind} ${String(differing.length)}`),
  } as unknown as FlowLink;
  const tell = (what: string) => (): void => {
    did.push(what);
  };
  const peer = new PeerSide(standing, {
    clock,
    link: () => link,
    table: {
      put: (flows, how) => {
        did.push(`${how} ${String(flows.length)}`);
        return Promise.resolve(ok(refusing));
      },
      remove: (keys) => {
        did.push(`remove ${String(keys.length)}`);
        return Promise.resolve(ok([]));
      },
    },
    ...{ claim: tell('claim'), gone: tell('gone'), disown: tell('disown'), yield: tell('yield') },
    wantLook: tell('look'),
  });
  peer.up();
  const hear = async (...words: readonly FlowWord[]): Promise<void> => {
    peer.batch({ sequence: 1, since: 5, words }, tell('acknowledged'));
    await settled();
  };
  const own = (flow: Flow): void => {
    const id = standing.idOf(flow);
    standing.own.note(id, standing.hashOf(id, flow), flow);
  };
  return { peer, standing, did, hear, own, refusing, clock, link: state };
}

describe('what the other node says', () => {
  it('is given to the kernel, taken from it, and acknowledged then', async () => {
    const { did, hear, peer, clock } = given();
    await hear(IS);
    await hear(GONE);
    expect(did).toEqual(['yield', 'replace 1', 'acknowledged', 'remove 1', 'acknowledged']);
    expect(peer.lag.report(clock.now())).toEqual({ samples: 2, p50Ms: 3, p99Ms: 3 });
  });

  it.each<[string, Flow]>([
    ['no address of a group', ROUTED],
    ['not established', { ...NATTED, status: 0 }],
    ['ends here', { ...NATTED, reply: { ...NATTED.reply, source: OWN } }],
  ])('is refused, counted and shown: %s', async (why, flow) => {
    const { did, hear, peer } = given();
    await hear({ kind: 'is', flow }, { kind: 'gone', key: keyOf(flow) });
    expect(did).toEqual(['acknowledged']);
    expect(peer.refusals.all).toMatchObject([{ code: why, count: 1 }]);
  });

  it('is refused while the kernel’s table has no room, but for what it holds already', async () => {
    const { did, hear, peer } = given();
    peer.tick({ flows: 94, most: 100 });
    await hear(IS);
    await hear(IS, { kind: 'is', flow: { ...NATTED, zone: 1 } });
    expect(did.filter((each) => each.startsWith('replace'))).toEqual(['replace 1', 'replace 1']);
    expect(peer.refusals.all).toMatchObject([{ code: 'the table is full', count: 1 }]);
  });

  it('never counts for more than what the kernel here follows itself', async () => {
    const { did, hear, own, peer } = given('here');
    own(NATTED);
    await hear(IS);
    await hear(GONE);
    peer.listBegins();
    peer.listEnds(ALL_BUCKETS);
    await settled();
    expect(did).toEqual(['create 1', 'acknowledged', 'acknowledged']);
    expect(peer.complete).toBe('yes');
  });

  it('fills up what the owner of the address lacks, which then answers for it', async () => {
    const { did, hear } = given('here');
    await hear(IS);
    expect(did).toEqual(['create 1', 'claim', 'acknowledged']);
  });

  it('and that is claimed may be over in the kernel here, which is looked at when all is told', async () => {
    const { did, hear, peer } = given('here');
    await hear(IS);
    for (const buckets of [[], ALL_BUCKETS]) {
      peer.listBegins();
      peer.listEnds(buckets);
      await settled();
    }
    expect(did.slice(3)).toEqual(['look']);
  });

  it.each(['both', 'nobody'] as const)(
    'removes nothing by a list while %s has it',
    async (whose) => {
      const { did, hear, peer } = given(whose);
      await hear(IS);
      peer.listBegins();
      peer.listEnds(ALL_BUCKETS);
      await settled();
      expect(did.filter((each) => each.startsWith('remove'))).toEqual([]);
    },
  );

  it('ends a flow that this node tells of, where the other one has the address', async () => {
    const { did, hear, own } = given();
    own(NATTED);
    await hear(GONE);
    expect(did).toEqual(['disown', 'remove 1', 'acknowledged']);
  });

  it('that the kernel does not take is no part of what both have', async () => {
    const { did, hear, peer, refusing } = given();
    refusing.push({ key: keyOf(NATTED), errno: 'EBUSY' });
    await hear(IS);
    const counts = new Uint32Array(256);
    peer.digest({ kind: 'digest', round: 1, counts, sums: counts });
    expect(did.at(-1)).toBe('verdict 0');
    expect(peer.refusals.all).toMatchObject([{ code: 'the kernel says EBUSY', count: 1 }]);
  });

  it('is put again before the kernel forgets it, and when it has', async () => {
    const { did, hear, peer, clock, standing } = given();
    await hear({ kind: 'is', flow: { ...NATTED, timeout: 5 } });
    did.length = 0;
    clock.time = later(clock.time, millis(25_000));
    peer.tick(undefined);
    await settled();
    expect(did).toEqual(['replace 1']);
    clock.time = later(clock.time, millis(2000));
    peer.lapsed(standing.idOf(NATTED));
    await settled();
    expect(did).toEqual(['replace 1', 'replace 1']);
  });

  it('has a bounded timeout, which is begun anew while two hours of it are left', async () => {
    const { did, hear, peer, clock, standing } = given();
    await hear(IS);
    expect(standing.heard.get(standing.idOf(NATTED))?.flow.timeout).toBe(MOST_TIMEOUT_S);
    did.length = 0;
    for (const seconds of [3000, 600]) {
      clock.time = later(clock.time, millis(seconds * 1000));
      peer.tick(undefined);
      peer.tick(undefined);
      await settled();
    }
    expect(did).toEqual(['replace 1']);
  });

  it('is forgotten with the kernel while there is no link', async () => {
    const { hear, peer, link, standing } = given();
    await hear(IS);
    link.isUp = false;
    standing.there = new Set();
    standing.here = new Set([VIP]);
    peer.lapsed(standing.idOf(NATTED));
    expect(standing.heard.size).toBe(0);
  });

  it('is not put again by a node that answers for it, unless it was told on this connection', async () => {
    const { did, hear, peer, clock, standing } = given();
    await hear({ kind: 'is', flow: { ...NATTED, timeout: 5 } });
    did.length = 0;
    standing.there = new Set();
    standing.here = new Set([VIP]);
    clock.time = later(clock.time, millis(25_000));
    peer.tick(undefined);
    await settled();
    expect(did).toEqual([]);
  });

  it('stays where the kernel holds it and has no room for another', async () => {
    const { did, hear, peer, standing } = given();
    peer.tick({ flows: 95, most: 100 });
    peer.listBegins();
    await hear(IS);
    peer.listEnds(ALL_BUCKETS);
    await settled();
    did.length = 0;
    peer.extra(standing.idOf(NATTED), NATTED);
    await settled();
    expect(did).toEqual([]);
    await hear(GONE);
    peer.extra(standing.idOf(NATTED), NATTED);
    await settled();
    expect(did).toEqual(['acknowledged', 'remove 1']);
  });
});
