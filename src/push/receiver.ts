/** The node that is pushed to: takes files, checks them, installs them, watches the proxy, and keeps them or takes them back. */
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { PushPlaces } from '../core/push-places.js';
import { CONFIG_NAME, placeOf, SHARED_NAME } from '../core/push-places.js';
import type { PushEffect, PushEnd, PushEvent, PushState } from '../core/push-plan.js';
import { AT_REST, busyWith, pushDeadline, stepPush } from '../core/push-plan.js';
import type { ProxyLook } from '../core/push-watch.js';
import { fallenSince } from '../core/push-watch.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { PushedFiles, Replacement } from '../ports/pushed-files.js';
import type { ProxyHost } from '../ports/proxy-host.js';
import type { Servers } from '../ports/served.js';
import type { Log } from '../telemetry/events.js';
import { certificateProblems } from './collect.js';
import { lookAtProxy } from './proxy-look.js';
import { areNamed, stagedCheck } from './staged-check.js';
import type { Staging } from './staging.js';

export interface ReceiverPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly files: PushedFiles;
  readonly proxy: Pick<ProxyHost, 'reload'>;
  readonly servers: Servers;
  /** As the configuration has it now. */
  readonly settings: () => ReceiverSettings;
  /** What is wrong with a vipair.yaml for this node; undefined: nothing. */
  readonly problem: (bytes: Uint8Array) => string | undefined;
}

export interface ReceiverSettings {
  readonly places: PushPlaces;
  readonly further: readonly string[];
  readonly watch: Millis;
}

export class PushReceiver {
  readonly #ports: ReceiverPorts;
  #state: PushState = AT_REST;
  #staging: Staging | undefined;
  #replacements: readonly Replacement[] = [];
  /** The proxy, before the last files came. */
  #before: ProxyLook | undefined;
  #checked: Promise<Result<undefined, string>> = Promise.resolve(done);
  #alarm: Alarm | undefined;
  #ended: ((end: PushEnd) => void) | undefined;
  #phase: 'running' | 'stopped' = 'running';

  constructor(ports: ReceiverPorts) {
    this.#ports = ports;
  }

  get state(): PushState {
    return this.#state;
  }

  /** What has arrived of the push of that id. */
  staging(id: string): Staging | undefined {
    return this.#staging?.id === id ? this.#staging : undefined;
  }

  begin(staging: Staging): Result<undefined, string> {
    const busy = busyWith(this.#state);
    if (busy !== undefined) {
      return fail(busy);
    }
    this.#dispatch({ kind: 'begun', id: staging.id });
    this.#staging = staging;
    return done;
  }

  /** Another word of what is being received. */
  heard(): void {
    this.#dispatch({ kind: 'heard' });
  }

  /** Resolves when the proxy's own check has judged all of it. */
  async check(): Promise<Result<undefined, string>> {
    if (this.#state.name !== 'receiving') {
      return fail('nothing is there to be checked');
    }
    this.#dispatch({ kind: 'check-asked' });
    return this.#checked;
  }

  /** Begins; {@link state} tells what becomes of it. */
  async install(id: string): Promise<Result<undefined, string>> {
    const whole = this.#staging?.whole();
    if (this.#state.name !== 'checked' || whole?.ok !== true) {
      return fail('nothing is there that was checked');
    }
    const files = whole.value.filter(({ found }) => found !== 'same');
    return this.#replace(id, files);
  }

  /** Puts back what the last push that was kept has replaced, and watches as over a push. */
  async undo(): Promise<
    Result<{ readonly end: PushEnd; readonly paths: readonly string[] }, string>
  > {
    const busy = busyWith(this.#state);
    const former = busy === undefined ? await this.#ports.files.former() : fail(busy);
    if (!former.ok) {
      return former;
    }
    if (former.value === undefined) {
      return fail('no push has replaced anything here, or it was undone with the one before');
    }
    const ended = new Promise<PushEnd>((resolve) => {
      this.#ended = resolve;
    });
    const begun = await this.#replace('undo', former.value);
    return begun.ok ? ok({ end: await ended, paths: former.value.map(({ path }) => path) }) : begun;
  }

  /** What has fallen of the proxy since before the files of that push came; undefined: nothing. */
  async fallen(id: string): Promise<Result<string | undefined, string>> {
    const before = this.#before;
    return before === undefined || !this.#hasKept(id)
      ? fail('these files are not what was kept last')
      : ok(fallenSince(before, await lookAtProxy(this.#ports.servers)));
  }

  /** Begins; under the same id {@link state} tells what becomes of it. */
  async takeBack(id: string): Promise<Result<undefined, string>> {
    const former = this.#hasKept(id) ? await this.#ports.files.former() : ok(undefined);
    if (!former.ok || former.value === undefined) {
      return former.ok ? fail('these files are not what was kept last') : former;
    }
    return this.#replace(id, former.value);
  }

  #hasKept(id: string): boolean {
    const last = this.#state.name === 'idle' ? this.#state.last : undefined;
    return last?.id === id && last.outcome === 'kept';
  }

  drop(): void {
    this.#dispatch({ kind: 'dropped' });
  }

  /** What is installed and not kept yet is put back by the next daemon. */
  stop(): void {
    this.#phase = 'stopped';
    this.#alarm?.cancel();
  }

  async #replace(id: string, files: readonly Replacement[]): Promise<Result<undefined, string>> {
    const before = await lookAtProxy(this.#ports.servers);
    if (before.serves === 'no') {
      return fail(
        `HAProxy does not serve, so nobody could tell whether it fares worse: ${before.why}`,
      );
    }
    if (busyWith(this.#state) !== undefined || this.#phase === 'stopped') {
      return fail('another push was faster');
    }
    this.#replacements = files;
    this.#before = before;
    this.#dispatch({ kind: 'install-asked', id, before });
    return done;
  }

  #dispatch(event: PushEvent): void {
    if (this.#phase === 'stopped') {
      return;
    }
    const { clock, settings } = this.#ports;
    const step = stepPush(this.#state, event, { now: clock.now(), watch: settings().watch });
    this.#state = step.state;
    for (const effect of step.effects) {
      this.#carryOut(effect);
    }
    this.#setAlarm();
  }

  #setAlarm(): void {
    this.#alarm?.cancel();
    const deadline = pushDeadline(this.#state);
    if (deadline !== undefined) {
      this.#alarm = this.#ports.clock.alarm(deadline, () => {
        this.#dispatch({ kind: 'alarm' });
      });
    }
  }

  #carryOut(effect: PushEffect): void {
    switch (effect.kind) {
      case 'check':
        this.#checked = this.#check();
        return;
      case 'install':
        void this.#install();
        return;
      case 'reload':
        void this.#reload();
        return;
      case 'look':
        this.#lookSoon();
        return;
      case 'keep':
        void this.#keep();
        return;
      case 'restore':
        void this.#restore();
        return;
      case 'forget':
        this.#staging = undefined;
        this.#replacements = [];
        return;
      case 'ended':
        this.#tell(effect.end);
        return;
      default:
        unreachable(effect);
    }
  }

  async #check(): Promise<Result<undefined, string>> {
    const checked = await this.#judge();
    this.#dispatch({ kind: checked.ok ? 'check-passed' : 'check-refused' });
    return checked;
  }

  async #judge(): Promise<Result<undefined, string>> {
    const { files, settings, clock, problem: judge } = this.#ports;
    const { places, further } = settings();
    const whole = this.#staging?.whole();
    if (whole?.ok !== true) {
      return whole ?? fail('nothing has arrived');
    }
    const shared = whole.value.find(({ path }) => path === places.shared);
    const ofProxy = whole.value.filter((each) => each !== shared);
    const named = areNamed(places.config, ofProxy, further);
    if (!named.ok) {
      return named;
    }
    const [problem] = certificateProblems(ofProxy, clock.wallTime());
    const wrong = problem ?? (shared === undefined ? undefined : judge(shared.bytes));
    if (wrong !== undefined) {
      return fail(wrong);
    }
    const staged = stagedCheck(places.config, ofProxy, files.checkDirectory);
    const checked = await files.check(staged.config, staged.files);
    // As the operator knows them: they are not where they were checked.
    return checked.ok ? checked : fail(checked.error.replaceAll(files.checkDirectory, ''));
  }

