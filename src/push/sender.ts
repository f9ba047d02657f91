/** The node that pushes: its files are checked here, sent, checked and installed there, and then its own proxy is reloaded. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { PushPlaces } from '../core/push-places.js';
import { firstOf } from '../core/push-plan.js';
import { fallenSince } from '../core/push-watch.js';
import type { Clock } from '../ports/clock.js';
import type { ProxyHost } from '../ports/proxy-host.js';
import type { PushedFiles } from '../ports/pushed-files.js';
import type { Servers } from '../ports/served.js';
import type { Log } from '../telemetry/events.js';
import type { PushedFileReport, PushOrder, PushReport } from '../telemetry/push.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { Collected } from './collect.js';
import { certificateProblems, collect } from './collect.js';
import type { PushAsk } from './conversation.js';
import { Conversation } from './conversation.js';
import { withLines } from './differences.js';
import { fingerprints, holds } from './pem.js';
import { lookAtProxy } from './proxy-look.js';

export interface SenderOptions {
  readonly node: string;
  readonly peer: string;
  readonly version: string;
}

export interface SenderPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly files: PushedFiles;
  readonly proxy: Pick<ProxyHost, 'reload'>;
  readonly servers: Servers;
  /** Undefined where there is no pair channel. */
  readonly ask: PushAsk | undefined;
  /** The other node's vipair; undefined while the channel is down. */
  readonly peerVersion: () => string | undefined;
  readonly masterOf: () => readonly string[];
  readonly settings: () => {
    readonly places: PushPlaces;
    readonly further: readonly string[];
    readonly watch: Millis;
  };
  /** A name that no other push has. */
  readonly newId: () => string;
}

type Report = Omit<PushReport, 'node' | 'peer' | 'files' | 'notSent'>;

export class PushSender {
  readonly #options: SenderOptions;
  readonly #ports: SenderPorts;
  #state: 'idle' | 'sending' = 'idle';

  constructor(options: SenderOptions, ports: SenderPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  get isSending(): boolean {
    return this.#state === 'sending';
  }

  /** Resolves when it is known what became of it, which may take minutes. */
  async push(order: PushOrder): Promise<Result<PushReport, Refusal>> {
    if (this.#state === 'sending') {
      return refuse('in-progress', 'this node pushes its files already');
    }
    this.#state = 'sending';
    const pushed = await this.#push(order);
    this.#state = 'idle';
    if (order.mode === 'push') {
      this.#tell(pushed);
    }
    return pushed;
  }

  async #push(order: PushOrder): Promise<Result<PushReport, Refusal>> {
    const { ask, newId, clock } = this.#ports;
    const { peer } = this.#options;
    const unlike = this.#unlikePeer();
    if (ask === undefined || unlike !== undefined) {
      return fail(unlike ?? { code: 'cannot-be-carried-out', detail: 'there is no pair channel' });
    }
    const collected = await this.#collect();
    if (!collected.ok) {
      return refuse('cannot-be-carried-out', `nothing was sent: ${collected.error}`);
    }
    const talk = new Conversation({ id: newId(), peer }, { ask, clock });
    const report = await this.#send(order, collected.value, talk);
    if (!report.ok || report.value.outcome === 'checked' || report.value.outcome === 'compared') {
      // Also after an error: what is not installed is of no use there. What is, is not dropped.
      await talk.drop();
    }
    return report;
  }

