import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import { settled } from '../engine/fakes.js';
import type { HandClock } from '../engine/fakes.js';
import { ONE, ONE_KEY, TWO_KEY } from './given-certificates.js';
import type { Side } from './given-push.js';
import { CFG, PEM, PUSH, PushPair, TEXT, UP } from './given-push.js';

/** SHA-256 of nothing. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Of the certificates here. */
const VALID = (Date.parse('2026-12-10') - 1_700_000_000_000) as HandClock['time'];

let pair: PushPair;
let clock: HandClock;
let lb1: Side;
let lb2: Side;

function over<T>(outcome: Promise<T>): Promise<T> {
  return pair.over(outcome);
}

beforeEach(() => {
  pair = new PushPair();
  ({ clock, lb1, lb2 } = pair);
});

describe('a push', () => {
  it('goes to the standby first, is checked and watched there, and then loaded here', async () => {
    lb1.files.write(PEM, 'new');
    const pushed = await over(lb1.push.push(PUSH));
    expect(pushed).toMatchObject({
      ok: true,
      value: { outcome: 'pushed', first: 'lb2', notSent: ['/etc/ssl/503.http'] },
    });
    expect(lb2.files.read(PEM)).toBe('new');
    expect(lb1.did.filter((each) => each === 'reload')).toHaveLength(1);
    expect(lb2.did).toContain('reload');
    expect(lb2.events).toEqual([{ event: 'push.kept' }]);
    expect(lb1.events).toMatchObject([{ event: 'push.sent', outcome: 'pushed' }]);
  });

  it('is said to be under way on both nodes, from its first word to its last', async () => {
    lb1.files.write(PEM, 'new');
    expect([lb1.push.underWay, lb2.push.underWay]).toEqual([[], []]);
    const pushed = lb1.push.push(PUSH);
    const said = new Set<string>();
    const saying = ({ push }: typeof lb1): void => {
      for (const { what, says } of push.underWay) {
        said.add(`${what}: ${says}`);
      }
    };
    // Nothing of it takes time until HAProxy is watched.
    while (!said.has('push: watches HAProxy with other files, which may yet be taken back')) {
      saying(lb1);
      saying(lb2);
      await settled();
    }
    expect([...said]).toEqual(
      expect.arrayContaining([
        'push: pushes its files to the other node',
        'push: is sent files by the other node',
      ]),
    );
    expect(await over(pushed)).toMatchObject({ ok: true });
    expect([lb1.push.underWay, lb2.push.underWay]).toEqual([[], []]);
  });

  it('is checked under other paths than it will have', async () => {
    lb1.files.write(PEM, 'new');
    await over(lb1.push.push(PUSH));
    const [config, pem] = lb2.files.checked;
    expect(new TextDecoder().decode(config?.bytes)).toContain(`crt /check${PEM}\n`);
    expect([config?.path, pem?.path]).toEqual([`/check${CFG}`, `/check${PEM}`]);
  });

  it('in many parts arrives whole', async () => {
    const long = Array.from({ length: 9000 }, (_, index) => String(index)).join('\n');
    lb1.files.write(PEM, long);
    expect(await over(lb1.push.push(PUSH))).toMatchObject({ value: { outcome: 'pushed' } });
    expect(lb2.files.read(PEM)).toBe(long);
    expect(lb2.did.filter((each) => each === 'push-part').length).toBeGreaterThan(4);
  });

  it('of the same files changes nothing, and reloads nothing', async () => {
    expect(await over(lb1.push.push(PUSH))).toMatchObject({ value: { outcome: 'same' } });
    expect([...lb1.did, ...lb2.did]).not.toContain('reload');
  });

  it.each(['dry-run', 'diff'] as const)('that is only a %s installs nothing', async (mode) => {
    lb1.files.write(CFG, `${TEXT}maxconn 10\n`);
    const said = await over(lb1.push.push({ ...PUSH, mode }));
    expect(said).toMatchObject({ value: { outcome: mode === 'diff' ? 'compared' : 'checked' } });
    expect(lb2.files.read(CFG)).toBe(TEXT);
    expect(lb2.did.includes('push-check')).toBe(mode === 'dry-run');
    expect(said.ok ? said.value.files[0]?.lines : []).toEqual(
      mode === 'diff' ? ['@@ -3 +3 @@', '+maxconn 10'] : undefined,
    );
    expect(lb2.did.at(-1)).toBe('push-drop');
  });

  it('shows no key, and of a line that may hold a secret only its beginning', async () => {
    lb1.files.write(PEM, ONE + ONE_KEY);
    lb2.files.write(PEM, ONE_KEY);
    lb1.files.write(CFG, `${TEXT}stats auth admin:hunter2\n`);
    clock.time = (Date.parse('2026-12-10') - 1_700_000_000_000) as typeof clock.time;
    const said = JSON.stringify(await over(lb1.push.push({ ...PUSH, mode: 'diff' })));
    expect(said).toContain('a key');
    expect(said).not.toContain('PRIVATE KEY');
    expect(said).not.toContain('hunter2');
    const answered = await lb2.push.answer('push-text', '{"name":"certs/site.pem"}');
    expect(answered).toEqual({ ok: false, error: `${PEM} is not shown` });
  });
});

