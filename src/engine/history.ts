/** The last transitions, in words: what `vipair status` explains a move with. */
import type { WallTime } from '../base/time.js';
import type { Notice } from '../core/notice.js';
import type { HistoryEntry } from '../telemetry/status.js';

/** Bounded; the oldest entry makes room. */
export class History {
  #entries: readonly HistoryEntry[] = [];

  record(notice: Notice, at: WallTime): void {
    const text = describe(notice);
    if (text !== undefined) {
      this.#entries = [...this.#entries, { at, event: notice.event, text }].slice(-KEPT);
    }
  }

  entries(): readonly HistoryEntry[] {
    return this.#entries;
  }
}

const KEPT = 50;

type Sentences = {
  readonly [E in Notice['event']]?: (notice: Extract<Notice, { event: E }>) => string;
};

/** One sentence for each notice an operator would ask about. */
const SENTENCES: Sentences = {
  'vrrp.state': ({ group, from, to, cause }) => `${group}: ${from} → ${to}, ${cause}`,
  'vrrp.stalled': ({ group, lateFor }) =>
    `${group}: this node was late by ${ms(lateFor)}, so it listens again`,
  'vrrp.path-broken': ({ group, master }) =>
    `${group}: ${master} says over the pair channel that it is master, but its adverts do not arrive`,
  'vrrp.kept': ({ group, cause, because }) =>
    `${group}: stays master although ${cause}: ${because === 'paused' ? 'automatic moves are paused' : 'the other node is no fitter'}`,
  'vrrp.path-healed': ({ group }) => `${group}: adverts arrive again`,
  'pair.peer': ({ from, to }) => `pair: the other daemon was ${from}, is ${to}`,
  'lease.lost': ({ group, endedAgo }) =>
    `${group}: woke up ${ms(endedAgo)} after the lease had ended`,
  'address.removed': ({ group, address }) =>
    `${group}: ${address} was removed by somebody else, put back`,
  'address.stolen': ({ group, address }) => `${group}: ${address} is removed again and again`,
  'address.refused': ({ group, detail }) => `${group}: the kernel refused an address: ${detail}`,
  'vrrp.mute': ({ group, detail }) => `${group}: adverts cannot be sent: ${detail}`,
  'address.left-over': ({ group, outcome }) =>
    `${group}: addresses of a former life were ${outcome}`,
  'address.duplicate': ({ group, address, mac, outcome }) =>
    `${group}: ${mac} says that it has ${address}, ${outcome}`,
  'link.state': ({ group, interface: name, state }) => `${group}: ${name} is ${state}`,
  'track.state': ({ group, name, to }) => `${group}: ${name} ${to}`,
  'vrrp.priority': ({ group, why }) => `${group}: priority ${why}`,
  'orders.paused': ({ by }) => `automatic moves are paused, as ordered on ${by}`,
  'tables.awaited': () => 'stick tables of the other node are awaited',
  'tables.in': () => 'stick tables of the other node are here',
  'tables.given-up': ({ waited }) =>
    `stick tables did not come within ${String(waited / 1000)} s: planned moves no longer wait for them`,
  'orders.resumed': ({ by }) => `automatic moves go on, as ordered on ${by}`,
  'orders.maintenance': ({ of, state, by }) =>
    `${of} is ${state === 'on' ? 'in' : 'no longer in'} maintenance, as ordered on ${by}`,
  'failback.asked': ({ group }) => `${group}: an operator asked for it back`,
  'switchover.ended': ({ group, outcome }) =>
    outcome.kind === 'moved'
      ? `${group}: switched over to ${outcome.to} within ${ms(outcome.within)}`
      : `${group}: switchover undone, ${outcome.reason}`,
  'proxy.state': ({ from, to, cause }) => `proxy: ${from} → ${to}, ${cause}`,
  'proxy.reloaded': () => 'proxy: reloaded, another of its processes serves',
  'proxy.crash-loop': ({ deaths, retryIn }) =>
    `proxy: died ${String(deaths)} times, next try in ${ms(retryIn)}`,
};

function describe(notice: Notice): string | undefined {
  // The table pairs each event with its own notice; the compiler cannot follow that through an index.
  const sentence = SENTENCES[notice.event] as ((notice: Notice) => string) | undefined;
  return sentence?.(notice);
}

function ms(duration: number): string {
  return `${String(Math.round(duration))} ms`;
}
