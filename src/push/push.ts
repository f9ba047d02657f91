/** Files of the proxy from one node to the other, in either direction: what a daemon needs of it. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { Config } from '../config/config.js';
import type { PushState } from '../core/push-plan.js';
import { busyWith } from '../core/push-plan.js';
import type { PushPlaces } from '../core/push-places.js';
import { inTime } from '../ports/in-time.js';
import type { Random } from '../ports/random.js';
import type { NodeStatus } from '../telemetry/status.js';
import type { PushedSharedReport, PushOrder, PushReport, UndoReport } from '../telemetry/push.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { UnderWay } from '../telemetry/under-way.js';
import { PushAnswers } from './answers.js';
import { placesOf } from './places.js';
import type { ReceiverPorts, ReceiverSettings } from './receiver.js';
import { PushReceiver } from './receiver.js';
import type { SenderOptions, SenderPorts } from './sender-ports.js';
import { PushSender } from './sender.js';
import { sharedProblem } from './shared.js';

export interface PushOptions extends SenderOptions {
  readonly configFile: string;
}

export interface PushPorts
  extends
    Omit<ReceiverPorts, 'settings' | 'problem'>,
    Pick<SenderPorts, 'ask' | 'peerVersion' | 'give' | 'whyNotGive' | 'reload'> {
  readonly random: Random;
  /** What runs now. */
  readonly running: () => Config;
  readonly groups: () => NodeStatus['groups'];
}

export class Push {
  readonly #options: PushOptions;
  readonly #ports: PushPorts;
  readonly #receiver: PushReceiver;
  readonly #sender: PushSender;
  readonly #answers: PushAnswers;
  /** Of the proxy, where something was put back at the start. */
  #due: 'nothing' | 'reload' = 'nothing';
  #phase: 'starting' | 'begun' = 'starting';

  constructor(options: PushOptions, ports: PushPorts) {
    this.#options = options;
    this.#ports = ports;
    const settings = (): ReceiverSettings => settingsOf(ports.running(), options.configFile);
    const masterOf = (): readonly string[] =>
      ports
        .groups()
        .filter(({ role }) => role === 'master')
        .map(({ name }) => name);
    let last = 0;
    const newId = (): string => {
      last += 1;
      const life = Math.trunc(ports.random.fraction() * LIVES);
      return `${options.node}-${String(life)}-${String(last)}`;
    };
    const problem = (bytes: Uint8Array): string | undefined =>
      sharedProblem(bytes, { ...options, running: ports.running() });
    this.#receiver = new PushReceiver({ ...ports, settings, problem });
    this.#sender = new PushSender(options, { ...ports, settings, masterOf, newId, problem });
    this.#answers = new PushAnswers({
      ...{ ...ports, settings, masterOf, node: options.node, receiver: this.#receiver },
      accepts: () => ports.running().push?.accept === true,
      isSending: () => this.#sender.isSending,
    });
  }

  /** Before a proxy is started: what a former daemon had not finished is put back. A stuck disk is not waited for. */
  async recover(): Promise<void> {
    const { clock, files, log } = this.#ports;
    const recovered = files.recover().then((outcome) => {
      if (!outcome.ok) {
        log.tell({ event: 'push.failed', detail: outcome.error });
      } else if (outcome.value === 'restored') {
        const detail = 'a push was not finished when the daemon ended: the former files are back';
        log.tell({ event: 'push.recovered', detail });
        this.#due = 'reload';
        this.#reloadIfDue();
      }
    });
    await inTime(clock, RECOVERS_WITHIN, recovered);
  }

  /** The proxy that was found running may have read what was put back meanwhile. */
  begin(): void {
    this.#phase = 'begun';
    this.#reloadIfDue();
  }

  /** Also later, where the disk took longer than was waited for. */
  #reloadIfDue(): void {
    if (this.#phase === 'begun' && this.#due === 'reload') {
      this.#due = 'nothing';
      void this.#reloadOnce();
    }
  }

  /** Undefined where something else is asked. */
  answer(ask: string, body: string): Promise<Result<string, string>> | undefined {
    return this.#answers.answer(ask, body);
  }

  /** In either direction. */
  get underWay(): readonly UnderWay[] {
    const { name } = this.#receiver.state;
    return [
      ...(this.#sender.isSending ? [SENDING] : []),
      ...(name === 'idle' ? [] : [{ what: 'push', says: RECEIVING[name] } as const]),
    ];
  }

  push(order: PushOrder): Promise<Result<PushReport, Refusal>> {
    const busy = busyWith(this.#receiver.state);
    return busy === undefined
      ? this.#sender.push(order)
      : Promise.resolve(refuse('in-progress', `${this.#options.node}: ${busy}`));
  }

  /** On this node: what the last push to it replaced is there again. */
  async undo(): Promise<Result<UndoReport, Refusal>> {
    if (this.#sender.isSending) {
      return refuse('in-progress', 'this node pushes its files at the moment');
    }
    const { node } = this.#options;
    const undone = await this.#receiver.undo();
    if (!undone.ok) {
      return refuse('cannot-be-carried-out', undone.error);
    }
    const { end, paths } = undone.value;
    const outcome = end.outcome === 'kept' ? 'undone' : end.outcome;
    const shared = outcome === 'undone' ? await this.#takeOver(paths) : undefined;
    const why = end.why === '' ? undefined : end.why;
    return ok({ node, outcome, why, files: paths, shared });
  }

  /** Of this node alone: what both must change at one moment waits for the other node's file. */
  async #takeOver(paths: readonly string[]): Promise<PushedSharedReport | undefined> {
    const path = this.#options.configFile;
    const why = paths.includes(path) ? await this.#ports.reload() : undefined;
    const outcome = why === undefined ? 'taken over' : 'not taken over';
    return paths.includes(path) ? { path, outcome, why } : undefined;
  }

  stop(): void {
    this.#receiver.stop();
  }

  async #reloadOnce(): Promise<void> {
    const reloaded = await this.#ports.proxy.reload();
    // One that does not run reads the right files when it is started.
    if (!reloaded.ok && reloaded.error.code !== 'not-running') {
      const detail = `HAProxy was not reloaded with the former files: ${reloaded.error.detail}`;
      this.#ports.log.tell({ event: 'push.failed', detail });
    }
  }
}

function settingsOf(config: Config, configFile: string): ReceiverSettings {
  return {
    places: placesOf(config, configFile) ?? NOWHERE,
    further: config.push?.files ?? [],
    watch: config.push?.watch ?? USUAL_WATCH,
  };
}

function refuse(code: Refusal['code'], detail: string): Result<never, Refusal> {
  return fail({ code, detail });
}

const SENDING: UnderWay = { what: 'push', says: 'pushes its files to the other node' };
const RECEIVING: Readonly<Record<Exclude<PushState['name'], 'idle'>, string>> = {
  receiving: 'is sent files by the other node',
  checking: 'checks files that the other node has pushed',
  checked: 'has files of the other node that are checked and not installed',
  installing: 'puts files of HAProxy in their place',
  reloading: 'has HAProxy load other files',
  watching: 'watches HAProxy with other files, which may yet be taken back',
  'rolling back': 'puts the files back that a push has replaced',
};
const NOWHERE: PushPlaces = { config: '/', shared: '/', directories: [], kept: [] };
/** As the configuration's own, where it says nothing of pushes. */
const USUAL_WATCH = millis(10_000);
const RECOVERS_WITHIN = millis(1000);
const LIVES = 1_000_000_000;
