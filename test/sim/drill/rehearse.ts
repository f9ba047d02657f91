/** One drill of the catalogue on a simulated pair: planned from what its daemons say, carried out, undone, and judged. */
import type { Millis } from '../../../src/base/time.js';
import { millis, scale, sum } from '../../../src/base/time.js';
import type { DrillName } from '../../../src/core/drill-catalogue.js';
import type { DrillPlan } from '../../../src/core/drill-plan.js';
import { planSimulated } from '../../../src/core/drill-plan.js';
import type { DrillNeed, DrillScene } from '../../../src/core/drill-scene.js';
import { sceneOf } from '../../../src/drill/scene.js';
import type { PairReport } from '../../../src/telemetry/status.js';
import type { SimMachine } from '../machine.js';
import { configFor } from '../settings.js';
import { World } from '../world.js';
import { DrillClients } from './clients.js';
import { carryOut } from './deeds.js';
import type { DrillPair } from './pair.js';
import { pairFor } from './pair.js';

export interface Rehearsal {
  readonly pair: DrillPair;
  /** Each promise that was not kept, a sentence each. */
  readonly broken: readonly string[];
  readonly twoOwners: Millis;
  readonly noOwner: Millis;
  readonly gap: Millis;
  readonly moves: number;
  readonly transcript: readonly string[];
}

export async function rehearse(
  name: DrillName,
  seed: number,
  recording: 'silent' | 'transcript',
): Promise<Rehearsal> {
  const pair = pairFor(name, seed);
  const world = new World({ seed, settings: pair.settings, faults: [] }, { recording });
  return new Stage(world, pair, name).play();
}

class Stage {
  readonly #world: World;
  readonly #pair: DrillPair;
  readonly #name: DrillName;
  readonly #broken: string[] = [];
  readonly #undos: (() => void)[] = [];

  constructor(world: World, pair: DrillPair, name: DrillName) {
    this.#world = world;
    this.#pair = pair;
    this.#name = name;
  }

  async play(): Promise<Rehearsal> {
    const { settings, offsets, moment, loss } = this.#pair;
    const world = this.#world;
    world.lan.lose(loss);
    await world.begin(offsets);
    await world.pass(settings.backends === 'tracked' ? FIRST_LOOKS : millis(0));
    await world.rest();
    await world.pass(moment);
    const plan = await this.#plan();
    if (plan === undefined) {
      return this.#told(new DrillClients(world));
    }
    const clients = new DrillClients(world);
    world.clients = clients;
    world.note(`--- ${plan.name}: ${plan.target}, for ${plan.lasts.toFixed(0)} ms`);
    world.now(() => {
      this.#fire(plan);
    });
    await world.pass(plan.lasts);
    this.#judgeOwner(plan, clients);
    world.note('--- undone');
    world.now(() => {
      for (const undo of this.#undos) {
        undo();
      }
    });
    await world.pass(settings.backends === 'tracked' ? LOOKS_AGAIN : millis(0));
    await world.end();
    this.#judge(plan, clients);
    return this.#told(clients);
  }

  async #plan(): Promise<DrillPlan | undefined> {
    const scene = await this.#scene();
    if (scene === undefined) {
      const roles = this.#world.machines.map(({ name, role }) => `${name} is ${role}`);
      this.#broken.push(`no master says how the pair is: ${roles.join(', ')}`);
      return undefined;
    }
    const planned = planSimulated(this.#name, scene);
    if (!planned.ok) {
      this.#broken.push(...planned.error.map((each) => `it could not be planned: ${each}`));
    }
    return planned.ok ? planned.value : undefined;
  }

