/** Reads the configuration file again, and makes of it what can be made while the daemon runs; or says why not. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { Config } from '../config/config.js';
import type { ConfigChange } from '../config/config-changes.js';
import { changeInWords, changesBetween } from '../config/config-changes.js';
import { parseConfig } from '../config/load.js';
import { formatProblem } from '../config/problem.js';
import type { CommonFiles } from '../ports/common-files.js';
import type { Log } from '../telemetry/events.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { PeerPlan, ReloadReport } from '../telemetry/reload.js';
import { ASK_PLAN, readPlan } from '../wire/pair/reload.js';
import type { Ask } from './comparison.js';

export interface ReloadOptions {
  readonly node: string;
  readonly peer: string;
  readonly configFile: string;
}

export interface ReloadPorts {
  readonly commonFiles: CommonFiles;
  readonly log: Log;
  /** Undefined where there is no pair channel. */
  readonly ask: Ask | undefined;
  /** What runs now. */
  readonly running: () => Config;
  /** Makes the daemon one of this configuration, of which nothing takes more than that; its error is a sentence. */
  readonly apply: (config: Config) => Promise<Result<undefined, string>>;
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
  #state: 'idle' | 'reloading' = 'idle';

  constructor(options: ReloadOptions, ports: ReloadPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** All of the file is carried out, or nothing. */
  async reload(mode: ReloadMode): Promise<Result<ReloadReport, Refusal>> {
    if (this.#state === 'reloading') {
      return refuse('in-progress', 'the configuration is being reloaded already');
    }
    this.#state = 'reloading';
    const outcome = mode === 'planned' ? await this.#look() : await this.#carryOut();
    this.#state = 'idle';
    if (mode === 'applied' && !outcome.ok) {
      const { detail } = outcome.error;
      this.#ports.log.tell({ event: 'reload.refused', detail });
    }
    return outcome;
  }

  /** What the other daemon asks; undefined where it is something else. */
  answer(ask: string): Promise<Result<string, string>> | undefined {
    return ask === ASK_PLAN ? this.#answerPlan() : undefined;
  }

  async #answerPlan(): Promise<Result<string, string>> {
    const plan = await this.#plan();
    return plan.ok
      ? ok(JSON.stringify({ changes: plan.value.changes.slice(0, MOST_TOLD) }))
      : fail([plan.error.detail, ...(plan.error.problems ?? [])].join('; '));
  }

  async #look(): Promise<Result<ReloadReport, Refusal>> {
    const plan = await this.#plan();
    if (!plan.ok) {
      return plan;
    }
    const peer = await this.#askPeer();
    const { node } = this.#options;
    return ok({ node, outcome: 'planned', changes: plan.value.changes, peer });
  }

  async #askPeer(): Promise<PeerPlan | undefined> {
    const { ask } = this.#ports;
    const { peer: node } = this.#options;
    if (ask === undefined) {
      return undefined;
    }
    const answer = await ask(ASK_PLAN, '{}', ANSWER_WITHIN);
    const read = answer.ok ? readPlan(answer.value) : fail(answer.error.detail);
    return read.ok ? { node, changes: read.value.changes } : { node, unknown: read.error };
  }

  async #carryOut(): Promise<Result<ReloadReport, Refusal>> {
    const plan = await this.#plan();
    if (!plan.ok) {
      return plan;
    }
    const { config, changes } = plan.value;
    const { node } = this.#options;
    if (changes.length === 0) {
      return ok({ node, outcome: 'unchanged', changes, peer: undefined });
    }
    const objection = objectionTo(changes);
    if (objection !== undefined) {
      return objection;
    }
    const applied = await this.#ports.apply(config);
    if (!applied.ok) {
      return refuse('cannot-be-carried-out', applied.error);
    }
    this.#ports.log.tell({ event: 'reload.applied', what: inWords(changes) });
    return ok({ node, outcome: 'applied', changes, peer: undefined });
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
    return ok({ config: read.value, changes: changesBetween(running(), read.value) });
  }
}

/** What makes a file one that cannot be taken over while the daemon runs. */
function objectionTo(changes: readonly ConfigChange[]): Result<never, Refusal> | undefined {
  const restart = changes.filter(({ takes }) => takes === 'restart');
  if (restart.length > 0) {
    return refuse(
      'needs-restart',
      `the daemon is built on what was changed (${inWords(restart)}): restart it with SIGUSR2 on each node`,
    );
  }
  const agreement = changes.filter(({ takes }) => takes === 'agreement');
  return agreement.length === 0
    ? undefined
    : refuse(
        'needs-agreement',
        `both nodes must change this at the same moment (${inWords(agreement)})`,
      );
}

function inWords(changes: readonly ConfigChange[]): string {
  return changes.map(changeInWords).join(', ').slice(0, MOST_CHARACTERS);
}

function refuse(code: Refusal['code'], detail: string): Result<never, Refusal> {
  return fail({ code, detail });
}

const ANSWER_WITHIN = millis(2000);
const MOST_TOLD = 100;
const MOST_CHARACTERS = 400;
