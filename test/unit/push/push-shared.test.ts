/** vipair.yaml as a part of a push. */
import { beforeEach, describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import type { Side } from './given-push.js';
import { CFG, PUSH, PushPair, SHARED, TEXT, UP, YAML } from './given-push.js';

const NEWER = YAML.replace('vrid: 51', 'vrid: 77');

let pair: PushPair;
let lb1: Side;
let lb2: Side;

beforeEach(() => {
  pair = new PushPair();
  ({ lb1, lb2 } = pair);
  lb1.files.write(SHARED, NEWER);
});

describe('a push of vipair.yaml', () => {
  it('puts it there, and both nodes take it over, the other one first; HAProxy is left alone', async () => {
    const pushed = await pair.over(lb1.push.push(PUSH));
    expect(pushed).toMatchObject({
      value: { outcome: 'pushed', shared: { path: SHARED, outcome: 'taken over' } },
    });
    expect(lb2.files.read(SHARED)).toBe(NEWER);
    expect([lb1.did, lb2.did].map((each) => each.filter((did) => did === 'take over'))).toEqual([
      ['take over'],
      ['take over'],
    ]);
    expect([...lb1.did, ...lb2.did]).not.toContain('reload');
  });

  it('goes with files of HAProxy, of which only those are checked by HAProxy', async () => {
    lb1.files.write(CFG, `${TEXT}maxconn 10\n`);
    expect(await pair.over(lb1.push.push(PUSH))).toMatchObject({ value: { outcome: 'pushed' } });
    expect(lb2.files.checked.map(({ path }) => path)).not.toContain(`/check${SHARED}`);
    expect(lb2.did).toContain('reload');
  });

  it('says where it was not taken over, and why', async () => {
    lb1.refusesConfig = 'it needs a restart';
    lb2.refusesConfig = 'it needs a restart';
    expect(await pair.over(lb1.push.push(PUSH))).toMatchObject({
      value: {
        outcome: 'pushed',
        shared: { outcome: 'not taken over', why: 'it needs a restart' },
      },
    });
    lb1.files.write(SHARED, `${NEWER}# again\n`);
    lb1.refusesConfig = undefined;
    lb2.refusesConfig = 'x'.repeat(5000);
    const again = await pair.over(lb1.push.push(PUSH));
    expect(again.ok ? again.value.shared?.why : '').toHaveLength(4000);
  });

  it('puts it back with the rest where a server falls, before anybody has taken it over', async () => {
    lb1.files.write(CFG, `${TEXT}maxconn 10\n`);
    lb2.afterReload = ok([{ ...UP, status: 'DOWN' }]);
    expect(await pair.over(lb1.push.push(PUSH))).toMatchObject({
      value: { outcome: 'rolled back', shared: { outcome: 'put back' } },
    });
    expect(lb2.files.read(SHARED)).toBe(YAML);
    expect([...lb1.did, ...lb2.did]).not.toContain('take over');
  });

  it('leaves it to a reload where this node fares worse', async () => {
    lb1.files.write(CFG, `${TEXT}maxconn 10\n`);
    lb1.afterReload = fail({ detail: 'gone' });
    expect(await pair.over(lb1.push.push(PUSH))).toMatchObject({
      value: { outcome: 'kept there only', shared: { outcome: 'not taken over' } },
    });
  });

  it('is undone with the rest, and taken over on that node', async () => {
    await pair.over(lb1.push.push(PUSH));
    lb2.did.length = 0;
    expect(await pair.over(lb2.push.undo())).toMatchObject({
      value: { outcome: 'undone', shared: { outcome: 'taken over' } },
    });
    expect(lb2.files.read(SHARED)).toBe(YAML);
    expect(lb2.did).toEqual(['take over']);
  });

  it('is only shown by a comparison, whoever changed it last', async () => {
    lb2.files.changedAt.set(SHARED, 1);
    const said = await pair.over(lb1.push.push({ ...PUSH, mode: 'diff' }));
    expect(said).toMatchObject({ value: { outcome: 'compared', shared: { outcome: 'differs' } } });
    const lines = said.ok ? said.value.files.flatMap((each) => each.lines ?? []) : [];
    expect(lines).toContain('+    vrid: 77');
    expect(lb2.files.read(SHARED)).toBe(YAML);
  });

  it('is made of what this node has when it is installed', async () => {
    lb2.files.judge = () => {
      lb1.files.write(SHARED, YAML);
      return undefined;
    };
    const refused = await pair.over(lb1.push.push(PUSH));
    expect(refused.ok ? '' : refused.error.detail).toContain(`${SHARED} has changed on this node`);
    expect(lb2.files.read(SHARED)).toBe(YAML);
  });
});

describe('vipair.yaml stays where it is, and the rest is pushed,', () => {
  it.each<[string, () => void, string]>([
    ['with another path there', () => (lb2.configFile = '/srv/v.yaml'), 'lb2 reads /srv/v.yaml'],
    ['without one here', () => lb1.files.files.delete(SHARED), 'is no file'],
    [
      'with one that is far too long',
      () => {
        lb1.files.write(SHARED, 'x'.repeat(70_000));
      },
      'too long',
    ],
  ])('%s', async (_what, given, why) => {
    lb1.files.write(CFG, `${TEXT}maxconn 10\n`);
    lb2.files.write('/srv/v.yaml', YAML);
    given();
    const pushed = await pair.over(lb1.push.push(PUSH));
    expect(pushed).toMatchObject({ value: { outcome: 'pushed', shared: { outcome: 'not sent' } } });
    expect(pushed.ok ? pushed.value.shared?.why : '').toContain(why);
    expect(lb2.files.read(SHARED)).toBe(YAML);
  });

  it('where that is asked for, and is not even compared', async () => {
    const pushed = await pair.over(lb1.push.push({ ...PUSH, shared: 'never' }));
    expect(pushed).toMatchObject({ value: { outcome: 'same', shared: undefined } });
    expect(lb2.did).not.toContain('push-shared');
  });
});

describe('a push with vipair.yaml is refused, and nothing is touched,', () => {
  it.each<[string, () => void, string]>([
    [
      'where it was changed there later',
      () => lb2.files.changedAt.set(SHARED, 1),
      'was changed after the one on lb1',
    ],
    [
      'where it has a mistake',
      () => {
        lb1.files.write(SHARED, NEWER.replace('vrid', 'vird'));
      },
      'vird',
    ],
    [
      'where it is no text',
      () => {
        lb1.files.write(SHARED, 'a\u0000b');
      },
      'no text',
    ],
    [
      'where the nodes are others',
      () => {
        lb1.files.write(
          SHARED,
          NEWER.replaceAll(/lb(\d): \{ address: 10.77.1/gu, 'n$1: { address: 10.78.1'),
        );
      },
      'lb1 would not find itself',
    ],
    [
      'where with it nobody would take pushes',
      () => {
        lb1.files.write(SHARED, NEWER.replace('accept: true', 'accept: false'));
      },
      'takes pushes any more',
    ],
  ])('%s', async (_what, given, why) => {
    given();
    const refused = await pair.over(lb1.push.push(PUSH));
    expect(refused.ok ? '' : refused.error.detail).toContain(why);
    expect(lb2.files.read(SHARED)).toBe(YAML);
    expect([...lb1.did, ...lb2.did]).not.toContain('take over');
  });

  it('also by the other node itself, whoever asks', async () => {
    const { createHash } = await import('node:crypto');
    const text = NEWER.replace('vrid', 'vird');
    const digest = createHash('sha256').update(text).digest('hex');
    const bytes = text.length;
    const ask = async (what: string, body: object): Promise<string> => {
      const said = await lb2.push.answer(what, JSON.stringify({ id: 'x', ...body }));
      return said?.ok === true ? 'granted' : (said?.error ?? 'not asked');
    };
    await ask('push-begin', { files: 1, bytes });
    await ask('push-file', { name: '@vipair.yaml', bytes, digest });
    await ask('push-part', { name: '@vipair.yaml', at: 0, base64: btoa(text) });
    expect(await ask('push-check', {})).toContain('vird');
    expect(await ask('push-undo', {})).toContain('not what was kept last');
    expect(await ask('push-well', {})).toContain('not what was kept last');
    lb2.files.files.delete(SHARED);
    expect(await ask('push-shared', { digest })).toBe('granted');
    lb2.files.write(`${SHARED}/x`, '');
    expect(await ask('push-shared', { digest })).toContain('is a directory');
    for (const what of ['push-shared', 'push-reload', 'push-well', 'push-undo']) {
      const said = await lb2.push.answer(what, '{');
      expect(said).toMatchObject({ ok: false });
    }
  });
});
