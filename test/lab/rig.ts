/** A lab of one test file: raised under a name of its own, asked, struck, measured, and removed whatever happens. */
import { vipairCommand } from '../../src/lab/commands.js';
import type { ExecFileException } from 'node:child_process';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { askStatus } from '../../src/api/client.js';
import type { Result } from '../../src/base/result.js';
import type { Centis, Instant } from '../../src/base/time.js';
import { centis } from '../../src/base/time.js';
import type { Lab, LabPorts } from '../../src/lab/lab.js';
import { PROBE_DEFAULTS, WATCH_DEFAULTS } from '../../src/lab/measure.js';
import type { LabNode } from '../../src/lab/node.js';
import type { WatchReport } from '../../src/prober/owner-watch.js';
import type { ProbeReport } from '../../src/prober/sample.js';
import { raiseLab, removeLab } from '../../src/lab/raise.js';
import type { LabSettings } from '../../src/lab/settings.js';
import { defaultSettings } from '../../src/lab/settings.js';
import { LABS_DIRECTORY } from '../../src/lab/state-directory.js';
import type { LabName, NamespaceRole, NodeName } from '../../src/lab/topology.js';
import { namespaceOf, NODE_NAMES, otherNode, parseLabName } from '../../src/lab/topology.js';
import { SystemClock } from '../../src/os/clock.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import type { GroupStatus, NodeStatus } from '../../src/telemetry/status.js';

const PREFIX = 'test-';
/** The built program under test; another build may be named. */
export const MAIN: string = resolve(process.env['VIPAIR_MAIN'] ?? 'dist/main.js');
/** Two elections at 1 s adverts, a daemon's start and a proxy's take 10 s; thrice that on a machine that does other work. */
const SETTLES_WITHIN_MS = 40_000;
/** Soon first, and then more seldom: two daemons that are asked all the time have less for what is waited for. */
const LOOK_EVERY_MS = 20;
const SEEN_SOON_MS = 400;
const LOOK_SELDOM_MS = 100;
/** A whole lab of its own takes a minute and a half beside two others. */
const COMMAND_DEADLINE_MS = 160_000;

export const SECOND: Centis = centis(100);
export const TENTH: Centis = centis(10);

export interface LoggedEvent {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface CommandOutcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Namespaces need root; without it the lab tests are skipped. */
export const mayRaiseLabs = process.getuid?.() === 0;

export const ports: LabPorts = {
  processes: new SystemProcessHost(),
  clock: new SystemClock(),
  vipair: vipairCommand(process.execPath, MAIN),
};

export class Rig {
  readonly lab: Lab;

  private constructor(lab: Lab) {
    this.lab = lab;
    standing.add(this);
  }

  /**
   * Resolves when one node is master, the other its backup, and both proxies serve. As of tests, one failure may be the
   * machine's: it is told, and the lab is raised once more.
   */
  static async raise(
    stem: string,
    settings: Partial<Omit<LabSettings, 'name'>> = {},
  ): Promise<Rig> {
    await removeLeftOvers();
    const wanted = { ...defaultSettings(labName(stem)), ...settings };
    try {
      return await Rig.#raised(wanted);
    } catch (error) {
      process.stderr.write(`${wanted.name} is raised once more: ${String(error)}\n`);
      await removeForgotten();
      return Rig.#raised(wanted);
    }
  }

  static async #raised(settings: LabSettings): Promise<Rig> {
    const rig = new Rig(value(await raiseLab(settings, ports)));
    await rig.settled();
    return rig;
  }

  async remove(): Promise<void> {
    value(await removeLab(this.lab.settings.name, ports));
    standing.delete(this);
  }

  node(name: NodeName): LabNode {
    return this.lab.nodes[name];
  }

  /** What `vipair status` shows. */
  async status(name: NodeName): Promise<NodeStatus> {
    return value(await askStatus(`${this.node(name).files.runtimeDirectory}/control.sock`));
  }

  /** The lab has one group. */
  async group(name: NodeName): Promise<GroupStatus> {
    const [group] = (await this.status(name)).groups;
    return must(group, 'a group');
  }

  async role(name: NodeName): Promise<string> {
    const status = await askStatus(`${this.node(name).files.runtimeDirectory}/control.sock`);
    return status.ok ? must(status.value.groups[0], 'a group').role : 'no daemon';
  }

  /** Waits until there is one master and one backup, with both proxies serving; says who is what. */
  async settled(): Promise<{ readonly master: NodeName; readonly backup: NodeName }> {
    const masterNow = async (): Promise<NodeName | undefined> => {
      const all = await Promise.all(
        NODE_NAMES.map((name) =>
          askStatus(`${this.node(name).files.runtimeDirectory}/control.sock`),
        ),
      );
      const serving = all.every((each) => each.ok && each.value.proxy?.state === 'serving');
      const roles = all.map((each) => (each.ok ? each.value.groups[0]?.role : undefined));
      return serving && roles.toSorted().join() === 'backup,master'
        ? NODE_NAMES[roles.indexOf('master')]
        : undefined;
    };
    const master = await this.soon('one master and one backup', masterNow);
    return { master, backup: otherNode(master) };
  }

