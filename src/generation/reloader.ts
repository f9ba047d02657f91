/** Reads the configuration file again, and makes of it what can be made while the daemon runs; or says why not. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { Config } from '../config/config.js';
import type { ConfigChange } from '../config/config-changes.js';
import { changesBetween, digestOf, inOrderOf, sharedLines } from '../config/config-changes.js';
import { parseConfig } from '../config/load.js';
import { formatProblem } from '../config/problem.js';
import type { JointOutcome } from '../core/joint-change-state.js';
import type { CommonFiles } from '../ports/common-files.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { ReloadReport } from '../telemetry/reload.js';
import type { UnderWay } from '../telemetry/under-way.js';
import type { PlanAnswer } from '../wire/pair/reload.js';
import { ASK_PLAN, readPlan, sharedPart } from '../wire/pair/reload.js';
import type { Ask } from './comparison.js';
import type { JointChangePorts, Readied } from './joint-change-runner.js';
import { JointChangeRunner } from './joint-change-runner.js';
import {
  differingFiles,
  inWords,
  needsAgreement,
  needsRestart,
  refusalInWords,
  refuse,
  sharedDifferences,
} from './reload-text.js';

export interface ReloadOptions {
  readonly node: string;
  readonly peer: string;
  readonly configFile: string;
}

export interface ReloadPorts extends Pick<JointChangePorts, 'clock' | 'log' | 'dispatch'> {
  readonly commonFiles: CommonFiles;
  /** Undefined where there is no pair channel. */
  readonly ask: Ask | undefined;
  /** What runs now. */
  readonly running: () => Config;
  /** Makes the daemon one of this configuration, of which nothing takes more than that; its error is a sentence. */
  readonly apply: (config: Config) => Promise<Result<undefined, string>>;
  /** Makes ready for this configuration, of which nothing takes more than the agreement of the other node. */
  readonly prepare: (config: Config) => Promise<Result<Readied, string>>;
}

/** `planned`: nothing is changed. */
export type ReloadMode = 'applied' | 'planned';

interface Plan {
  readonly config: Config;
  readonly changes: readonly ConfigChange[];
}

export class Reloader {
  readonly #options: ReloadOptions;
  readonly #ports: ReloadPorts;
  readonly #joint: JointChangeRunner | undefined;
  #state: 'idle' | 'reloading' | 'stopped' = 'idle';

  constructor(options: ReloadOptions, ports: ReloadPorts) {
    this.#options = options;
    this.#ports = ports;
    const { ask } = ports;
    this.#joint =
      ask === undefined
        ? undefined
        : new JointChangeRunner(options, {
            ...{ ...ports, ask },
            prepare: (digest) => this.#prepare(digest),
          });
  }

  /** All of the file is carried out, or nothing. */
  async reload(mode: ReloadMode): Promise<Result<ReloadReport, Refusal>> {
    if (this.#state === 'stopped') {
      return refuse('in-progress', 'the daemon is stopping');
    }
    if (this.#state === 'reloading' || (mode === 'applied' && this.#joint?.isBusy === true)) {
      return refuse('in-progress', 'the configuration is being reloaded already');
    }
    this.#state = 'reloading';
    const outcome = mode === 'planned' ? await this.#look() : await this.#carryOut();
    this.#rest();
    if (mode === 'applied' && !outcome.ok) {
      const { detail } = outcome.error;
      this.#ports.log.tell({ event: 'reload.refused', detail });
    }
    return outcome;
  }

  /** What the other daemon asks; undefined where it is something else. */
  answer(ask: string, body: string): Promise<Result<string, string>> | undefined {
    return ask === ASK_PLAN ? this.#answerPlan() : this.#joint?.answer(ask, body);
  }

  /** Of the configuration, what is not over. */
  get underWay(): readonly UnderWay[] {
    const joint = this.#joint?.underWay;
    if (joint !== undefined) {
      return [{ what: 'joint change', says: joint }];
    }
    return this.#state === 'reloading' ? [{ what: 'reload', says: 'reads its vipair.yaml' }] : [];
  }

  /** Nothing is switched after it. */
  stop(): void {
    this.#state = 'stopped';
    this.#joint?.stop();
  }

