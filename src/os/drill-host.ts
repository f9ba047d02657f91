/** The hand of a drill as a process of its own: started and told by signals, asked by its file. It outlives whoever started it. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import { invariant } from '../base/unreachable.js';
import type { UndoReason } from '../core/drill-hand.js';
import { isOver } from '../core/drill-hand.js';
import type { HandOrder, HandState } from '../core/drill-order.js';
import type { DrillHost, DrillRefusal, PowerCommands } from '../ports/drill-host.js';
import type { FinderPorts } from './drill-hand/finder.js';
import { recoverHand, undoFound, UNKNOWN } from './drill-hand/finder.js';
import { fillerPath } from './drill-hand/filler.js';
import type { HandRecord } from './drill-hand/hand-record.js';
import { readRecord } from './drill-hand/hand-record.js';
import type { HandSaid, HandSetup, HandTold } from './drill-hand/hand-setup.js';
import { lives, signalTo } from './drill-hand/process-identity.js';
import { sweep } from './drill-hand/undoing.js';
import { drillRunIn } from './drill-run-note.js';

type Answer = Result<HandState, DrillRefusal>;

export class HandProcesses implements DrillHost {
  readonly #command: readonly [string, ...string[]];
  readonly #setup: Omit<HandSetup, 'power'>;
  readonly #ports: FinderPorts;
  /** One thing at a time: two must not arm at once, nor one arm what another undoes. */
  #turn: Promise<unknown> = Promise.resolve();
  /** What a file does not say any more, because it was damaged. */
  #lost: HandState | undefined;

  /** The command is vipair's as a hand. */
  constructor(
    command: readonly [string, ...string[]],
    setup: Omit<HandSetup, 'power'>,
    ports: FinderPorts,
  ) {
    this.#command = command;
    this.#setup = setup;
    this.#ports = ports;
  }

  arm(order: HandOrder, power?: PowerCommands): Promise<Answer> {
    return this.#inTurn(async () => {
      await this.#recover('its hand was gone');
      const there = this.#record();
      const obstacle = obstacleTo(there?.state ?? this.#lost);
      if (obstacle !== undefined) {
        return fail({ code: 'drill-under-way', detail: `${this.#setup.node}: ${obstacle}` });
      }
      const armed = await this.#start(order, power);
      if (!armed.ok) {
        const detail = `${this.#setup.node}: ${armed.error}`;
        return fail({ code: 'drill-not-feasible', detail });
      }
      return this.#stateOf(order.id);
    });
  }

  fire(id: string): Promise<Answer> {
    return this.#inTurn(async () => {
      const record = this.#record();
      if (record?.state.id !== id || record.state.phase !== 'armed' || !lives(record.hand)) {
        return this.#noSuch(id, record);
      }
      signalTo(record.hand, 'SIGUSR2');
      await this.#until(({ phase }) => phase !== 'armed', FIRES_WITHIN_MS);
      const told = this.#stateOf(id);
      return told.ok && told.value.phase === 'armed'
        ? fail({ code: 'no-such-drill', detail: `${this.#setup.node}: the hand does not answer` })
        : told;
    });
  }

  undo(id: string): Promise<Answer> {
    return this.#inTurn(async () => {
      await this.#recover('its hand was gone');
      const lost = this.#lost;
      if (lost?.id === id) {
        // A person has looked, as it said.
        this.#lost = undefined;
        return ok({ ...lost, phase: 'undone' });
      }
      const record = this.#record();
      if (record?.state.id !== id) {
        return this.#noSuch(id, record);
      }
      if (record.state.phase === 'failed') {
        return ok(await undoFound(this.#setup.runtimeDirectory, record, 'asked', this.#ports));
      }
      if (isOver(record.state.phase)) {
        return ok(record.state);
      }
      signalTo(record.hand, 'SIGTERM');
      await this.#until(({ phase }) => isOver(phase), UNDOES_WITHIN_MS);
      return this.#stateOf(id);
    });
  }

  running(): string | undefined {
    return drillRunIn(this.#setup.runtimeDirectory);
  }

  state(): Promise<HandState | undefined> {
    return Promise.resolve(this.#record()?.state ?? this.#lost);
  }

  recover(why: UndoReason): Promise<HandState | undefined> {
    return this.#inTurn(() => this.#recover(why));
  }

  async #recover(why: UndoReason): Promise<HandState | undefined> {
    const { runtimeDirectory, stateDirectory, proxy } = this.#setup;
    const recovered = await recoverHand(runtimeDirectory, why, this.#ports);
    if (recovered?.id === UNKNOWN) {
      this.#lost = { ...recovered, node: this.#setup.node };
    }
    const record = this.#record();
    if (record === undefined || isOver(record.state.phase)) {
      // Of a drill whose file a boot has taken.
      sweep({ config: proxy?.config, filler: fillerPath(stateDirectory) });
    }
    return recovered;
  }

  #record(): HandRecord | undefined {
    const record = readRecord(this.#setup.runtimeDirectory);
    return record.ok ? record.value : undefined;
  }

  #stateOf(id: string): Answer {
    const record = this.#record();
    return record?.state.id === id ? ok(record.state) : this.#noSuch(id, record);
  }

  #noSuch(id: string, record: HandRecord | undefined): Answer {
    const there =
      record === undefined
        ? 'no drill is under way'
        : `the drill here is ${record.state.id}, which is ${record.state.phase}`;
    return fail({
      code: 'no-such-drill',
      detail: `${this.#setup.node}: ${there}, not ${id}`,
    });
  }

  async #until(holds: (state: HandState) => boolean, within: number): Promise<void> {
    const deadline = performance.now() + within;
    for (;;) {
      const record = this.#record();
      if (record === undefined || holds(record.state) || performance.now() > deadline) {
        return;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  async #start(
    order: HandOrder,
    power: PowerCommands | undefined,
  ): Promise<Result<undefined, string>> {
    const { runtimeDirectory } = this.#setup;
    const [program, ...args] = this.#command;
    let log: number;
    try {
      mkdirSync(runtimeDirectory, { recursive: true, mode: 0o755 });
      log = openSync(join(runtimeDirectory, 'drill-hand.log'), 'w', 0o600);
    } catch (error) {
      return fail(`the hand has nowhere to write: ${String(error)}`);
    }
    // A session of its own, which neither our death nor our terminal's ends.
    const child = spawn(program, args, { detached: true, stdio: ['pipe', 'pipe', log] });
    closeSync(log);
    child.unref();
    const { stdin, stdout } = child;
    invariant(stdin !== null && stdout !== null, 'both are pipes');
    return armedBy({ child, stdin, stdout }, { order, setup: { ...this.#setup, power } });
  }

  #inTurn<T>(deed: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(deed, deed);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
}

/** Tells it the order, and resolves with what it answers. */
function armedBy(
  { child, stdin, stdout }: Started,
  told: HandTold,
): Promise<Result<undefined, string>> {
  return new Promise((resolve) => {
    let text = '';
    const settle = (answer: Result<undefined, string>): void => {
      clearTimeout(timer);
      stdout.destroy();
      stdin.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      settle(fail(`the hand was not ready within ${String(ARMS_WITHIN_MS)} ms`));
    }, ARMS_WITHIN_MS);
    child.on('error', (error) => {
      settle(fail(`the hand cannot be started: ${error.message}`));
    });
    child.on('exit', () => {
      settle(readSaid(text) ?? fail('the hand ended at once; see drill-hand.log'));
    });
    stdin.on('error', () => undefined);
    stdin.end(`${JSON.stringify(told)}\n`);
    stdout.setEncoding('utf8');
    stdout.on('error', () => undefined);
    stdout.on('data', (chunk: string) => {
      text = (text + chunk).slice(0, MOST_SAID);
      const said = readSaid(text);
      if (said !== undefined) {
        settle(said);
      }
    });
  });
}

/** Undefined where it has not said a whole line. */
function readSaid(text: string): Result<undefined, string> | undefined {
  const [line, rest] = text.split('\n', 2);
  if (line === undefined || rest === undefined) {
    return undefined;
  }
  try {
    const said = JSON.parse(line) as HandSaid;
    return 'armed' in said ? done : fail(said.refused);
  } catch {
    return fail('the hand said something else than a hand says');
  }
}

function obstacleTo(there: HandState | undefined): string | undefined {
  if (there === undefined) {
    return undefined;
  }
  const { drill, by, id, phase, problems } = there;
  if (phase === 'failed') {
    return `the drill ${drill} (${id}) is not wholly undone: ${problems.join('; ')}; then vipair drill undo`;
  }
  return isOver(phase)
    ? undefined
    : `the drill ${drill} (${id}), asked for on ${by}, is under way: it is ${phase}`;
}

/** Node takes a second or two to start on a busy machine, and each fault is looked at. */
const ARMS_WITHIN_MS = 20_000;
const FIRES_WITHIN_MS = 2_000;
/** Whoever asks looks again where it takes longer. */
const UNDOES_WITHIN_MS = 4_000;
const LOOK_EVERY_MS = 20;
const MOST_SAID = 64 << 10;
