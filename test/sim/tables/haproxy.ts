/**
 * A HAProxy 2.6 as its peers see it, for one process: rows, the counter of each table's updates, pushes behind the last
 * acknowledgement, teaching and being taught. What it does and when was looked up in real ones.
 */
import { instant, later, millis } from '../../../src/base/time.js';
import type { Instant } from '../../../src/base/time.js';
import { DictionaryReader, DictionaryWriter } from '../../../src/wire/peers/dictionary.js';
import type { Cell } from '../../../src/wire/peers/entry.js';
import { readEntry, writeEntry } from '../../../src/wire/peers/entry.js';
import { encodePeersFrame, PeersFrameReader } from '../../../src/wire/peers/frame.js';
import { encodePeersHello, readPeersStatus } from '../../../src/wire/peers/hello.js';
import type { PeersMessage, PeersUpdate } from '../../../src/wire/peers/message.js';
import { decodePeersMessage, encodePeersMessage } from '../../../src/wire/peers/message.js';
import { oneByteText, PayloadReader, PayloadWriter } from '../../../src/wire/peers/payload.js';
import type { TableDefinition } from '../../../src/wire/peers/table.js';
import type { Chance } from '../chance.js';
import type { SimProcess } from '../process.js';
import type { SocketEnd } from './local-socket.js';

/** What a row says: a number that no other write has, and a server. */
export interface RowValue {
  readonly mark: number;
  readonly server: string | undefined;
}

interface Row extends RowValue {
  readonly expiresAt: Instant;
  /** In the tree of updates: of a local one the counter, of a learned one half a round ahead of it. */
  readonly id: number;
}

export interface Table {
  readonly definition: TableDefinition;
  readonly rows: Map<string, Row>;
  counter: number;
  /** The last update that was acknowledged: where a session goes on. */
  acknowledged: number;
}

export interface HaproxyPorts {
  readonly process: SimProcess;
  readonly chance: Chance;
  readonly names: { readonly own: string; readonly peer: string };
  readonly pid: number;
  readonly dial: () => SocketEnd | undefined;
  /** A row came from a peer. */
  /** `lost`: the mark of what was written here and had not been pushed. */
  readonly learned: (
    row: { readonly table: string; readonly key: string },
    value: RowValue,
    lost: number | undefined,
  ) => void;
  /** For whoever reads why. */
  readonly tell: (what: string) => void;
}

/** All that is of one connection. */
interface Session {
  readonly end: SocketEnd;
  readonly reader: PeersFrameReader;
  readonly known: DictionaryReader;
  readonly slots: DictionaryWriter;
  state: 'greeting' | 'open';
  greeting: Uint8Array;
  heardAt: Instant;
  /** The update of each of our tables that was pushed last. */
  readonly pushed: Map<Table, number>;
  /** Where it goes on behind a teaching. */
  readonly origins: Map<Table, number>;
  pushing: Table | undefined;
  /** The other side's tables: ours by that name, and the last update. */
  readonly theirs: Map<
    number,
    { table: Table | undefined; definition: TableDefinition; last: number; acknowledged: number }
  >;
  current: number | undefined;
  teaching: 'no' | 'unconfirmed';
  learning: 'no' | 'asked';
}

const DIAL_EVERY = millis(5000);
const BEAT_EVERY = millis(3000);
const DEAD_AFTER = millis(5000);
const PUSH_EVERY = millis(1);
const MOST_AT_ONCE = 200;
const HALF_A_ROUND = 2 ** 31;

export class SimHaproxy {
  readonly tables: readonly Table[];
  readonly #ports: HaproxyPorts;
  #complete: 'yes' | 'no';
  #session: Session | undefined;
  /** Updates that came from a peer since it began. */
  received = 0;