describe('a push is refused, and nothing is touched,', () => {
  it.each<[string, () => void, string]>([
    ['where it is not accepted', () => (lb2.accept = false), 'set push.accept to true'],
    ['where the other is the owner', () => (lb2.master = 'yes'), 'lb2 is master of web'],
    ['by another version', () => (lb1.version = '0.9'), 'lb2 runs vipair 0.9'],
    ['without a channel', () => (lb1.version = undefined), 'the pair channel to lb2 is down'],
    ['by a channel that breaks', () => (pair.link = 'down'), 'lb2 cannot be asked'],
    ['with an invalid file here', () => (lb1.files.judge = () => 'line 1'), 'of this node: line 1'],
    ['by the other HAProxy', () => (lb2.files.judge = () => 'line 1'), 'refuses the push: line 1'],
    ['by a full disk', () => (lb2.files.disk = 'full'), 'ENOSPC'],
    [
      'with a certificate that expired',
      () => {
        lb1.files.write(PEM, ONE + ONE_KEY);
        clock.time = (Date.parse('2027-02-01') - 1_700_000_000_000) as typeof clock.time;
      },
      `${PEM}: its certificate expired`,
    ],
    [
      'with a certificate that has the key of another',
      () => {
        lb1.files.write(PEM, ONE + TWO_KEY);
        clock.time = VALID;
      },
      `${PEM}: its key belongs to another certificate`,
    ],
    [
      'where HAProxy does not serve there',
      () => (lb2.servers = fail({ detail: 'gone' })),
      'HAProxy does not serve',
    ],
  ])('%s', async (_what, given, why) => {
    lb1.files.write(CFG, `${TEXT}maxconn 10\n`);
    given();
    const refused = await over(lb1.push.push(PUSH));
    expect(refused.ok ? '' : refused.error.detail).toContain(why);
    expect(lb2.files.read(CFG)).toBe(TEXT);
    expect([...lb1.did, ...lb2.did]).not.toContain('reload');
  });

  it('while another one goes on, on either node', async () => {
    lb1.files.write(PEM, 'new');
    const first = lb1.push.push(PUSH);
    expect(await lb1.push.push(PUSH)).toMatchObject({ error: { code: 'in-progress' } });
    lb1.master = 'no';
    lb2.files.write(PEM, 'newer');
    const other = await over(lb2.push.push(PUSH));
    expect(other.ok).toBe(false);
    expect(await over(first)).toMatchObject({ ok: expect.any(Boolean) as boolean });
  });
});