  /** From what the daemons themselves say, as on a real pair. */
  async #scene(): Promise<DrillScene | undefined> {
    const world = this.#world;
    const [master] = world.machines.filter(({ role }) => role === 'master');
    const asked = master?.daemon;
    const config = configFor(this.#pair.settings);
    const [group] = config.groups;
    let report: PairReport | undefined;
    world.now(() => {
      void asked?.desk.report().then((answer) => {
        report = answer;
        world.scheduler.answered();
      });
    });
    await world.pass(REPORT_TAKES);
    if (report === undefined || group === undefined) {
      return undefined;
    }
    const scene = sceneOf({
      ...{ config, group, report, haproxy: HAPROXY, tables: undefined, kept: [], processors: 2 },
      drills: { node: report.node, here: undefined, there: undefined, problem: undefined },
      ...{ stateDisk: 'own', now: new Date(0) },
    });
    return { ...scene, has: new Set([...scene.has, ...this.#needsBesides(scene)]) };
  }

  /** What a pair without a channel cannot say, and what no simulated file has. */
  #needsBesides({ backup }: DrillScene): readonly DrillNeed[] {
    const other = this.#machine(backup);
    const ready = other.role === 'backup' && other.fit();
    return ['power-commands', ...(ready ? (['ready-backup'] as const) : [])];
  }

  #fire({ act, target, faults }: DrillPlan): void {
    const machine = this.#machine(target);
    if (act === 'switchover') {
      this.#world.switchoverAsked();
      void machine.daemon?.switchover('web').then((answer) => {
        if (!answer.ok || answer.value.kind !== 'moved') {
          this.#broken.push(`the switchover: ${JSON.stringify(answer)}`);
        }
      });
    } else if (act === 'clock-step') {
      machine.stepWallClock(AN_HOUR);
      this.#undos.push(() => {
        machine.stepWallClock(millis(0));
      });
    }
    for (const each of faults) {
      const [here, there] = [this.#machine(each.node), this.#otherThan(each.node)];
      for (const fault of each.faults) {
        const stage = {
          ...{ world: this.#world, pair: this.#pair, machine: here, other: there },
          complain: (problem: string) => {
            this.#broken.push(problem);
          },
        };
        this.#undos.push(carryOut(stage, fault));
      }
    }
  }

  /** What must have come of it when its time is over. */
  #judgeOwner({ expected, faults, target }: DrillPlan, { owners }: DrillClients): void {
    const names = owners.map(({ name }) => name).join(' and ');
    const others = faults.map(({ node }) => node).filter((node) => node !== target);
    const { failback } = this.#pair.settings;
    if (expected === 'moves' && failback.kind !== 'after' && names !== others.join()) {
      this.#broken.push(`the owner is ${names || 'nobody'}, and not the other node`);
    }
  }

  #judge({ limits, expected }: DrillPlan, clients: DrillClients): void {
    const { twoOwners, noOwner, gap, moves } = clients;
    const { twoOwnersMs, noOwnerMs, gapMs, moves: most } = limits;
    const over = (what: string, found: Millis, limit: number | undefined): readonly string[] =>
      limit !== undefined && found > limit
        ? [`${what} for ${found.toFixed(1)} ms, and ${limit.toFixed(0)} ms are allowed`]
        : [];
    this.#broken.push(
      ...over('two owners', twoOwners, this.#bearable(twoOwnersMs)),
      ...over('no owner', noOwner, noOwnerMs),
      ...over('clients without an answer', gap, gapMs),
      ...(most !== undefined && moves > most
        ? [`${String(moves)} moves, and ${String(most)} are allowed`]
        : []),
      ...(expected === 'moves' && moves === 0 ? ['nobody took over'] : []),
    );
    const { broken } = this.#world.observer;
    if (broken !== undefined) {
      this.#broken.push(`${broken.invariant}: ${broken.detail}`);
    }
  }

  /** The lease ends before a peer speaks that has heard the last advert: where that was lost, an interval later. */
  #bearable(limit: number | undefined): number | undefined {
    const { loss, settings } = this.#pair;
    return limit === undefined || loss === 0 ? limit : limit + settings.interval;
  }

  #told({ twoOwners, noOwner, gap, moves }: DrillClients): Rehearsal {
    const { transcript } = this.#world;
    return {
      ...{ pair: this.#pair, broken: this.#broken, transcript },
      ...{ twoOwners, noOwner, gap, moves },
    };
  }

  #machine(name: string): SimMachine {
    const [first, second] = this.#world.machines;
    return name === first.name ? first : second;
  }

  #otherThan(name: string): SimMachine {
    const [first, second] = this.#world.machines;
    return name === first.name ? second : first;
  }
}

/** Nobody is master before its servers were found up, five times. */
const FIRST_LOOKS = millis(12_000);
/** The same, after HAProxy has found them up. */
const LOOKS_AGAIN = sum(FIRST_LOOKS, millis(7000));
/** The other node is asked too, and waited for. */
const REPORT_TAKES = millis(3000);
const AN_HOUR = scale(millis(1000), 3600);
/** As the simulated HAProxy is configured. */
const HAPROXY = `
backend web
  server web1 10.0.0.0:80 check
  server web2 10.0.0.1:80 check
`;