  /** `former`: the process that it replaces, and that has told it everything. */
  constructor(definitions: readonly TableDefinition[], ports: HaproxyPorts, former?: SimHaproxy) {
    this.#ports = ports;
    this.tables = definitions.map((definition) => {
      const before = former?.table(definition.name).rows ?? [];
      const rows = [...before].map(([key, row]) => [key, { ...row, id: HALF_A_ROUND }] as const);
      return { definition, rows: new Map(rows), counter: 0, acknowledged: 0 };
    });
    this.#complete = former?.isComplete === true ? 'yes' : 'no';
    const { process } = ports;
    process.alarm(later(process.now(), DEAD_AFTER), () => {
      // Nobody is there to teach it.
      if (this.#session === undefined) {
        this.#complete = 'yes';
      }
    });
    this.#dial();
    this.#beat();
    this.#pushOn();
  }

  get isComplete(): boolean {
    return this.#complete === 'yes';
  }

  get isConnected(): boolean {
    return this.#session?.state === 'open';
  }

  table(name: string): Table {
    return this.tables.find(({ definition }) => definition.name === name)!;
  }

  /** The rows that have not expired. */
  living(name: string): ReadonlyMap<string, Row> {
    const { rows } = this.table(name);
    const now = this.#ports.process.now();
    for (const [key, { expiresAt }] of rows) {
      if (expiresAt <= now) {
        rows.delete(key);
      }
    }
    return rows;
  }

  /** A visitor's request. */
  touch(name: string, key: string, value: RowValue): void {
    const table = this.table(name);
    table.counter += 1;
    table.rows.set(key, {
      ...value,
      expiresAt: this.#expiry(table, undefined),
      id: table.counter,
    });
  }