  #unlikePeer(): Refusal | undefined {
    const { peer, version } = this.#options;
    const there = this.#ports.peerVersion();
    if (there === undefined) {
      return {
        code: 'peer-silent',
        detail: `nothing was sent: the pair channel to ${peer} is down`,
      };
    }
    const detail = `nothing was sent: ${peer} runs vipair ${there}, and this node ${version}; a push takes the same version on both`;
    return there === version ? undefined : { code: 'peer-refused', detail };
  }

  /** And judges: nothing is sent that would not do here. */
  async #collect(): Promise<Result<Collected, string>> {
    const { files, settings, clock } = this.#ports;
    const { places, further } = settings();
    const collected = await collect(places, further, files);
    if (!collected.ok) {
      return collected;
    }
    const problems = certificateProblems(collected.value.files, clock.wallTime());
    if (problems.length > 0) {
      return fail(problems.slice(0, MOST_PROBLEMS).join('; '));
    }
    const checked = await files.checkOwn();
    return checked.ok
      ? collected
      : fail(`HAProxy refuses the files of this node: ${checked.error}`);
  }

  async #send(
    order: PushOrder,
    { files, elsewhere }: Collected,
    talk: Conversation,
  ): Promise<Result<PushReport, Refusal>> {
    const { node, peer } = this.#options;
    const begun = await talk.begin(files);
    const first = begun.ok ? this.#first(order, begun.value.masterOf) : begun;
    if (!first.ok) {
      return first;
    }
    const found = await talk.announce(files);
    if (!found.ok) {
      return found;
    }
    const reports = files.map((file, index): PushedFileReport => {
      const there = found.value[index];
      const here = fingerprints(file.bytes);
      const certificates = { here, there: there?.certificates ?? [] };
      return {
        path: file.path,
        found: there?.found ?? 'absent',
        holds: holds(file.bytes),
        ...(here.length + certificates.there.length === 0 ? {} : { certificates }),
      };
    });
    const shown =
      order.mode === 'diff' ? await withLines(files, reports, (name) => talk.text(name)) : reports;
    const report = await this.#carryOut(order, { files, reports, first: first.value }, talk);
    return report.ok
      ? ok({ node, peer, ...report.value, files: shown, notSent: elsewhere })
      : report;
  }

  #first({ mode, to }: PushOrder, there: readonly string[]): Result<'here' | 'there', Refusal> {
    const { peer, node } = this.#options;
    if (mode !== 'push') {
      return ok('there');
    }
    const first = firstOf({ here: this.#ports.masterOf(), there, to });
    const detail = `${peer} is master of ${there.join(', ')}, and new files go to the standby first: push from ${peer} to ${node}, switch over before, or say --to-active`;
    return first === 'refused' ? refuse('cannot-be-carried-out', detail) : ok(first);
  }

  async #carryOut(
    { mode, to }: PushOrder,
    what: {
      readonly files: Collected['files'];
      readonly reports: readonly PushedFileReport[];
      readonly first: 'here' | 'there';
    },
    talk: Conversation,
  ): Promise<Result<Report, Refusal>> {
    const same = new Set(
      what.reports.flatMap(({ path, found }) => (found === 'same' ? [path] : [])),
    );
    const differing = what.files.filter(({ path }) => !same.has(path));
    const nothing = { why: undefined, first: undefined };
    if (mode === 'diff') {
      return ok({ outcome: 'compared', ...nothing });
    }
    const sent = await talk.send(differing);
    const checked = sent.ok ? await talk.check() : sent;
    if (!checked.ok) {
      return checked;
    }
    if (mode === 'dry-run') {
      return ok({ outcome: 'checked', ...nothing });
    }
    if (differing.length === 0) {
      await talk.drop();
      return ok({ outcome: 'same', ...nothing });
    }
    return this.#installBoth(what.files, { first: what.first, to }, talk);
  }

  async #installBoth(
    files: Collected['files'],
    { first, to }: { readonly first: 'here' | 'there'; readonly to: PushOrder['to'] },
    talk: Conversation,
  ): Promise<Result<Report, Refusal>> {
    const { node, peer } = this.#options;
    if (first === 'here') {
      const here = await this.#loadHere();
      if (here !== undefined) {
        return refuse(
          'cannot-be-carried-out',
          `${peer} was not touched: ${node} goes first, and ${here}`,
        );
      }
    }
    const changed = await this.#changedSince(files);
    if (changed !== undefined) {
      return refuse('cannot-be-carried-out', `${peer} was not touched: ${changed}; push again`);
    }
    const begun = await talk.install(to);
    if (!begun.ok) {
      return begun;
    }
    const end = await talk.ended();
    const told = { first: first === 'here' ? node : peer };
    if (end.outcome !== 'kept') {
      return ok({ outcome: end.outcome, why: end.why, ...told });
    }
    const here = first === 'there' ? await this.#loadOwn(files) : undefined;
    return ok(
      here === undefined
        ? { outcome: 'pushed', why: undefined, ...told }
        : { outcome: 'kept there only', why: here, ...told },
    );
  }

  async #loadOwn(files: Collected['files']): Promise<string | undefined> {
    return (await this.#changedSince(files)) ?? this.#loadHere();
  }

  /** Undefined where all is as it was sent. */
  async #changedSince(files: Collected['files']): Promise<string | undefined> {
    const { settings } = this.#ports;
    const { places, further } = settings();
    const now = await collect(places, further, this.#ports.files);
    if (!now.ok) {
      return now.error;
    }
    const sent = new Map(files.map(({ path, bytes }) => [path, bytes]));
    // Byte by byte: to hash all of them once more would keep the daemon from its adverts for milliseconds.
    const other = now.value.files.find(({ path, bytes }) => {
      const before = sent.get(path);
      return before === undefined || Buffer.compare(before, bytes) !== 0;
    });
    return other === undefined ? undefined : `${other.path} has changed on this node meanwhile`;
  }

  /** Undefined where this node's proxy serves with its own files as well as before; else why not. */
  async #loadHere(): Promise<string | undefined> {
    const { proxy, servers, clock, settings } = this.#ports;
    const before = await lookAtProxy(servers);
    if (before.serves === 'no') {
      return `its HAProxy does not serve: ${before.why}`;
    }
    const reloaded = await proxy.reload();
    if (!reloaded.ok) {
      return `its HAProxy was not reloaded: ${reloaded.error.detail}`;
    }
    const until = later(clock.now(), settings().watch);
    let fallen: string | undefined;
    let times = 0;
    do {
      await pause(clock, LOOK_EVERY);
      fallen = fallenSince(before, await lookAtProxy(servers));
      times = fallen === undefined ? 0 : times + 1;
    } while (clock.now() < until && times < LOOKS_IN_VAIN);
    return fallen === undefined ? undefined : `its HAProxy was reloaded and fares worse: ${fallen}`;
  }

  #tell(pushed: Result<PushReport, Refusal>): void {
    const { peer } = this.#options;
    const outcome = pushed.ok ? pushed.value.outcome : 'refused';
    const detail = pushed.ok ? (pushed.value.why ?? '') : pushed.error.detail;
    this.#ports.log.tell({ event: 'push.sent', peer, outcome, detail });
  }
}

export function pause(clock: Clock, by: Millis): Promise<void> {
  return new Promise((resolve) => {
    clock.alarm(later(clock.now(), by), resolve);
  });
}

function refuse(code: Refusal['code'], detail: string): Result<never, Refusal> {
  return fail({ code, detail });
}

const MOST_PROBLEMS = 10;
const LOOK_EVERY = millis(500);
/** Two seconds, as on the other node. */
const LOOKS_IN_VAIN = 4;
