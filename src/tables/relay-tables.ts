/** All tables that either node's HAProxy has told of, by their names. */
import { MOST_TABLES } from '../telemetry/tables.js';
import type { TableDefinition } from '../wire/peers/table.js';
import type { Look } from './look.js';
import type { Mirror } from './mirror.js';
import type { Obstacle } from './relay-table.js';
import { RelayTable } from './relay-table.js';

export class RelayTables {
  readonly #mirror: Mirror;
  readonly #asked: 'all' | readonly string[];
  readonly #tables = new Map<string, RelayTable>();
  readonly #ofPeer = new Map<number, RelayTable>();
  #lastId = 0;

  /** `asked`: those that are to be replicated. */
  constructor(asked: 'all' | readonly string[], mirror: Mirror) {
    this.#asked = asked;
    this.#mirror = mirror;
  }

  get all(): readonly RelayTable[] {
    return [...this.#tables.values()];
  }

  /** Made where there is none yet. Beyond the bound one is made that nobody remembers. */
  named(name: string): RelayTable {
    const known = this.#tables.get(name);
    if (known !== undefined) {
      return known;
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const table = new RelayTable({
      name,
      id,
      mirror: this.#mirror,
      obstacle: this.#obstacle(name),
    });
    if (this.#tables.size < MOST_TABLES) {
      this.#tables.set(name, table);
    }
    return table;
  }

  /** The other node means it by the definition's id from now on. */
  definedByPeer(definition: TableDefinition): void {
    const table = this.named(definition.name);
    table.definePeer(definition);
    if (this.#ofPeer.size < MOST_TABLES || this.#ofPeer.has(definition.id)) {
      this.#ofPeer.set(definition.id, table);
    }
  }

  /** By the number that the other node has given it. */
  ofPeer(id: number): RelayTable | undefined {
    return this.#ofPeer.get(id);
  }

  /** The other node's numbers are of a connection that is no more. */
  forgetPeer(): void {
    this.#ofPeer.clear();
    for (const table of this.#tables.values()) {
      table.definePeer(undefined);
    }
  }

  /** HAProxy has told all it has, or what it had then: `defined` are its tables. */
  told(
    how: 'complete' | 'partial',
    defined: ReadonlySet<RelayTable>,
    now: number,
    looks: ReadonlyMap<RelayTable, Look> | undefined,
  ): void {
    for (const table of this.all) {
      if (how === 'complete' && !defined.has(table)) {
        table.defineOwn(undefined);
      }
      table.told(how, now, looks);
      if (table.own === undefined && table.peer === undefined) {
        this.#tables.delete(table.name);
        this.#mirror.forgetTable(table.name);
      }
    }
  }

  #obstacle(name: string): Obstacle {
    if (this.#tables.size >= MOST_TABLES) {
      return `there are more than ${String(MOST_TABLES)} tables`;
    }
    return this.#asked === 'all' || this.#asked.includes(name)
      ? undefined
      : 'replicate.stick_tables does not name it';
  }
}
