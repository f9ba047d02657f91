import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import type { SwitchoverOrder } from '../../../src/operator/deeds.js';
import type { GenerationStatus } from '../../../src/telemetry/generation.js';
import { deskOf, pairOf } from './given-desk.js';

const ORDER: SwitchoverOrder = { group: 'web', to: undefined, successor: 'ready' };

describe('a switchover', () => {
  it('asked of the master is done there, and the other node is asked for no more than it knows', async () => {
    const { lb1, lb2 } = pairOf('master', 'backup');
    const value = { node: 'lb1', group: 'web', kind: 'moved', to: '10.77.0.2', within: 12 };
    expect(await lb1.desk.switchover(ORDER)).toEqual({ ok: true, value });
    expect(lb1.asks).toEqual(['intent-digest']);
    expect(lb2.node.asked).toEqual([]);
  });

  it('asked of the backup is done by the master, which is named', async () => {
    const { lb1, lb2 } = pairOf('backup', 'master');
    const order: SwitchoverOrder = { group: undefined, to: 'lb1', successor: 'any' };
    expect(await lb1.desk.switchover(order)).toMatchObject({
      ok: true,
      value: { node: 'lb2', kind: 'moved' },
    });
    expect(lb2.node.asked).toEqual(['switchover web any']);
    expect(lb2.asks).toEqual([]);
  });

  const otherwise = (item: string, here: string, there: string): GenerationStatus => ({
    ...{ peer: 'lb2', state: 'differs', why: undefined, file: 'runs' },
    differences: [{ item, here, there, lines: [], more: 0 }],
  });

  it.each<[string, (pair: ReturnType<typeof pairOf>) => void, string]>([
    [
      'would serve by other files',
      ({ lb1 }) => (lb1.node.generation = otherwise('haproxy.cfg', 'one', 'another')),
      'would serve otherwise: haproxy.cfg: one here, another on lb2',
    ],
    [
      'has not heard of all intents',
      ({ lb2 }) => (lb2.node.intents = 'older'),
      'has not heard yet all that operators want',
    ],
  ])('to a node that %s is refused, unless it is forced', async (_how, make, why) => {
    const pair = pairOf('master', 'backup');
    make(pair);
    const refused = await pair.lb2.desk.switchover(ORDER);
    expect(refused).toMatchObject({ error: { code: 'not-ready' } });
    expect(refused.ok ? '' : refused.error.detail).toContain(why);
    expect(pair.lb1.node.asked).toEqual([]);
    expect(await pair.lb1.desk.switchover({ ...ORDER, successor: 'any' })).toMatchObject({
      value: { kind: 'moved' },
    });
  });

  it('is not refused for another release there, nor where the other daemon knows no intents', async () => {
    const { desk, node } = deskOf('master', () => fail({ code: 'refused', detail: 'unknown' }));
    node.generation = otherwise('vipair', '0.2.0', '0.1.0');
    expect(await desk.switchover(ORDER)).toMatchObject({ value: { kind: 'moved' } });
  });

  it.each([
    ['lb1', 'master', 'backup'],
    ['lb2', 'backup', 'master'],
  ] as const)('to the node that is master, %s, changes nothing', async (to, first, second) => {
    const { lb1, lb2 } = pairOf(first, second);
    const value = { node: to, group: 'web', kind: 'already-there' };
    expect(await lb1.desk.switchover({ ...ORDER, to })).toEqual({ ok: true, value });
    expect([...lb1.node.asked, ...lb2.node.asked]).not.toContain(`switchover web ready ${to}`);
  });

  it('where nobody is master is refused by both, and goes to each once', async () => {
    const { lb1, lb2 } = pairOf('backup', 'fault');
    const refused = await lb1.desk.switchover(ORDER);
    expect(refused).toMatchObject({ error: { code: 'not-master' } });
    const detail = refused.ok ? '' : refused.error.detail;
    expect(detail).toContain('lb1 is backup for web');
    expect(detail).toContain('lb2 is fault for web');
    expect([lb1.asks, lb2.asks]).toEqual([['switchover'], []]);
  });

  it.each<[string, SwitchoverOrder, string, string]>([
    ['a node that is none', { ...ORDER, to: 'lb3' }, 'unknown-node', 'there are: lb1 and lb2'],
    ['a group that is none', { ...ORDER, group: 'mail' }, 'unknown-group', 'there are: web'],
  ])('of %s is refused', async (_what, order, code, text) => {
    const { desk, asks } = deskOf('master', () => ok('{}'));
    const refused = await desk.switchover(order);
    expect(refused).toMatchObject({ error: { code } });
    expect(refused.ok ? '' : refused.error.detail).toContain(text);
    expect(asks).toEqual([]);
  });

  it('of several groups needs a name', async () => {
    const { desk, node } = deskOf('master', undefined);
    node.groups = [...node.groups, { ...node.groups[0]!, name: 'mail' }];
    expect(await desk.switchover({ ...ORDER, group: undefined })).toMatchObject({
      error: { code: 'which-group' },
    });
  });

  it.each([
    ['without a channel', undefined, 'not-master', 'lb1 is backup'],
    [
      'with one that is down',
      () => fail({ code: 'no-channel', detail: 'the pair channel is down' }),
      'not-master',
      'lb2 cannot be asked from here: the pair channel is down',
    ],
    [
      'of a node that does not answer',
      () => fail({ code: 'no-answer', detail: 'silence' }),
      'peer-silent',
      'look at vipair status',
    ],
    ['of a node that talks nonsense', () => ok('{"kind":"sold"}'), 'peer-refused', 'no sense'],
    [
      'of a node that answers something else',
      () => ok('{"kind":"asked"}'),
      'peer-refused',
      'something else',
    ],
    [
      'of a node that refuses for a reason of its own',
      () => ok('{"kind":"refused","code":"not-ready","detail":"no, because"}'),
      'not-ready',
      'no, because',
    ],
    [
      'of a later version that knows other reasons',
      () => ok('{"kind":"refused","code":"tired","detail":"too late today"}'),
      'peer-refused',
      'too late today',
    ],
  ])('asked of a backup %s is refused', async (_what, answer, code, text) => {
    const refused = await deskOf('backup', answer).desk.switchover(ORDER);
    expect(refused).toMatchObject({ ok: false, error: { code } });
    expect(refused.ok ? '' : refused.error.detail).toContain(text);
  });
});

describe('a failback', () => {
  it.each([
    ['backup', 'master', 'lb1'],
    ['master', 'backup', 'lb2'],
  ] as const)('asked of a %s is done by the backup', async (first, second, node) => {
    const { lb1 } = pairOf(first, second);
    const value = { node, group: 'web', from: '10.77.0.1' };
    expect(await lb1.desk.failback(undefined)).toEqual({ ok: true, value });
  });

  it('where nobody is backup is refused', async () => {
    const { lb1 } = pairOf('master', 'fault');
    expect(await lb1.desk.failback('web')).toMatchObject({ error: { code: 'not-backup' } });
  });

  it('needs a group, and an answer to what was asked', async () => {
    const { desk, node } = deskOf('master', () => ok('{"kind":"already-there"}'));
    expect(await desk.failback('web')).toMatchObject({ error: { code: 'peer-refused' } });
    node.groups = [];
    expect(await desk.failback(undefined)).toMatchObject({ error: { code: 'which-group' } });
  });
});

it('what the other node asks and is none of ours is refused', async () => {
  const { desk } = deskOf('master', undefined);
  expect(await desk.answer('constructor', '{}')).toMatchObject({ ok: false });
  expect(await desk.answer('switchover', '{"group":1}')).toMatchObject({ ok: false });
});
