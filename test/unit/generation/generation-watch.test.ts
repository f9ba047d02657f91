import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import type { GenerationStatus } from '../../../src/telemetry/generation.js';
import { differencesInWords } from '../../../src/telemetry/generation.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import type { Ask } from '../../../src/generation/comparison.js';
import { GenerationWatch } from '../../../src/generation/generation-watch.js';
import { OwnGeneration } from '../../../src/generation/own-generation.js';
import { SimCommonFiles } from '../../sim/common-files.js';
import { certificate, VERSION_SCRIPT } from '../../contract/common-files.contract.js';
import { HandClock, settled as settledOnce } from '../engine/fakes.js';

const CFG = '/etc/haproxy/haproxy.cfg';
const HAPROXY = '/usr/sbin/haproxy';
const YAML = '/etc/vipair/vipair.yaml';
const PEM = '/etc/ssl/site.pem';
const TEXT = `global\n  maxconn 100\n  stats auth admin:hunter2\nbind :443 ssl crt ${PEM}\n`;

interface Side {
  readonly files: SimCommonFiles;
  readonly events: LogEvent[];
  readonly own: OwnGeneration;
  readonly watch: GenerationWatch;
  sysctl: string;
  channel: 'up' | 'down';
  /** What it says where it is asked; undefined: what it knows. */
  says: Awaited<ReturnType<Ask>> | undefined;
}

/** A look hangs on many answers, one after the other. */
async function settled(): Promise<void> {
  for (let times = 0; times < 20; times += 1) {
    await settledOnce();
  }
}

/** Two nodes that ask each other. */
function given() {
  const clock = new HandClock();
  const sides = new Map<string, Side>();
  const make = (peer: string): Side => {
    const files = new SimCommonFiles();
    files.write(CFG, TEXT);
    files.write(HAPROXY, VERSION_SCRIPT);
    files.write(YAML, 'runs');
    files.write(PEM, certificate('one'));
    const events: LogEvent[] = [];
    const own = new OwnGeneration(
      {
        version: '1.2.3',
        lines: [{ path: 'pair.port', value: '5112' }],
        proxy: { program: HAPROXY, config: CFG },
        settings: ['net.ipv4.ip_nonlocal_bind'],
      },
      {
        commonFiles: files,
        sysctls: {
          read: () => Promise.resolve(ok(side.sysctl)),
          write: () => Promise.resolve(ok(undefined)),
        },
      },
    );
    const watch = new GenerationWatch({ peer, configFile: YAML }, own, {
      clock,
      log: { tell: (event) => events.push(event) },
      commonFiles: files,
      ask: (ask, body) => {
        const other = sides.get(peer);
        const answer = other?.watch.answer(ask, body);
        return Promise.resolve(
          other?.says ??
            (answer?.ok === true ? answer : fail({ code: 'refused', detail: answer?.error ?? '' })),
        );
      },
      channel: () => side.channel,
      lines: () => [{ path: 'pair.port', value: '5112' }],
      judge: (text) => (text === 'runs' ? 'runs' : text === '' ? 'wrong' : 'changed'),
    });
    const side: Side = { files, events, own, watch, sysctl: '1', channel: 'up', says: undefined };
    return side;
  };
  const lb1 = make('lb2');
  const lb2 = make('lb1');
  sides.set('lb1', lb1).set('lb2', lb2);
  const look = async (): Promise<GenerationStatus> => {
    await lb2.own.look();
    lb1.watch.look();
    await settled();
    return lb1.watch.status();
  };
  return { lb1, lb2, look, clock };
}

const words = ({ differences }: GenerationStatus) => differencesInWords(differences, 'lb2');