  /** For ever where the table has no expire. */
  #expiry({ definition }: Table, expiresIn: number | undefined): Instant {
    const now = this.#ports.process.now();
    return definition.expire === 0
      ? instant(Infinity)
      : later(now, millis(expiresIn ?? definition.expire));
  }

  #dial(): void {
    const { process, dial, names, pid } = this.#ports;
    const end = this.#session === undefined ? dial() : undefined;
    if (end !== undefined) {
      const session: Session = {
        end,
        reader: new PeersFrameReader(),
        known: new DictionaryReader(),
        slots: new DictionaryWriter(),
        state: 'greeting',
        greeting: new Uint8Array(0),
        heardAt: process.now(),
        pushed: new Map(),
        origins: new Map(),
        pushing: undefined,
        theirs: new Map(),
        current: undefined,
        teaching: 'no',
        learning: 'no',
      };
      this.#session = session;
      end.begin({
        received: (bytes) => {
          this.#received(session, bytes);
        },
        drained: () => undefined,
        closed: () => {
          this.#ended(session);
        },
      });
      end.send(encodePeersHello({ minor: 1, called: names.peer, caller: names.own, pid }));
    }
    process.alarm(later(process.now(), DIAL_EVERY), () => {
      this.#dial();
    });
  }

  #ended(session: Session): void {
    if (session === this.#session) {
      this.#ports.tell('its session ends');
      session.end.close();
      this.#session = undefined;
    }
  }

  #beat(): void {
    const { process } = this.#ports;
    const session = this.#session;
    if (session !== undefined && later(session.heardAt, DEAD_AFTER) < process.now()) {
      this.#ended(session);
    } else if (session?.state === 'open') {
      this.#send(session, { kind: 'heartbeat' });
    }
    process.alarm(later(process.now(), BEAT_EVERY), () => {
      this.#beat();
    });
  }

  #received(session: Session, bytes: Uint8Array): void {
    session.heardAt = this.#ports.process.now();
    if (session.state === 'greeting') {
      session.greeting = Uint8Array.from([...session.greeting, ...bytes]);
      const read = readPeersStatus(session.greeting);
      if (!read.ok || read.value === undefined) {
        return;
      }
      session.state = 'open';
      this.#ports.tell(
        `its session begins${this.#complete === 'no' ? ', and it asks for rows' : ''}`,
      );
      for (const table of this.tables) {
        session.pushed.set(table, table.acknowledged);
      }
      if (this.#complete === 'no') {
        session.learning = 'asked';
        this.#send(session, { kind: 'resync-request' });
      }
      this.#read(session, session.greeting.slice(read.value.end));
    } else {
      this.#read(session, bytes);
    }
  }

  #read(session: Session, bytes: Uint8Array): void {
    const frames = session.reader.push(bytes);
    if (!frames.ok) {
      throw new Error(`HAProxy cannot read what it was sent: ${JSON.stringify(frames.error)}`);
    }
    for (const frame of frames.value) {
      const message = decodePeersMessage(frame);
      if (!message.ok) {
        throw new Error(`HAProxy cannot read a message: ${JSON.stringify(message.error)}`);
      }
      this.#heard(session, message.value);
    }
    for (const [id, their] of session.theirs) {
      if (their.table !== undefined && their.last !== their.acknowledged) {
        their.acknowledged = their.last;
        this.#send(session, { kind: 'acknowledgement', table: id, update: their.last });
      }
    }
  }

  #heard(session: Session, message: PeersMessage): void {
    switch (message.kind) {
      case 'definition': {
        const { table: definition } = message;
        const before = session.theirs.get(definition.id);
        session.current = definition.id;
        const table = this.tables.find(
          ({ definition: own }) =>
            own.name === definition.name &&
            own.keyType === definition.keyType &&
            own.keyLength === definition.keyLength,
        );
        const numbers = before ?? { last: 0, acknowledged: 0 };
        session.theirs.set(definition.id, { ...numbers, table, definition });
        return;
      }
      case 'update':
        this.#learn(session, message);
        return;
      case 'acknowledgement': {
        const table = this.tables[message.table - 1];
        if (table !== undefined && session.teaching === 'no') {
          table.acknowledged = message.update;
        }
        return;
      }
      case 'resync-request':
        this.#teach(session);
        return;
      case 'resync-finished':
      case 'resync-partial':
        session.learning = 'no';
        this.#ports.tell('it has been told all');
        this.#complete = 'yes';
        this.#send(session, { kind: 'resync-confirm' });
        return;
      case 'resync-confirm':
        session.teaching = 'no';
        this.#ports.tell('it has told all');
        for (const table of this.tables) {
          session.pushed.set(table, session.origins.get(table) ?? 0);
        }
        return;
      case 'protocol-error':
      case 'size-limit-error':
        throw new Error('HAProxy was told of an error');
      default:
    }
  }

  #learn(session: Session, { id, expiresIn, body }: PeersUpdate): void {
    const their = session.theirs.get(session.current ?? 0);
    if (their === undefined) {
      throw new Error('HAProxy was sent a row of no table');
    }
    their.last = id ?? (their.last + 1) >>> 0;
    if (their.table === undefined) {
      return;
    }
    const { table, definition } = their;
    const payload = new PayloadReader(body);
    const entry = readEntry(payload, definition, session.known);
    if (payload.violation !== undefined) {
      throw new Error(`HAProxy cannot read a row: ${JSON.stringify(payload.violation)}`);
    }
    const key = oneByteText(entry.key);
    const value = valueOf(entry.cells);
    this.received += 1;
    const before = table.rows.get(key);
    const isQueued = before !== undefined && isDue(before.id, table, session);
    const lost = isQueued ? before.mark : undefined;
    this.#ports.learned({ table: definition.name, key }, value, lost);
    table.rows.set(key, {
      ...value,
      server: value.server ?? before?.server,
      expiresAt: this.#expiry(table, expiresIn),
      id: isQueued ? before.id : (table.counter + HALF_A_ROUND) >>> 0,
    });
  }

  #teach(session: Session): void {
    session.teaching = 'unconfirmed';
    session.pushing = undefined;
    for (const table of this.tables) {
      const { name } = table.definition;
      const origin = table.acknowledged;
      session.origins.set(table, origin);
      // From where it would go on to the end of the tree, and then from its beginning.
      const inOrder = [...this.living(name)].toSorted(
        ([, a], [, b]) => Number(a.id <= origin) - Number(b.id <= origin) || a.id - b.id,
      );
      for (const [key, row] of inOrder) {
        const left = Math.max(1, Math.round(row.expiresAt - this.#ports.process.now()));
        const expiresIn = left === Infinity ? 0 : left;
        this.#sendRow(session, table, key, { id: row.id, expiresIn });
      }
      if (table.rows.size === 0) {
        session.pushing = table;
        this.#send(session, { kind: 'definition', table: table.definition });
      }
    }
    const kind = this.#complete === 'yes' ? 'resync-finished' : 'resync-partial';
    this.#send(session, { kind });
  }

  #pushOn(): void {
    const { process } = this.#ports;
    const session = this.#session;
    const may = session?.state === 'open' && session.teaching === 'no' && session.learning === 'no';
    if (may && session.end.queued === 0) {
      for (const table of this.tables) {
        this.#push(session, table);
      }
    }
    process.alarm(later(process.now(), PUSH_EVERY), () => {
      this.#pushOn();
    });
  }

  #push(session: Session, table: Table): void {
    const pushed = session.pushed.get(table) ?? 0;
    if (pushed === table.counter) {
      return;
    }
    const due = [...table.rows]
      .filter(([, { id }]) => isDue(id, table, session))
      .toSorted(([, a], [, b]) => ((a.id - pushed) >>> 0) - ((b.id - pushed) >>> 0))
      .slice(0, MOST_AT_ONCE);
    if (due.length === 0) {
      session.pushed.set(table, table.counter);
    }
    if (due.length > 20) {
      this.#ports.tell(`it pushes ${String(due.length)} rows of ${table.definition.name}`);
    }
    for (const [key, { id }] of due) {
      this.#sendRow(session, table, key, { id, expiresIn: undefined });
      session.pushed.set(table, id);
    }
  }

  #sendRow(
    session: Session,
    table: Table,
    key: string,
    head: Pick<PeersUpdate, 'id' | 'expiresIn'>,
  ): void {
    if (session.pushing !== table) {
      session.pushing = table;
      this.#send(session, { kind: 'definition', table: table.definition });
    }
    const row = table.rows.get(key)!;
    const payload = new PayloadWriter();
    writeEntry(
      payload,
      {
        key: Uint8Array.from(Buffer.from(key, 'latin1')),
        cells: table.definition.columns.map(({ type }) => cellOf(type, row)),
        rest: new Uint8Array(0),
      },
      { table: table.definition, dictionary: session.slots },
    );
    this.#send(session, { kind: 'update', ...head, body: payload.written });
  }

  #send(session: Session, message: PeersMessage): void {
    session.end.send(encodePeersFrame(encodePeersMessage(message)));
  }
}

/** The numbers go round: behind the last that was pushed, and not behind the last local one (peer_teach_process_stksess_lookup). */
function isDue(id: number, table: Table, session: Session): boolean {
  const pushed = session.pushed.get(table) ?? 0;
  const distance = (id - pushed) >>> 0;
  return distance > 0 && distance <= (table.counter - pushed) >>> 0;
}

function valueOf(cells: readonly Cell[]): RowValue {
  let value: RowValue = { mark: 0, server: undefined };
  for (const cell of cells) {
    if (cell.kind === 'text') {
      value = { ...value, server: cell.value };
    } else if (cell.kind === 'integers') {
      value = { ...value, mark: Number(cell.values[0]) };
    }
  }
  return value;
}

function cellOf(type: string, { mark, server }: RowValue): Cell {
  return type === 'server_key'
    ? { kind: 'text', value: server }
    : { kind: 'integers', values: [mark] };
}
