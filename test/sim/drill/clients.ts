/** What a client of a simulated pair sees of a drill: who answers for the address, and whether it is served. */
import type { Instant, Millis } from '../../../src/base/time.js';
import { between, longer, millis } from '../../../src/base/time.js';
import type { SimMachine } from '../machine.js';
import type { World } from '../world.js';

export class DrillClients {
  readonly #world: World;
  readonly #two: Spell;
  readonly #none: Spell;
  readonly #unserved: Spell;
  #owner: SimMachine | undefined;
  moves = 0;

  /** From now on. */
  constructor(world: World) {
    this.#world = world;
    [this.#two, this.#none, this.#unserved] = [new Spell(), new Spell(), new Spell()];
    this.#owner = this.owners[0];
  }

  /** Who answers for the address, as far as answers reach the client. */
  get owners(): readonly SimMachine[] {
    const { machines, lan, client, address } = this.#world;
    return machines.filter(
      ({ kernel, port }) =>
        kernel.answers(address) && lan.carries(client, port) && lan.carries(port, client),
    );
  }

  get twoOwners(): Millis {
    return this.#two.longest;
  }

  get noOwner(): Millis {
    return this.#none.longest;
  }

  get gap(): Millis {
    return this.#unserved.longest;
  }

  /** Called whenever something changed, and at the end. */
  observe(now: Instant): void {
    const { owners } = this;
    this.#two.watch(owners.length > 1 ? 'lasts' : 'over', now);
    this.#none.watch(owners.length === 0 ? 'lasts' : 'over', now);
    this.#unserved.watch(this.#isServed(owners) ? 'over' : 'lasts', now);
    const [owner] = owners;
    if (owner !== undefined && owners.length === 1 && owner !== this.#owner) {
      this.moves += 1;
      this.#owner = owner;
    }
  }

  #isServed(owners: readonly SimMachine[]): boolean {
    const { clientBelieves, settings } = this.#world;
    return owners.some(
      (owner) =>
        owner === clientBelieves && (settings.proxy === 'none' || owner.proxy.servesClients),
    );
  }
}

/** The longest time without a break. */
class Spell {
  longest: Millis = millis(0);
  #since: Instant | undefined;

  watch(state: 'lasts' | 'over', now: Instant): void {
    this.longest = longer(this.longest, between(this.#since ?? now, now));
    this.#since = state === 'lasts' ? (this.#since ?? now) : undefined;
  }
}
