/** What the kernel is told of flows that are copied. */
import { expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import type { Result } from '../../../src/base/result.js';
import { done, fail } from '../../../src/base/result.js';
import type { LeaseRefusal } from '../../../src/ports/lease-table.js';
import { EventLimits } from '../../../src/replication/event-limits.js';
import { HandClock, settled } from '../engine/fakes.js';

const selection = (address: string) => ({ addresses: [address as Ip], networks: [] });
const REFUSED = fail<LeaseRefusal>({ code: 'refused', detail: 'Could not process rule' });

function given() {
  const clock = new HandClock();
  const did: string[] = [];
  const answers: ((answer: Result<undefined, LeaseRefusal>) => void)[] = [];
  const asked = (what: string): Promise<Result<undefined, LeaseRefusal>> => {
    did.push(what);
    return new Promise((resolve) => {
      answers.push(resolve);
    });
  };
  const set = (what: string) => (): Promise<void> => {
    did.push(what);
    return Promise.resolve();
  };
  const limits = new EventLimits({
    clock,
    log: {
      tell: (event) =>
        did.push('detail' in event ? `${event.event}: ${event.detail}` : event.event),
    },
    events: {
      select: ({ addresses }) => asked(`select ${addresses.join()}`),
      dismantle: () => asked('dismantle'),
    },
    setting: { makeSure: set('make sure of the setting'), putBack: set('put the setting back') },
  });
  const answer = async (with_: Result<undefined, LeaseRefusal> = done): Promise<void> => {
    await settled();
    answers.shift()?.(with_);
    await settled();
  };
  /** What was done since the last time. */
  const news = () => did.splice(0);
  const minutePasses = (): void => {
    const before = clock.now();
    clock.ringNext();
    expect(clock.now() - before).toBe(60_000);
  };
  return { limits, news, answer, clock, minutePasses };
}

it('is loaded once, and again every minute; the setting is made sure of once, behind it', async () => {
  const { limits, news, answer, minutePasses } = given();
  limits.want(selection('10.0.0.1'));
  limits.want(selection('10.0.0.1'));
  await settled();
  expect(news()).toEqual(['select 10.0.0.1']);
  await answer();
  expect(news()).toEqual(['make sure of the setting']);
  for (let minute = 0; minute < 2; minute += 1) {
    minutePasses();
    await answer();
    expect(news()).toEqual(['select 10.0.0.1']);
  }
});

it('that is refused is told once, counted, and tried again', async () => {
  const { limits, news, answer, minutePasses } = given();
  limits.want(selection('10.0.0.1'));
  await answer(REFUSED);
  expect(news()).toEqual(['select 10.0.0.1', 'flows.rules-refused: Could not process rule']);
  minutePasses();
  await answer(REFUSED);
  expect(news()).toEqual(['select 10.0.0.1']);
  const code = 'the kernel was not told which flows';
  expect(limits.refused).toEqual([{ code, detail: 'Could not process rule', count: 2 }]);
  minutePasses();
  await answer();
  expect(news()).toEqual(['select 10.0.0.1', 'flows.rules-loaded', 'make sure of the setting']);
  expect(limits.refused).toEqual([]);
});

it('says what to do where nftables is missing', async () => {
  const { limits, news, answer } = given();
  limits.want(selection('10.0.0.1'));
  await answer(fail({ code: 'no-nftables', detail: 'ENOENT' }));
  expect(news()[1]).toBe('flows.rules-refused: nftables is missing: install nft (ENOENT)');
});

it('is one load at a time: what was wanted meanwhile is loaded behind it, the last of it only', async () => {
  const { limits, news, answer } = given();
  for (const each of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) {
    limits.want(selection(each));
    await settled();
  }
  expect(news()).toEqual(['select 10.0.0.1']);
  await answer();
  expect(news()).toEqual(['make sure of the setting', 'select 10.0.0.3']);
});

it('is taken away where no flows are copied any more, and not looked at again', async () => {
  const { limits, news, answer, clock, minutePasses } = given();
  limits.want(selection('10.0.0.1'));
  await answer();
  limits.want('none');
  await answer(REFUSED);
  expect(news().slice(2)).toEqual([
    'dismantle',
    'flows.rules-refused: Could not process rule',
    'put the setting back',
  ]);
  minutePasses();
  await answer();
  expect(news()).toEqual(['dismantle', 'flows.rules-loaded', 'put the setting back']);
  expect(clock.pending()).toEqual([]);
  limits.want(selection('10.0.0.1'));
  await answer();
  expect(news()).toEqual(['select 10.0.0.1', 'make sure of the setting']);
});

it('is taken away at the end behind the load that is under way, and not loaded any more', async () => {
  const { limits, news, answer, clock } = given();
  limits.want(selection('10.0.0.1'));
  await settled();
  limits.want(selection('10.0.0.2'));
  limits.stop();
  limits.want(selection('10.0.0.3'));
  const ended = limits.end('removed');
  await settled();
  expect(news()).toEqual(['select 10.0.0.1']);
  await answer();
  await answer();
  await ended;
  expect(news()).toEqual(['make sure of the setting', 'dismantle', 'put the setting back']);
  expect(clock.pending()).toEqual([]);
});

it('is left to the next daemon of a hand-over', async () => {
  const { limits, news, answer, clock } = given();
  limits.want(selection('10.0.0.1'));
  await answer();
  await limits.end('left');
  expect(news().slice(2)).toEqual([]);
  expect(clock.pending()).toEqual([]);
});