describe('a push is rolled back', () => {
  beforeEach(() => {
    lb1.files.write(CFG, `${TEXT}maxconn 10\n`);
  });

  it('where the proxy refuses it after all', async () => {
    lb2.reload = fail({ code: 'invalid-configuration', detail: 'no such file' });
    expect(await over(lb1.push.push(PUSH))).toMatchObject({
      value: { outcome: 'rolled back', why: 'HAProxy refuses it: no such file' },
    });
    expect(lb2.files.read(CFG)).toBe(TEXT);
    expect(lb2.did.filter((each) => each === 'reload')).toHaveLength(1);
    expect(lb1.did).not.toContain('reload');
  });

  it('where a server falls, and the proxy loads the former files', async () => {
    lb2.afterReload = ok([{ ...UP, status: 'DOWN' }]);
    expect(await over(lb1.push.push(PUSH))).toMatchObject({
      value: { outcome: 'rolled back', why: 'up before and down now: web/a' },
    });
    expect(lb2.files.read(CFG)).toBe(TEXT);
    expect(lb2.did.filter((each) => each === 'reload')).toHaveLength(2);
    expect(lb1.did).not.toContain('reload');
    expect(lb2.events).toMatchObject([{ event: 'push.rolled-back' }]);
  });

  it('by the node itself, when the one that pushed it is gone', async () => {
    lb2.afterReload = fail({ detail: 'gone' });
    const pushed = lb1.push.push(PUSH);
    while (!lb2.did.includes('push-install')) {
      await settled();
    }
    pair.link = 'down';
    expect(await over(pushed)).toMatchObject({ value: { outcome: 'unknown' } });
    expect(lb2.files.read(CFG)).toBe(TEXT);
  });

  it('and where it was kept there, trouble of this node is told', async () => {
    lb1.afterReload = ok([{ ...UP, status: 'DOWN' }]);
    expect(await over(lb1.push.push(PUSH))).toMatchObject({
      value: { outcome: 'kept there only' },
    });
    expect(lb2.files.read(CFG)).toContain('maxconn');
  });
});

describe('to a node that is master', () => {
  beforeEach(() => {
    lb1.master = 'no';
    lb2.master = 'yes';
    lb1.files.write(CFG, `${TEXT}maxconn 10\n`);
  });

  it('a push that is asked for loads the files here first', async () => {
    const pushed = await over(lb1.push.push({ ...PUSH, to: 'active' }));
    expect(pushed).toMatchObject({ value: { outcome: 'pushed', first: 'lb1' } });
  });

  it('and leaves the other alone where this one fares worse', async () => {
    lb1.afterReload = ok([{ ...UP, status: 'DOWN' }]);
    const refused = await over(lb1.push.push({ ...PUSH, to: 'active' }));
    expect(refused.ok ? '' : refused.error.detail).toContain('lb2 was not touched');
    expect(lb2.files.read(CFG)).toBe(TEXT);
  });
});

describe('what was replaced', () => {
  it('is put back on that node, and watched; and once more the other way', async () => {
    lb1.files.write(PEM, 'new');
    await over(lb1.push.push(PUSH));
    for (const text of ['old', 'new']) {
      expect(await over(lb2.push.undo())).toMatchObject({
        value: { outcome: 'undone', files: [PEM] },
      });
      expect(lb2.files.read(PEM)).toBe(text);
    }
  });

  it('is nothing where nobody has pushed', async () => {
    const undone = await over(lb2.push.undo());
    expect(undone.ok ? '' : undone.error.detail).toContain('no push has replaced anything');
  });

  it('is put back by the daemon that comes after one that was killed', async () => {
    await lb2.files.install([
      { path: CFG, base: '/etc/haproxy', bytes: new TextEncoder().encode('x') },
    ]);
    await over(lb2.push.recover().then(() => 'recovered'));
    expect(lb2.files.read(CFG)).toBe(TEXT);
    lb2.push.begin();
    await settled();
    expect(lb2.did).toEqual(['reload']);
    expect(lb2.events).toMatchObject([{ event: 'push.recovered' }]);
  });

  it('has the proxy read them also where they were put back after it had begun', async () => {
    await lb2.files.install([
      { path: CFG, base: '/etc/haproxy', bytes: new TextEncoder().encode('x') },
    ]);
    const recovering = lb2.push.recover();
    lb2.push.begin();
    expect(lb2.did).toEqual([]);
    await over(recovering.then(() => 'recovered'));
    await settled();
    expect(lb2.did).toEqual(['reload']);
  });
});

