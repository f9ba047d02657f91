import { describe, expect, it } from 'vitest';
import { done, fail } from '../../../src/base/result.js';
import type { Result } from '../../../src/base/result.js';
import type { Millis } from '../../../src/base/time.js';
import { between, millis } from '../../../src/base/time.js';
import { ServiceReports } from '../../../src/engine/service-reports.js';
import type { ServiceManager, ServiceNews } from '../../../src/ports/service-news.js';
import { HandClock } from './fakes.js';

class Heard implements ServiceManager {
  readonly watchdog: Millis | undefined;
  news: string[] = [];
  socket: 'open' | 'full' = 'open';

  constructor(watchdog: Millis | undefined) {
    this.watchdog = watchdog;
  }

  tell(news: ServiceNews): Result<undefined, { readonly detail: string }> {
    if (this.socket === 'full') {
      return fail({ detail: 'sendto: EAGAIN' });
    }
    this.news.push(news.kind === 'status' ? `status ${news.text}` : news.kind);
    return done;
  }
}

function reporting(watchdog?: number) {
  const service = new Heard(watchdog === undefined ? undefined : millis(watchdog));
  const clock = new HandClock();
  const daemon = { works: true, line: 'lb1: backup: web' };
  const subject = new ServiceReports({
    ...{ service, clock },
    works: () => daemon.works,
    line: () => daemon.line,
  });
  /** What was said since the last look. */
  const said = (): readonly string[] => service.news.splice(0);
  return { service, clock, daemon, subject, said };
}

function anAnswer<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((good, bad) => {
    resolve = good;
    reject = bad;
  });
  return { promise, resolve, reject };
}

describe('what a service manager is told', () => {
  it('is that the daemon is ready, that it works, and how it is', () => {
    const { subject, said } = reporting();
    subject.ready();
    expect(said()).toEqual(['ready', 'works', 'status lb1: backup: web']);
  });

  it('is that it works four times in the patience of the watchdog', () => {
    const { subject, clock, said } = reporting(400);
    subject.ready();
    said();
    const before = clock.now();
    for (let ring = 0; ring < 4; ring += 1) {
      clock.ringNext();
    }
    expect(between(before, clock.now())).toBe(400);
    expect(said()).toEqual(['works', 'works', 'works', 'works']);
  });

  it('is nothing while no decision is made', () => {
    const { subject, clock, daemon, said } = reporting();
    subject.ready();
    said();
    daemon.works = false;
    clock.ringNext(5000);
    expect(said()).toEqual([]);
  });

  it('is its state only where that has changed', () => {
    const { subject, clock, daemon, said } = reporting();
    subject.ready();
    daemon.line = 'lb1: master: web';
    said();
    clock.ringNext();
    clock.ringNext();
    expect(said()).toEqual(['works', 'status lb1: master: web', 'works']);
  });

  it('is said again where the socket was full, because it is waited for', () => {
    const { subject, service, clock, said } = reporting();
    service.socket = 'full';
    subject.ready();
    service.socket = 'open';
    clock.ringNext();
    expect(said()).toEqual(['ready', 'works', 'status lb1: backup: web']);
  });

  it('is the beginning and the end of a reload, also of one that fails; of two at once, one end', async () => {
    const { subject, said } = reporting();
    subject.ready();
    said();
    const first = anAnswer<string>();
    const second = anAnswer<string>();
    const both = [subject.during(() => first.promise), subject.during(() => second.promise)];
    first.resolve('applied');
    await expect(both[0]).resolves.toBe('applied');
    expect(said()).toEqual(['reloading', 'reloading']);
    second.reject(new Error('refused'));
    await expect(both[1]).rejects.toThrow('refused');
    expect(said()).toEqual(['ready']);
  });

  it('is not that it is ready again, once it stops; but that it still works, until it ends', async () => {
    const { subject, clock, said } = reporting();
    subject.ready();
    said();
    const reload = anAnswer<undefined>();
    const reloading = subject.during(() => reload.promise);
    subject.stopping();
    reload.resolve(undefined);
    await reloading;
    clock.ringNext();
    expect(said()).toEqual(['reloading', 'stopping', 'works']);
    subject.end();
    expect(clock.pending()).toEqual([]);
    expect(said()).toEqual([]);
  });
});