  /** Settled, and held by this node: where it is not, it is switched over. */
  async ownedBy(name: NodeName): Promise<void> {
    const { master } = await this.settled();
    if (master !== name) {
      const moved = await this.vipair('switchover', '--yes', '-c', this.configOf(master));
      if (moved.exit !== 0) {
        throw new Error(`switchover: ${moved.stderr}`);
      }
      await this.settled();
    }
  }

  /** Asks again and again; fails with the logs' ends when the answer stays undefined or false. */
  async soon<T>(
    what: string,
    ask: () => Promise<T | undefined | false> | T | undefined | false,
    withinMs: number = SETTLES_WITHIN_MS,
  ): Promise<T> {
    const begunAt = ports.clock.now();
    const giveUpAt = begunAt + withinMs;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined && answer !== false) {
        return answer;
      }
      const now = ports.clock.now();
      if (now > giveUpAt) {
        throw new Error(`not within ${String(withinMs)} ms: ${what}\n${this.story()}`);
      }
      await sleep(now - begunAt < SEEN_SOON_MS ? LOOK_EVERY_MS : LOOK_SELDOM_MS);
    }
  }

  configOf(name: NodeName): string {
    return this.node(name).files.vipairConfig;
  }

  /** Rewrites a node's configuration; its daemon reads it at its next start. */
  editConfig(name: NodeName, edit: (text: string) => string): void {
    const file = this.configOf(name);
    writeFileSync(file, edit(readFileSync(file, 'utf8')));
  }

  /** Everything a node's daemons have logged, oldest first. Lines of other programs are left out. */
  events(name: NodeName): readonly LoggedEvent[] {
    return readFileSync(this.node(name).files.engineLog, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LoggedEvent);
  }

  /** Those after the first `mark` of them. */
  eventsSince(name: NodeName, mark: number): readonly LoggedEvent[] {
    return this.events(name).slice(mark);
  }

  /** Runs a command of `vipair` in this process's own namespace, without a terminal. */
  vipair(...args: readonly string[]): Promise<CommandOutcome> {
    return vipair(...args);
  }

  /** Whatever an earlier test left: nodes without power get it back, daemons that do not run are started, frozen ones thaw. */
  async heal(): Promise<void> {
    for (const { name, link, enginePid } of await this.lab.status()) {
      const node = this.node(name);
      node.strikeEngine('thaw');
      if (link !== 'up') {
        value(await node.powerOn());
      } else if (enginePid === undefined) {
        value(await node.startEngine());
      }
    }
    await this.settled();
  }

  /** Both daemons end, and start again with an edited configuration. */
  async reconfigure(edit: (text: string) => string): Promise<void> {
    for (const name of NODE_NAMES) {
      value(await this.node(name).stopEngine('for-good'));
      this.editConfig(name, edit);
    }
    for (const name of NODE_NAMES) {
      value(await this.node(name).startEngine());
    }
    await this.settled();
  }

  /** Each file that decides how a node behaves, as it is now. */
  configuration(): ReadonlyMap<string, string> {
    const files = NODE_NAMES.flatMap((name) => {
      const { vipairConfig, haproxyConfig } = this.node(name).files;
      return [vipairConfig, haproxyConfig];
    });
    return new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
  }

  /** After a test that failed half-way: these files, and daemons that run them. */
  async restore(configuration: ReadonlyMap<string, string>): Promise<void> {
    for (const name of NODE_NAMES) {
      this.node(name).strikeEngine('thaw');
      value(await this.node(name).stopEngine('for-good'));
    }
    configuration.forEach((text, file) => {
      writeFileSync(file, text);
    });
    await this.heal();
  }

  /** Runs a program inside a namespace, to its end. */
  inside(role: NamespaceRole, ...command: readonly string[]): Promise<CommandOutcome> {
    return run('ip', ['netns', 'exec', this.namespace(role), ...command]);
  }

  /** As `inside`, of a command that must succeed; its output. */
  async told(role: NamespaceRole, ...command: readonly string[]): Promise<string> {
    const outcome = await this.inside(role, ...command);
    if (outcome.exit !== 0) {
      throw new Error(`${command.join(' ')}: ${outcome.stderr}`);
    }
    return outcome.stdout;
  }

  namespace(role: NamespaceRole): string {
    return namespaceOf(this.lab.settings.name, role);
  }

  /** The node whose interface has the address; undefined when none has it, or both. */
  async owner(): Promise<NodeName | undefined> {
    return (await this.lab.owner())?.name;
  }

  /** What a client saw while something was done, and a little before and after. */
  async probed(streams: number, act: () => Promise<void>): Promise<ProbeReport> {
    const probe = value(await this.lab.startProbe({ ...PROBE_DEFAULTS, streams }));
    await pause(300);
    try {
      await act();
      await pause(700);
    } finally {
      const report = await probe.finish();
      this.#lastProbe = report.ok ? report.value : undefined;
    }
    return must(this.#lastProbe, 'a report of the prober');
  }
  #lastProbe: ProbeReport | undefined;

  /** Who answered for the address on the wire while something was done. */
  async watched(act: () => Promise<void>): Promise<WatchReport> {
    const watch = value(await this.lab.startWatch(WATCH_DEFAULTS));
    await pause(300);
    await act();
    await pause(300);
    return value(await watch.finish());
  }

  /** The ends of both daemons' logs, for a message. */
  story(): string {
    return NODE_NAMES.map((name) => {
      const { engineLog } = this.node(name).files;
      const log = existsSync(engineLog) ? readFileSync(engineLog, 'utf8') : '';
      return `${name}:\n${log.trimEnd().split('\n').slice(-STORY_LINES).join('\n')}`;
    }).join('\n');
  }
}

