import { expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { millis, wallTime } from '../../../src/base/time.js';
import type { MacAddress } from '../../../src/base/mac.js';
import type { Notice } from '../../../src/core/notice.js';
import { History } from '../../../src/engine/history.js';

const VIP = '192.0.2.100' as Ip;
const PEER = '198.51.100.11' as Ip;
const group = 'web';

function textsOf(...notices: readonly Notice[]): readonly string[] {
  const history = new History();
  for (const notice of notices) {
    history.record(notice, wallTime(7));
  }
  return history.entries().map((entry) => entry.text);
}

it.each<[Notice, string]>([
  [
    { event: 'vrrp.state', group, from: 'backup', to: 'master', cause: 'no master heard' },
    'web: backup → master, no master heard',
  ],
  [
    { event: 'vrrp.stalled', group, lateFor: millis(3218.75) },
    'web: this node was late by 3219 ms, so it listens again',
  ],
  [
    { event: 'lease.lost', group, endedAgo: millis(0.4) },
    'web: woke up 0 ms after the lease had ended',
  ],
  [
    { event: 'address.removed', group, address: VIP },
    'web: 192.0.2.100 was removed by somebody else, put back',
  ],
  [
    { event: 'address.stolen', group, address: VIP, times: 6 },
    'web: 192.0.2.100 is removed again and again',
  ],
  [
    { event: 'address.refused', group, detail: 'not-permitted: no' },
    'web: the kernel refused an address: not-permitted: no',
  ],
  [
    { event: 'address.left-over', group, outcome: 'adopted' },
    'web: addresses of a former life were adopted',
  ],
  [{ event: 'link.state', group, interface: 'eth0', state: 'down' }, 'web: eth0 is down'],
  [
    {
      event: 'address.duplicate',
      group,
      address: VIP,
      mac: '02:00:00:00:00:01' as MacAddress,
      outcome: 'not claimed',
    },
    'web: 02:00:00:00:00:01 says that it has 192.0.2.100, not claimed',
  ],
  [{ event: 'track.state', group, name: 'db', to: 'well' }, 'web: db well'],
  [
    { event: 'vrrp.priority', group, priority: 130, why: '150 (base) − 20 (db fails) = 130' },
    'web: priority 150 (base) − 20 (db fails) = 130',
  ],
  [{ event: 'failback.asked', group }, 'web: an operator asked for it back'],
  [
    {
      event: 'switchover.ended',
      group,
      outcome: { kind: 'moved', to: PEER, within: millis(12.5) },
    },
    'web: switched over to 198.51.100.11 within 13 ms',
  ],
  [
    { event: 'switchover.ended', group, outcome: { kind: 'undone', reason: 'nobody' } },
    'web: switchover undone, nobody',
  ],
  [
    { event: 'proxy.state', from: 'serving', to: 'ending', cause: 'signal 11' },
    'proxy: serving → ending, signal 11',
  ],
  [
    { event: 'proxy.crash-loop', deaths: 5, retryIn: millis(60_000) },
    'proxy: died 5 times, next try in 60000 ms',
  ],
])('tells %j in a sentence', (notice, text) => {
  expect(textsOf(notice)).toEqual([text]);
});

it.each<Notice>([
  { event: 'vrrp.master', group, source: PEER, priority: 254 },
  { event: 'vrrp.contest', group, source: PEER, priority: 253 },
  { event: 'switchover.started', group },
  { event: 'proxy.refused', detail: 'line 3' },
])('leaves $event to the log', (notice) => {
  expect(textsOf(notice)).toEqual([]);
});

it('keeps the wall time and the name of the event with each entry', () => {
  const history = new History();
  history.record(
    { event: 'link.state', group, interface: 'eth0', state: 'up' },
    wallTime(1_700_000_000_000),
  );
  expect(history.entries()).toEqual([
    { at: 1_700_000_000_000, event: 'link.state', text: 'web: eth0 is up' },
  ]);
});

it('keeps the last fifty, oldest first', () => {
  const notices = Array.from({ length: 60 }, (_, index): Notice => ({
    event: 'address.refused',
    group,
    detail: String(index),
  }));
  const texts = textsOf(...notices);
  expect(texts).toHaveLength(50);
  expect(texts[0]).toMatch(/: 10$/u);
  expect(texts.at(-1)).toMatch(/: 59$/u);
});