  async #install(): Promise<void> {
    const { places } = this.#ports.settings();
    // The configuration may have been read anew since they were announced.
    const stranger = this.#replacements.find(
      ({ path }) => !placeOf(nameFor(path, places), places).ok,
    );
    const installed =
      stranger === undefined
        ? await this.#ports.files.install(this.#replacements)
        : fail(`${stranger.path} may not be written any more`);
    this.#dispatch(
      installed.ok ? { kind: 'installed' } : { kind: 'install-refused', why: installed.error },
    );
  }

  async #reload(): Promise<void> {
    const { shared } = this.#ports.settings().places;
    const isOfProxy = this.#replacements.some(({ path }) => path !== shared);
    const reloaded = isOfProxy ? await this.#ports.proxy.reload() : done;
    if (reloaded.ok) {
      this.#dispatch({ kind: 'reloaded' });
      return;
    }
    const { code, detail } = reloaded.error;
    // A master that could not load it may try again; one that was never told has nothing to go back from.
    const isTold = code === 'no-answer' || code === 'reload-failed';
    const proxy = isTold ? 'to be reloaded' : 'untouched';
    this.#dispatch({ kind: 'reload-refused', why: `HAProxy refuses it: ${detail}`, proxy });
  }

  #lookSoon(): void {
    const { clock, servers } = this.#ports;
    clock.alarm(later(clock.now(), LOOK_EVERY), () => {
      void lookAtProxy(servers).then((look) => {
        this.#dispatch({ kind: 'looked', look });
      });
    });
  }

  async #keep(): Promise<void> {
    const kept = await this.#ports.files.keep();
    this.#dispatch(kept.ok ? { kind: 'kept' } : { kind: 'keep-refused', why: kept.error });
  }

  async #restore(): Promise<void> {
    const restored = await this.#ports.files.restore();
    this.#dispatch(
      restored.ok ? { kind: 'restored' } : { kind: 'restore-failed', why: restored.error },
    );
  }

  #tell(end: PushEnd): void {
    const { log } = this.#ports;
    switch (end.outcome) {
      case 'kept':
        log.tell({ event: 'push.kept' });
        break;
      case 'rolled back':
        log.tell({ event: 'push.rolled-back', detail: end.why });
        break;
      case 'failed':
        log.tell({ event: 'push.failed', detail: end.why });
        break;
      default:
        unreachable(end.outcome);
    }
    this.#ended?.(end);
    this.#ended = undefined;
  }
}

function nameFor(path: string, { config, shared }: PushPlaces): string {
  const other = path === shared ? SHARED_NAME : path;
  return path === config ? CONFIG_NAME : other;
}

const LOOK_EVERY = millis(500);