describe('a node that lies', () => {
  const digest = 'a'.repeat(64);

  async function told(...questions: readonly (readonly [string, object])[]): Promise<string> {
    let last = '';
    for (const [ask, body] of questions) {
      const said = await lb2.push.answer(ask, JSON.stringify({ id: 'x', ...body }));
      last = said?.ok === true ? said.value : (said?.error ?? 'not asked of a push');
    }
    return last;
  }

  const BEGIN = ['push-begin', { files: 2, bytes: 10 }] as const;

  it.each<[string, readonly (readonly [string, object])[], string]>([
    [
      'about the place',
      [BEGIN, ['push-file', { name: '/etc/shadow', bytes: 1, digest }]],
      'lies neither',
    ],
    [
      'about the size',
      [BEGIN, ['push-file', { name: '@haproxy.cfg', bytes: 11, digest }]],
      'more to it than was said',
    ],
    [
      'twice',
      [
        BEGIN,
        ['push-file', { name: 'a', bytes: 1, digest }],
        ['push-file', { name: '/etc/haproxy/a', bytes: 1, digest }],
      ],
      'comes twice',
    ],
    [
      'about the parts',
      [
        BEGIN,
        ['push-file', { name: 'a', bytes: 1, digest }],
        ['push-part', { name: 'a', at: 0, base64: 'AAAA' }],
      ],
      'a part does not fit',
    ],
    [
      'about what there is',
      [BEGIN, ['push-part', { name: 'a', at: 0, base64: 'AAAA' }]],
      'not announced',
    ],
    [
      'about what is in it',
      [
        ['push-begin', { files: 1, bytes: 10 }],
        ['push-file', { name: 'a', bytes: 3, digest }],
        ['push-part', { name: 'a', at: 0, base64: 'AAAA' }],
        ['push-check', {}],
      ],
      '/etc/haproxy/a has not arrived whole',
    ],
    ['about being ready', [BEGIN, ['push-check', {}]], '0 of 2 files'],
    ['about having been checked', [BEGIN, ['push-install', { to: 'active' }]], 'nothing is there'],
    ['about which push it is', [BEGIN, ['push-state', { id: 'y' }]], 'is not known here'],
    [
      'about what it is for',
      [
        ['push-begin', { files: 1, bytes: 10 }],
        ['push-file', { name: 'stranger', bytes: 0, digest: EMPTY }],
        ['push-check', {}],
      ],
      'is named neither',
    ],
    ['with another question', [['reload', {}]], 'not asked of a push'],
    ['in no JSON that makes sense', [['push-begin', { files: 'many' }]], 'not understood'],
  ])('%s is refused', async (_what, questions, why) => {
    expect(await told(...questions)).toContain(why);
  });

  it.each([
    ['that has expired', ONE + ONE_KEY, '2027-02-01', 'its certificate expired'],
    ['with another key', ONE + TWO_KEY, '2026-12-10', 'its key belongs to another certificate'],
  ])('about a certificate %s is found out, and the old one stays', async (_what, pem, at, why) => {
    clock.time = (Date.parse(at) - 1_700_000_000_000) as typeof clock.time;
    const files = [
      ['@haproxy.cfg', TEXT],
      ['certs/site.pem', pem],
    ] as const;
    const bytes = TEXT.length + pem.length;
    await told(['push-begin', { files: 2, bytes }]);
    for (const [name, text] of files) {
      const hash = createHash('sha256').update(text).digest('hex');
      await told(
        ['push-file', { name, bytes: text.length, digest: hash }],
        ['push-part', { name, at: 0, base64: btoa(text) }],
      );
    }
    expect(await told(['push-check', {}])).toContain(`${PEM}: ${why}`);
    expect(await told(['push-install', { to: 'active' }])).toContain('is not known here');
    expect(lb2.files.read(PEM)).toBe('old');
  });

  it('to a node that accepts nothing learns nothing', async () => {
    lb2.accept = false;
    expect(await told(['push-text', { name: '@haproxy.cfg' }])).toContain('takes no files');
  });
});