  #rest(): void {
    this.#state = this.#state === 'stopped' ? 'stopped' : 'idle';
  }

  get #isStopped(): boolean {
    return this.#state === 'stopped';
  }

  async #answerPlan(): Promise<Result<string, string>> {
    const plan = await this.#plan();
    if (!plan.ok) {
      return fail(refusalInWords(plan.error));
    }
    const { config, changes } = plan.value;
    const lines = sharedLines(config);
    const answer: PlanAnswer = {
      changes: changes.slice(0, MOST_TOLD),
      shared: sharedPart(digestOf(lines), lines),
    };
    return ok(JSON.stringify(answer));
  }

  async #look(): Promise<Result<ReloadReport, Refusal>> {
    const plan = await this.#plan();
    if (!plan.ok) {
      return plan;
    }
    const { config, changes } = plan.value;
    const { node, peer: name } = this.#options;
    const report = { node, outcome: 'planned', changes } as const;
    if (this.#ports.ask === undefined) {
      return ok({ ...report, peer: undefined });
    }
    const peer = await this.#askPlan(this.#ports.ask);
    return ok(
      peer.ok
        ? {
            ...report,
            peer: { node: name, changes: peer.value.changes },
            differing: sharedDifferences(config, peer.value.shared),
          }
        : { ...report, peer: { node: name, unknown: peer.error } },
    );
  }

  async #askPlan(ask: Ask): Promise<Result<PlanAnswer, string>> {
    const answer = await ask(ASK_PLAN, '{}', ANSWER_WITHIN);
    return answer.ok ? readPlan(answer.value) : fail(answer.error.detail);
  }

  async #carryOut(): Promise<Result<ReloadReport, Refusal>> {
    const plan = await this.#plan();
    if (!plan.ok) {
      return plan;
    }
    const { config, changes } = plan.value;
    const { node } = this.#options;
    const restart = needsRestart(changes);
    if (restart !== undefined) {
      return fail(restart);
    }
    if (changes.some(({ takes }) => takes === 'agreement') || (await this.#isBehind(plan.value))) {
      return this.#switchTogether(plan.value);
    }
    if (changes.length === 0) {
      return ok({ node, outcome: 'unchanged', changes, peer: undefined });
    }
    const applied = this.#isStopped
      ? fail('the daemon is stopping')
      : await this.#ports.apply(config);
    if (!applied.ok) {
      return refuse('cannot-be-carried-out', applied.error);
    }
    this.#ports.log.tell({ event: 'reload.applied', what: inWords(changes) });
    return ok({ node, outcome: 'applied', changes, peer: undefined });
  }

  /** Whether nothing is left to do here, and the other node has yet to switch to the same: it did not, the last time. */
  async #isBehind({ config, changes }: Plan): Promise<boolean> {
    const { ask } = this.#ports;
    if (changes.length > 0 || ask === undefined) {
      return false;
    }
    const peer = await this.#askPlan(ask);
    return (
      peer.ok &&
      peer.value.changes.some(({ takes }) => takes === 'agreement') &&
      peer.value.shared?.digest === digestOf(sharedLines(config))
    );
  }

  async #switchTogether({ config, changes }: Plan): Promise<Result<ReloadReport, Refusal>> {
    const { node, peer: name } = this.#options;
    const { ask } = this.#ports;
    if (ask === undefined || this.#joint === undefined) {
      return fail(needsAgreement(changes, 'there is no pair channel'));
    }
    const peer = await this.#askPlan(ask);
    if (!peer.ok) {
      return fail(needsAgreement(changes, `${name} does not take part: ${peer.error}`));
    }
    const there = needsRestart(peer.value.changes, name);
    if (there !== undefined) {
      return fail(there);
    }
    const digest = digestOf(sharedLines(config));
    if (peer.value.shared?.digest !== digest) {
      return fail(differingFiles(this.#options, config, peer.value.shared));
    }
    const outcome = await this.#joint.begin(digest);
    return outcome.kind === 'switched'
      ? ok({
          ...{ node, outcome: 'switched', changes },
          peer: { node: name, changes: peer.value.changes },
        })
      : fail(this.#refusalOf(outcome, changes));
  }

  #refusalOf(
    { kind, why }: Exclude<JointOutcome, { kind: 'switched' }>,
    changes: readonly ConfigChange[],
  ): Refusal {
    const { node, peer } = this.#options;
    const detail = `${node} has changed nothing, and ${peer} may have: ${why}; once the pair channel is up, vipair reload brings them together`;
    return kind === 'refused'
      ? needsAgreement(changes, `neither has changed anything: ${why}`)
      : { code: 'peer-silent', detail };
  }

  /** For a change together: the file is read anew, lest it is another one by now. */
  async #prepare(digest: string): Promise<Result<Readied & { readonly what: string }, string>> {
    const plan = await this.#plan();
    if (!plan.ok) {
      return fail(refusalInWords(plan.error));
    }
    const { config, changes } = plan.value;
    const { node, configFile } = this.#options;
    if (digestOf(sharedLines(config)) !== digest) {
      return fail(`${configFile} on ${node} says something else by now`);
    }
    const restart = needsRestart(changes, node);
    if (restart !== undefined) {
      return fail(restart.detail);
    }
    const readied = this.#isStopped
      ? fail('the daemon is stopping')
      : await this.#ports.prepare(config);
    return readied.ok ? ok({ ...readied.value, what: inWords(changes) }) : readied;
  }

  async #plan(): Promise<Result<Plan, Refusal>> {
    const { commonFiles, running } = this.#ports;
    const { configFile } = this.#options;
    const text = await commonFiles.readText(configFile);
    if (!text.ok) {
      return refuse('configuration', text.error.detail);
    }
    const read = parseConfig(text.value, configFile);
    if (!read.ok) {
      const detail = `${configFile} is wrong, so what runs goes on`;
      return fail({ code: 'configuration', detail, problems: read.error.map(formatProblem) });
    }
    const config = inOrderOf(running(), read.value);
    return ok({ config, changes: changesBetween(running(), config) });
  }
}

const ANSWER_WITHIN = millis(2000);
const MOST_TOLD = 100;
