/** A stick table as this replicator knows it: how either node defines it, what is known of its rows, and what was passed on. */
import type { TableAudit } from '../telemetry/tables.js';
import type { RowPlan } from '../wire/peers/row.js';
import { planRows } from '../wire/peers/row.js';
import type { TableDefinition } from '../wire/peers/table.js';
import { Look } from './look.js';
import type { Mirror } from './mirror.js';
import type { OutgoingTable } from './session-tables.js';
import type { TableMirror } from './table-mirror.js';

/** Rows that were passed on, and those that were not. */
export class PassedRows {
  #updates = 0;
  #dropped = 0;

  get updates(): number {
    return this.#updates;
  }

  get dropped(): number {
    return this.#dropped;
  }

  pass(): void {
    this.#updates += 1;
  }

  drop(): void {
    this.#dropped += 1;
  }
}

/** Why its rows are not passed on; undefined where they are. */
export type Obstacle = string | undefined;

export interface RelayTableOptions {
  readonly name: string;
  /** By which the link and the local HAProxy know it from us. */
  readonly id: number;
  readonly mirror: Mirror;
  /** Why it is not passed on whatever its definition. */
  readonly obstacle: Obstacle;
}

export class RelayTable {
  readonly name: string;
  readonly id: number;
  readonly sent: PassedRows = new PassedRows();
  readonly received: PassedRows = new PassedRows();
  readonly #mirrors: Mirror;
  readonly #general: Obstacle;
  #own: TableDefinition | undefined;
  #peer: TableDefinition | undefined;
  #ownPlan: RowPlan | undefined;
  #peerPlan: RowPlan | undefined;
  #mirror: TableMirror;
  #obstacle: Obstacle;
  #isWrittenAlike = false;
  #outgoing: OutgoingTable | undefined;
  #handed: OutgoingTable | undefined;
  #audit: TableAudit | undefined;

  constructor({ name, id, mirror, obstacle }: RelayTableOptions) {
    this.name = name;
    this.id = id;
    this.#mirrors = mirror;
    // Those that are never passed on share one, or names without end would each cost some.
    this.#mirror = mirror.table(obstacle === undefined ? name : NOBODYS);
    this.#general = obstacle;
    this.#obstacle = obstacle;
  }

  /** As the local HAProxy defines it; undefined where it has no such table, or has not said so yet. */
  get own(): TableDefinition | undefined {
    return this.#own;
  }

  /** As the other node's does. */
  get peer(): TableDefinition | undefined {
    return this.#peer;
  }

  /** How rows of the local HAProxy are walked over. */
  get ownPlan(): RowPlan | undefined {
    return this.#ownPlan;
  }

  get peerPlan(): RowPlan | undefined {
    return this.#peerPlan;
  }

  /** Rows of either node are written alike. */
  get isWrittenAlike(): boolean {
    return this.#isWrittenAlike;
  }

  get mirror(): TableMirror {
    return this.#mirror;
  }

  get obstacle(): Obstacle {
    return this.#obstacle;
  }

  /** It is passed on where the other node has it alike, so that the other node has to know how it is here. */
  get isAsked(): boolean {
    return this.#general === undefined;
  }

  /** How its rows are handed to HAProxy in the session that there is now; undefined before the first, and before a definition. */
  get outgoing(): OutgoingTable | undefined {
    return this.#outgoing;
  }

  /** Undefined: what comes next needs its definition anew. */
  handAs(outgoing: OutgoingTable | undefined): void {
    this.#outgoing = outgoing;
    this.#handed = outgoing ?? this.#handed;
  }

  /** What was handed to HAProxy in this session, whatever its definition was; undefined before the first row. */
  get handed(): OutgoingTable | undefined {
    return this.#handed;
  }

  /** With the session. */
  forgetHanded(): void {
    this.#outgoing = undefined;
    this.#handed = undefined;
  }

  /** What was found when HAProxy was last made to tell all of it. */
  get audit(): TableAudit | undefined {
    return this.#audit;
  }

  /** HAProxy has told everything, or what it had. `looks`: what was found; undefined where nobody looked. */
  told(
    how: 'complete' | 'partial',
    now: number,
    looks: ReadonlyMap<RelayTable, Look> | undefined,
  ): void {
    const missing = this.#mirror.endAudit(
      now + EXPIRING_MS,
      how === 'complete' ? 'forget' : 'count',
    );
    if (looks !== undefined) {
      this.#audit = (looks.get(this) ?? new Look()).end(missing);
    }
  }

  /** Both nodes have it, and alike. */
  get isShared(): boolean {
    return this.#own !== undefined && this.#peer !== undefined && this.#obstacle === undefined;
  }

  defineOwn(definition: TableDefinition | undefined): void {
    this.#define(definition, this.#peer);
  }

  definePeer(definition: TableDefinition | undefined): void {
    this.#define(this.#own, definition);
    this.#outgoing = undefined;
  }

  #define(own: TableDefinition | undefined, peer: TableDefinition | undefined): void {
    const former = [this.#ownPlan ?? this.#peerPlan, this.#mirror.expire] as const;
    this.#own = own;
    this.#peer = peer;
    this.#obstacle = this.#general ?? differenceOf(own, peer);
    const isAlike = this.#obstacle === undefined;
    this.#isWrittenAlike = isAlike && writingOf(own) === writingOf(peer);
    this.#ownPlan = own === undefined ? undefined : planRows(own, isAlike ? peer : undefined);
    this.#peerPlan = peer === undefined ? undefined : planRows(peer, isAlike ? own : undefined);
    const now = [this.#ownPlan ?? this.#peerPlan, lesser(own?.expire, peer?.expire)] as const;
    if (this.isAsked && former[0] !== undefined && !isSameContent(former[0], now[0])) {
      // What was known of its rows was of other columns.
      this.#mirrors.forgetTable(this.name);
      this.#mirror = this.#mirrors.table(this.name);
    }
    this.#mirror.expire = now[1];
  }
}

/** A row that expires in this moment is not missing, in milliseconds. */
const EXPIRING_MS = 2000;
/** No table has this name. */
const NOBODYS = '';

/** What keeps rows of one from being rows of the other. */
function differenceOf(
  own: TableDefinition | undefined,
  peer: TableDefinition | undefined,
): Obstacle {
  if (own === undefined || peer === undefined) {
    return undefined;
  }
  if (own.keyType !== peer.keyType) {
    return `its keys are of type ${own.keyType} here and ${peer.keyType} on the other node`;
  }
  return own.keyLength === peer.keyLength
    ? undefined
    : `its keys are ${String(own.keyLength)} bytes long here and ${String(peer.keyLength)} on the other node`;
}

function writingOf(definition: TableDefinition | undefined): string {
  const columns = definition?.columns.map(({ type, elements }) => [type, elements]);
  return JSON.stringify([columns, definition?.unknown]);
}

/** 0 is for ever. */
function lesser(own = 0, peer = 0): number {
  return own === 0 || peer === 0 ? Math.max(own, peer) : Math.min(own, peer);
}

/** Whether both make the same of a row's content. */
function isSameContent(a: RowPlan, b: RowPlan | undefined): boolean {
  return b !== undefined && JSON.stringify(countedOf(a)) === JSON.stringify(countedOf(b));
}

function countedOf({ shape, counted }: RowPlan): unknown {
  return [shape.keyType, shape.keyLength, counted];
}