const STORY_LINES = 25;

/** Raised by this process and not removed. */
const standing = new Set<Rig>();

export function rigsThere(): readonly Rig[] {
  return [...standing];
}

/** What a file of tests that failed has left to the next one of its process. */
export async function removeForgotten(): Promise<void> {
  for (const rig of standing) {
    await rig.remove();
  }
}

/** A prober that launched later than this was kept waiting by the machine, and what it saw says nothing of the pair. */
const STALLED_MS = 100;

/** Measures again where the prober itself stalled; the last round counts, whatever it saw. */
export async function unstalled(measure: () => Promise<ProbeReport>): Promise<ProbeReport> {
  for (let round = 1; round < 4; round += 1) {
    const report = await measure();
    if (report.worstLateness < STALLED_MS) {
      return report;
    }
  }
  return measure();
}

export function now(): Instant {
  return ports.clock.now();
}

export async function pause(ms: number): Promise<void> {
  await sleep(ms);
}

/** The value of what must have succeeded. */
export function value<T>(result: Result<T, unknown>): T {
  if (!result.ok) {
    throw new Error(`failed: ${JSON.stringify(result.error)}`);
  }
  return result.value;
}

export function must<T>(found: T | undefined, what: string): T {
  if (found === undefined) {
    throw new Error(`expected ${what}`);
  }
  return found;
}

/** Runs a command of `vipair`, without a terminal. */
export function vipair(...args: readonly string[]): Promise<CommandOutcome> {
  return run(process.execPath, [MAIN, ...args]);
}

/** Runs a program to its end, whatever its exit code. */
export async function run(program: string, args: readonly string[]): Promise<CommandOutcome> {
  const running = promisify(execFile)(program, [...args], {
    timeout: COMMAND_DEADLINE_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 16 << 20,
  });
  try {
    const { stdout, stderr } = await running;
    return { exit: 0, stdout, stderr };
  } catch (error) {
    const { code, killed, stdout, stderr } = error as ExecFileException & CommandOutcome;
    if (killed === true && running.child.pid !== undefined) {
      await removeLabsOf(running.child.pid);
    }
    return { exit: typeof code === 'number' ? code : -1, stdout, stderr };
  }
}

/** A lab's name with the process that raised it, so that whoever comes later knows whether it is dead. */
export function labName(stem: string): LabName {
  return value(parseLabName(`${PREFIX}${String(process.pid)}-${stem}`));
}

/** Labs of test processes that no longer run. */
export async function removeLeftOvers(): Promise<void> {
  for (const lab of labsThere()) {
    const pid = /^test-(\d+)-/u.exec(lab)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      value(await removeLab(value(parseLabName(lab)), ports));
    }
  }
}

/** What a killed command has raised goes on, daemons in real time; it bears its number: `hash-4711`, `flows-vipair-4711`. */
async function removeLabsOf(pid: number): Promise<void> {
  for (const lab of labsThere().filter((each) => each.endsWith(`-${String(pid)}`))) {
    value(await removeLab(value(parseLabName(lab)), ports));
  }
}

function labsThere(): readonly string[] {
  const directories = existsSync(LABS_DIRECTORY) ? readdirSync(LABS_DIRECTORY) : [];
  const namespaces = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  const labs = namespaces.flatMap((each) => /^vipair-(.+)-[^-]+$/u.exec(each)?.[1] ?? []);
  return [...new Set([...directories, ...labs])];
}
