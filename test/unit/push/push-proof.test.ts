/** A push whose files are proven under traffic before this node loads them. */
import { beforeEach, describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import type { PushOrder } from '../../../src/telemetry/push.js';
import type { Side } from './given-push.js';
import { CFG, PUSH, PushPair, TEXT, UP } from './given-push.js';

const PROVE: PushOrder = { ...PUSH, then: 'switchover' };
const DOWN = ok([{ ...UP, status: 'DOWN' }]);

let pair: PushPair;
let lb1: Side;
let lb2: Side;

beforeEach(() => {
  pair = new PushPair();
  ({ lb1, lb2 } = pair);
  lb1.files.write(CFG, `${TEXT}maxconn 10\n`);
});

/** From the moment in which the other node is master. */
function once(asked: string, what: () => void): void {
  const answer = lb2.push.answer.bind(lb2.push);
  lb2.push.answer = (ask, body) => {
    if (ask === asked) {
      what();
    }
    return answer(ask, body);
  };
}

describe('a push with a switchover in between', () => {
  it('gives the group to the node with the new files, then loads them here; it stays there', async () => {
    const pushed = await pair.over(lb1.push.push(PROVE));
    expect(pushed).toMatchObject({ value: { outcome: 'pushed', first: 'lb2', given: ['web'] } });
    expect(lb1.did).toEqual(['give to lb2', 'reload']);
    expect(lb2.did.filter((each) => each === 'push-well').length).toBeGreaterThan(2);
    expect([lb1.master, lb2.master]).toEqual(['no', 'yes']);
  });

  it.each<[string, () => void, string]>([
    ['where this node has nothing to give', () => (lb1.master = 'no'), 'is master of nothing'],
    [
      'where the other one is master',
      () => (lb2.master = 'yes'),
      'the other node is master of web',
    ],
    [
      'where the other one is not ready',
      () => (lb1.move = 'it is in maintenance'),
      'in maintenance',
    ],
  ])('is refused %s, before anything is touched', async (_what, given, why) => {
    given();
    const refused = await pair.over(lb1.push.push(PROVE));
    expect(refused.ok ? '' : refused.error.detail).toContain(why);
    expect(lb2.files.read(CFG)).toBe(TEXT);
    expect([...lb1.did, ...lb2.did]).not.toContain('reload');
  });

  it('takes group and files back where a server falls under traffic', async () => {
    once('push-well', () => (lb2.servers = DOWN));
    once('push-undo', () => (lb2.afterReload = lb2.servers = ok([UP])));
    const pushed = await pair.over(lb1.push.push(PROVE));
    expect(pushed).toMatchObject({ value: { outcome: 'rolled back', given: [] } });
    expect(pushed.ok ? pushed.value.why : '').toContain('up before and down now: web/a');
    expect(lb1.did).toEqual(['give to lb2', 'give to lb1']);
    expect(lb2.files.read(CFG)).toBe(TEXT);
    expect([lb1.master, lb2.master]).toEqual(['yes', 'no']);
  });

  it('takes the files back where the group comes back by itself', async () => {
    once('push-well', () => ([lb1.master, lb2.master] = ['yes', 'no']));
    const back = await pair.over(lb1.push.push(PROVE));
    expect(back.ok ? back.value.why : '').toContain('it gave web back by itself');
    expect(lb2.files.read(CFG)).toBe(TEXT);
  });

  it('takes the files back where the group does not move', async () => {
    once('push-install', () => (lb1.move = 'it was undone'));
    const undone = await pair.over(lb1.push.push(PROVE));
    expect(undone.ok ? undone.value.why : '').toContain('web was not given to lb2: it was undone');
    expect(undone).toMatchObject({ value: { outcome: 'rolled back', given: [] } });
    expect(lb2.files.read(CFG)).toBe(TEXT);
  });

  it('says so where the other node keeps the group, and leaves its files alone', async () => {
    once('push-well', () => {
      lb2.servers = DOWN;
      lb2.move = 'it has no way back';
    });
    const pushed = await pair.over(lb1.push.push(PROVE));
    expect(pushed).toMatchObject({ value: { outcome: 'kept there only', given: ['web'] } });
    expect(pushed.ok ? pushed.value.why : '').toContain('was not taken back: it has no way back');
    expect(lb1.did).not.toContain('reload');
    expect(lb2.did).not.toContain('push-undo');
  });

  it('says so where the former files are not back', async () => {
    once('push-well', () => (lb2.servers = fail({ detail: 'gone' })));
    const pushed = await pair.over(lb1.push.push(PROVE));
    expect(pushed).toMatchObject({ value: { outcome: 'kept there only', given: [] } });
    expect(pushed.ok ? pushed.value.why : '').toContain('nobody could tell whether it fares worse');
    once('push-undo', () => {
      lb2.servers = ok([UP]);
      lb2.reload = fail({ code: 'reload-failed', detail: 'no memory' });
    });
    lb1.files.write(CFG, `${TEXT}maxconn 11\n`);
    lb2.servers = ok([UP]);
    const again = await pair.over(lb1.push.push(PROVE));
    expect(again.ok ? again.value.why : '').toContain('its former files are not back');
  });

  it('ends where this node lost its groups while the files were on their way', async () => {
    once('push-install', () => (lb1.master = 'no'));
    const pushed = await pair.over(lb1.push.push(PROVE));
    expect(pushed.ok ? pushed.value.why : '').toContain('lb1 is master of nothing any more');
  });
});