describe('two nodes compared', () => {
  it('are in sync where everything is the same, and that is told once', async () => {
    const { look, lb1 } = given();
    expect(await look()).toEqual({
      ...{ peer: 'lb2', state: 'in sync', why: undefined, differences: [], file: 'runs' },
    });
    await look();
    expect(lb1.events).toEqual([{ event: 'generation.in-sync', peer: 'lb2' }]);
  });

  it('name the servers of a backend with stick tables where they are others, or have other ids', async () => {
    const { look, lb1, lb2 } = given();
    const backend = (...servers: readonly string[]): string =>
      `${TEXT}backend web\n  stick on src\n${servers.map((each) => `  server ${each}\n`).join('')}`;
    lb1.files.write(CFG, backend('a 10.0.0.1:80', 'b 10.0.0.2:80'));
    lb2.files.write(CFG, backend('b 10.0.0.2:80', 'a 10.0.0.1:80'));
    expect(words(await look())).toContain(
      'servers of backend web: a (id 1), b (id 2) here, b (id 1), a (id 2) on lb2',
    );
    const many = Array.from({ length: 40 }, (_each, id) => `server-${String(id)} 10.0.0.1:80`);
    lb1.files.write(CFG, backend(...many));
    lb2.files.write(CFG, backend(...many.toReversed()));
    const told = words(await look()).find((each) => each.startsWith('servers of'));
    expect(told?.length).toBeLessThan(650);
    // A daemon of an older version says nothing of them, and the file tells all the same.
    lb2.files.write(CFG, TEXT);
    expect(words(await look()).filter((each) => each.startsWith('servers of'))).toEqual([]);
  });

  it('are so whatever comments and white space say', async () => {
    const { look, lb2 } = given();
    lb2.files.write(CFG, `# another hand\n\n${TEXT.replaceAll('  ', '\t')}`);
    expect((await look()).state).toBe('in sync');
  });

  it('differ in a line of haproxy.cfg, which is shown with where it stands', async () => {
    const { look, lb1, lb2 } = given();
    lb2.files.write(CFG, `# another hand\n${TEXT.replace('100', '200')}`);
    const status = await look();
    expect(status.differences).toEqual([
      {
        ...{ item: 'haproxy.cfg', here: undefined, there: undefined, more: 0 },
        lines: [
          { on: 'here', number: 2, text: 'maxconn 100' },
          { on: 'there', number: 3, text: 'maxconn 200' },
        ],
      },
    ]);
    const what = 'haproxy.cfg line 2: maxconn 100 (here) and 1 more';
    expect(words(status)).toEqual([what]);
    await look();
    expect(lb1.events).toEqual([{ event: 'generation.differs', peer: 'lb2', what }]);
    lb2.files.write(CFG, TEXT);
    expect((await look()).state).toBe('in sync');
    expect(lb1.events.at(-1)).toEqual({ event: 'generation.in-sync', peer: 'lb2' });
  });

  it('never show a secret, and still tell that it differs', async () => {
    const { look, lb2 } = given();
    lb2.files.write(CFG, TEXT.replace('hunter2', 'hunter3'));
    const status = await look();
    expect(words(status)).toEqual([
      'haproxy.cfg line 3: stats … (may hold a secret) (here) and 1 more',
    ]);
    expect(JSON.stringify(status)).not.toContain('hunter');
  });

  it.each<[string, (side: Side) => void, string]>([
    [
      'a certificate',
      ({ files }) => {
        files.write(PEM, certificate('two'));
      },
      'certificate /etc/ssl/site.pem: ',
    ],
    [
      'a kernel setting',
      (side) => {
        side.sysctl = '0';
      },
      'net.ipv4.ip_nonlocal_bind: 1 here, 0 on lb2',
    ],
    [
      'the version of HAProxy',
      ({ files }) => {
        files.write(HAPROXY, VERSION_SCRIPT.replace('2.6', '2.8'));
      },
      'HAProxy: HAProxy version 2.6.12 here, HAProxy version 2.8.12 on lb2',
    ],
    [
      'the configuration',
      ({ own }) => {
        own.become([]);
      },
      'vipair.yaml: pair.port: 5112 (here)',
    ],
    [
      'a file that is not there',
      ({ files }) => {
        files.write(CFG, `global\nbind :1 crt /no/such.pem\n`);
      },
      'certificate /etc/ssl/site.pem: ',
    ],
  ])('differ in %s', async (_what, change, expected) => {
    const { look, lb2 } = given();
    await look();
    change(lb2);
    const status = await look();
    expect([status.state, words(status).some((each) => each.startsWith(expected))]).toEqual([
      'differs',
      true,
    ]);
  });

  it('differ in more lines than are shown, and in more than can be compared', async () => {
    const { look, lb2 } = given();
    lb2.files.write(
      CFG,
      Array.from({ length: 60 }, (...[, at]) => `line ${String(at)}`).join('\n'),
    );
    const [many] = (await look()).differences;
    expect([many?.lines.length, many?.more]).toEqual([44, 20]);
    lb2.files.write(CFG, 'x\n'.repeat(7000));
    const [long] = (await look()).differences;
    expect(long).toMatchObject({ item: 'haproxy.cfg', lines: [], more: 0 });
    expect(words(await look())[0]).toBe('haproxy.cfg');
  });

  it.each<[string, (side: { readonly lb1: Side; readonly lb2: Side }) => void, string]>([
    [
      'the channel is down',
      ({ lb1 }) => {
        lb1.channel = 'down';
      },
      'the pair channel is down',
    ],
    [
      'the other daemon is older',
      ({ lb2 }) => {
        lb2.says = fail({ code: 'older', detail: 'the other daemon is of an older version' });
      },
      'the other daemon is of an older version',
    ],
    [
      'the other daemon lies',
      ({ lb2 }) => {
        lb2.says = ok('{"items":"many"}');
      },
      'what the other daemon said is not understood',
    ],
  ])('are never in sync where %s', async (_what, change, why) => {
    const all = given();
    await all.look();
    change(all);
    const status = await all.look();
    expect([status.state, status.why?.startsWith(why)]).toEqual(['unknown', true]);
  });

  it('are not compared before both have looked at their files', async () => {
    const { lb1 } = given();
    lb1.watch.look();
    await settled();
    expect(lb1.watch.status()).toMatchObject({
      state: 'unknown',
      why: 'the other daemon has not looked at its files yet',
    });
  });

  it('answer nothing that is garbled, and leave other questions alone', () => {
    const { watch } = given().lb1;
    expect(watch.answer('generation-lines', '{')).toMatchObject({ ok: false });
    expect(watch.answer('generation-text', '{')).toMatchObject({ ok: false });
    expect(watch.answer('status', '{}')).toBeUndefined();
  });
});

