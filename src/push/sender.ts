/** The node that pushes: its files are checked here, sent, and checked on the other node; then both have them installed. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { SHARED_NAME } from '../core/push-places.js';
import { firstOf, whyNotGiven } from '../core/push-plan.js';
import type { PushedFileReport, PushOrder, PushReport } from '../telemetry/push.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { PushFileAnswer } from '../wire/pair/push.js';
import type { Collected, PushFile } from './collect.js';
import { certificateProblems, collect } from './collect.js';
import { Conversation } from './conversation.js';
import { withLines } from './differences.js';
import type { Report, Sending } from './installation.js';
import { Installation } from './installation.js';
import { fingerprints, holds } from './pem.js';
import type { SenderOptions, SenderPorts } from './sender-ports.js';
import type { Shared } from './shared.js';
import { compareShared } from './shared.js';

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
    const shared = await this.#compareShared(order, talk);
    const report = shared.ok
      ? await this.#send(order, { ...collected.value, shared: shared.value }, talk)
      : shared;
    if (!report.ok || report.value.outcome === 'checked' || report.value.outcome === 'compared') {
      // Also after an error: what is not installed is of no use there. What is, is not dropped.
      await talk.drop();
    }
    return report;
  }

  #compareShared(order: PushOrder, talk: Conversation): Promise<Result<Shared, Refusal>> {
    const { places } = this.#ports.settings();
    return compareShared(order, { ...this.#options, places }, { ...this.#ports, talk });
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
    { files: ofProxy, elsewhere, shared }: Collected & { readonly shared: Shared },
    talk: Conversation,
  ): Promise<Result<PushReport, Refusal>> {
    const { node, peer } = this.#options;
    const files = shared.file === undefined ? ofProxy : [...ofProxy, shared.file];
    const begun = await talk.begin(files);
    const first = begun.ok ? this.#first(order, begun.value.masterOf) : begun;
    if (!first.ok) {
      return first;
    }
    const found = await talk.announce(files);
    if (!found.ok) {
      return found;
    }
    const reports = files.map((file, index) => reportOf(file, found.value[index]));
    const shown =
      order.mode === 'diff' ? await withLines(files, reports, (name) => talk.text(name)) : reports;
    const report = await this.#carryOut(
      order,
      { files, reports, shared, first: first.value },
      talk,
    );
    return report.ok
      ? ok({ node, peer, given: [], ...report.value, files: shown, notSent: elsewhere })
      : report;
  }

  #first(
    { mode, to, then }: PushOrder,
    there: readonly string[],
  ): Result<'here' | 'there', Refusal> {
    const { peer, node } = this.#options;
    const here = this.#ports.masterOf();
    if (mode === 'push' && then === 'switchover') {
      const why = whyNotGiven({ here, there }) ?? this.#whyNotAll(here);
      return why === undefined ? ok('there') : refuse('cannot-be-carried-out', notProven(why));
    }
    if (mode !== 'push') {
      return ok('there');
    }
    const first = firstOf({ here, there, to });
    const detail = `${peer} is master of ${there.join(', ')}, and new files go to the standby first: push from ${peer} to ${node}, switch over before, or say --to-active`;
    return first === 'refused' ? refuse('cannot-be-carried-out', detail) : ok(first);
  }

  #whyNotAll(groups: readonly string[]): string | undefined {
    const { whyNotGive } = this.#ports;
    return groups.map((each) => whyNotGive(each)).find((why) => why !== undefined);
  }

  async #carryOut(
    order: PushOrder,
    what: Sending,
    talk: Conversation,
  ): Promise<Result<Report, Refusal>> {
    const { mode } = order;
    const same = new Set(
      what.reports.flatMap(({ path, found }) => (found === 'same' ? [path] : [])),
    );
    const differing = what.files.filter(({ path }) => !same.has(path));
    const nothing = { why: undefined, first: undefined, shared: what.shared.report };
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
    // What vipair.yaml says is no matter of HAProxy's.
    const loads = differing.some(({ name }) => name !== SHARED_NAME);
    return new Installation(this.#options, this.#ports).install(
      order,
      { ...what, proxy: loads ? 'reload' : 'leave' },
      talk,
    );
  }

  #tell(pushed: Result<PushReport, Refusal>): void {
    const { peer } = this.#options;
    const outcome = pushed.ok ? pushed.value.outcome : 'refused';
    const detail = pushed.ok ? (pushed.value.why ?? '') : pushed.error.detail;
    this.#ports.log.tell({ event: 'push.sent', peer, outcome, detail });
  }
}

function reportOf(file: PushFile, there: PushFileAnswer | undefined): PushedFileReport {
  const here = fingerprints(file.bytes);
  const certificates = { here, there: there?.certificates ?? [] };
  return {
    path: file.path,
    found: there?.found ?? 'absent',
    holds: holds(file.bytes),
    ...(here.length + certificates.there.length === 0 ? {} : { certificates }),
  };
}

function notProven(why: string): string {
  return `nothing was changed: --then switchover would give this node's groups to the other one, and ${why}`;
}

function refuse(code: Refusal['code'], detail: string): Result<never, Refusal> {
  return fail({ code, detail });
}

const MOST_PROBLEMS = 10;
