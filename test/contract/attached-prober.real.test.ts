/** An attached prober on real sockets, and programs that are one or are none. */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Ip } from '../../src/base/ip.js';
import { ok, fail } from '../../src/base/result.js';
import { millis } from '../../src/base/time.js';
import { AttachedProbing } from '../../src/drill/attached-probing.js';
import { SystemClock } from '../../src/os/clock.js';
import { SystemProbeProcesses } from '../../src/os/probe-process.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import type { AttachedOptions, Starter } from '../../src/prober/attached.js';
import { runAttached } from '../../src/prober/attached.js';
import type { AttachedLine } from '../../src/prober/attached-lines.js';
import { decodeAttachedLine } from '../../src/prober/attached-lines.js';

const clock = new SystemClock();
const processes = new SystemProcessHost();
let server: Server | undefined;

afterEach(() => {
  server?.close();
});

async function serving(): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nx-node: lb1\r\n\r\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Whoever started it: keeps what was said, and ends when the test says so. */
class Keeper implements Starter {
  readonly heard: AttachedLine[] = [];
  line: (line: string) => void = () => undefined;
  end: () => void = () => undefined;

  begin({ line, ended }: Parameters<Starter['begin']>[0]): void {
    this.line = line;
    this.end = ended;
  }

  say(text: string): void {
    const line = decodeAttachedLine(text);
    expect(line).toBeDefined();
    this.heard.push(line!);
  }

  kinds(): readonly string[] {
    return this.heard.map(({ kind }) => kind);
  }
}

function options(port: number): AttachedOptions {
  return {
    watch: undefined,
    probe: {
      target: { host: '127.0.0.1' as Ip, port },
      manner: { over: 'http', path: '/', expect: 200, serverName: undefined },
      ...{ every: millis(10), lasting: millis(60_000), streams: 0 },
      ...{ deadline: millis(300), streamStall: millis(1_500) },
    },
  };
}

const silentLink = {
  open: () => ok({ ask: () => ok(undefined), close: () => undefined }),
};

describe('an attached prober', () => {
  it('tells how it goes, answers for its clock, and reports when it is ended', async () => {
    const starter = new Keeper();
    const running = runAttached(options(await serving()), {
      ...{ clock, neighbours: silentLink, processes, starter },
    });
    await sleep(1_100);
    starter.line('clock 7');
    starter.line('what?');
    starter.end();
    expect(await running).toBe('reported');
    expect(starter.kinds()).toEqual(['started', 'progress', 'clock', 'report']);
    const [, progress, answer, report] = starter.heard;
    expect(progress).toMatchObject({ failed: 0, gap: 0, streamsBroken: 0 });
    expect(answer).toMatchObject({ id: 7 });
    expect(report?.kind === 'report' ? report.probe.samples.length : 0).toBeGreaterThan(90);
    expect(report).toMatchObject({ neighbour: undefined, owners: undefined });
  });

  it('tells who answered for the address where it watches', async () => {
    const starter = new Keeper();
    const watch = {
      question: { interface: 'lo', target: '127.0.0.1' as Ip, sender: '127.0.0.1' as Ip },
      every: millis(10),
    };
    const running = runAttached(
      { ...options(await serving()), watch },
      { clock, neighbours: silentLink, processes, starter },
    );
    await sleep(200);
    starter.end();
    expect(await running).toBe('reported');
    const report = starter.heard.at(-1);
    const owners = report?.kind === 'report' ? report.owners : undefined;
    expect(owners).toMatchObject({ every: 10, tenures: [], twoOwners: 0 });
    expect(owners?.noOwner).toBeGreaterThan(150);
  });

  it('says so and ends where it may not watch', async () => {
    const starter = new Keeper();
    const watch = {
      question: { interface: 'lo', target: '127.0.0.1' as Ip, sender: '127.0.0.1' as Ip },
      every: millis(10),
    };
    const refusing = {
      open: () => fail({ code: 'not-permitted', detail: 'no right to' } as const),
    };
    const outcome = await runAttached(
      { ...options(await serving()), watch },
      { clock, neighbours: refusing, processes, starter },
    );
    expect(outcome).toBe('failed');
    expect(starter.heard.at(-1)).toEqual({
      kind: 'failed',
      problem: 'who answers cannot be watched: no right to',
    });
  });
});

describe('the prober as a program', () => {
  const program = (script: string): readonly [string, ...string[]] => [
    process.execPath,
    '-e',
    script,
  ];
  const start = (command: readonly [string, ...string[]]): AttachedProbing =>
    new AttachedProbing(command, { clock, processes: new SystemProbeProcesses() });

  it('begins, answers for its clock, and reports when its input ends, however long the report is', async () => {
    const probing = start(
      program(`
        const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n');
        const now = () => Number(process.hrtime.bigint()) / 1e6;
        process.stdout.write('Welcome!\\n');
        say({ kind: 'started', version: 1, target: 'x', every: 5, lasting: 1, at: now(), wall: Date.now() });
        require('node:readline').createInterface({ input: process.stdin })
          .on('line', (line) => say({ kind: 'clock', id: Number(line.split(' ')[1]), at: now(), wall: Date.now() }))
          .on('close', () => say({ kind: 'report', wall: 1, probe: {
            target: 'x', every: 5, startedAt: 0, endedAt: 1, worstLateness: 0, streamsOpened: 0, streamBreaks: [],
            outcomes: ['answered'], names: [null], samples: Array.from({ length: 200000 }, (_, i) => [i, i + 1, 0, 0, 0]),
          } }));
      `),
    );
    expect(await probing.begun()).toEqual(ok(undefined));
    expect(probing.prober.clock?.within).toBeLessThan(50);
    expect(Math.abs(probing.prober.clock?.ahead ?? 1_000)).toBeLessThan(50);
    const finished = await probing.finish();
    expect(finished.ok ? finished.value.report?.probe.samples.length : finished.error).toBe(
      200_000,
    );
    await expect.poll(() => probing.end).toBe('exit code 0');
  });

  it('is none that is not there', async () => {
    const begun = await start(['/no/such/program']).begun();
    expect(begun).toMatchObject({ ok: false });
    expect(begun.ok ? '' : begun.error).toContain('ENOENT');
  });

  it('is none that complains and ends: its words are passed on', async () => {
    const begun = await start(
      program('process.stderr.write("ops1: no route"); process.exitCode = 255'),
    ).begun();
    expect(begun).toEqual({
      ok: false,
      error: 'the prober did not begin to measure: ops1: no route; exit code 255',
    });
  });

  it('is killed where it is told to, whatever it does', async () => {
    const probing = start(program('setInterval(() => undefined, 1000)'));
    probing.kill();
    expect(await probing.begun()).toMatchObject({ ok: false });
    expect(probing.end).toBe('signal SIGKILL');
  });
});