describe('a node looks at its own file', () => {
  it.each([
    ['runs', 'runs'],
    ['other', 'changed'],
    ['', 'wrong'],
  ])('that says %j', async (text, expected) => {
    const { look, lb1 } = given();
    lb1.files.write(YAML, text);
    expect((await look()).file).toBe(expected);
  });

  it('again when another configuration runs', async () => {
    const { look, lb1 } = given();
    await look();
    lb1.watch.changed();
    await settled();
    expect(lb1.watch.status().file).toBe('runs');
  });
});

describe('a node looks', () => {
  it('every five seconds, until it stops', async () => {
    const { look, lb1, lb2, clock } = given();
    await look();
    lb2.sysctl = '0';
    await lb2.own.look();
    const before = clock.now();
    clock.ringNext();
    await settled();
    expect([clock.now() - before, lb1.watch.status().state]).toEqual([5000, 'differs']);
    lb1.watch.stop();
    expect(clock.pending()).toEqual([]);
    lb1.watch.look();
    await settled();
    expect(clock.pending()).toEqual([]);
  });

  it('once more where it was asked to while it looked', async () => {
    const { lb1, lb2, look } = given();
    await look();
    lb1.watch.look();
    lb2.sysctl = '0';
    lb1.watch.look();
    await lb2.own.look();
    await settled();
    expect(lb1.watch.status().state).toBe('differs');
  });
});
