/**
 * One connection of the local HAProxy: bytes in and out, the decisions of core/peers-session.ts carried out, tables numbered and
 * rows acknowledged. What rows mean is the relay's concern.
 */
import type { Instant } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { PeersSession, PeersSessionEvent } from '../core/peers-session.js';
import {
  newPeersSession,
  objectionTo,
  peersSessionDeadline,
  stepPeersSession,
} from '../core/peers-session.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { PeersStream } from '../ports/peers-listener.js';
import { oneAfterOther } from '../wire/octets.js';
import { DictionaryReader, DictionaryWriter } from '../wire/peers/dictionary.js';
import type { PeersHello } from '../wire/peers/hello.js';
import { encodePeersStatus, readPeersHello } from '../wire/peers/hello.js';
import type { PeersMessage } from '../wire/peers/message.js';
import { encodePeersMessage } from '../wire/peers/message.js';
import type { PeersViolation } from '../wire/peers/payload.js';
import type { Range, RowApart } from '../wire/peers/row.js';
import type { PeersReceiver } from '../wire/peers/stream.js';
import { PeersStreamReader } from '../wire/peers/stream.js';
import type { TableDefinition } from '../wire/peers/table.js';
import { UNSURE_SLOT, UpdateWriter } from '../wire/peers/update-writer.js';
import { IncomingTable, OutgoingTable } from './session-tables.js';

/** Why a session ended. `fault`: of what HAProxy said, so that it is to wait before it comes again. */
export interface SessionEnd {
  readonly kind: 'over' | 'fault';
  readonly code: string;
  readonly detail: string;
}

/** What the relay is told. It keeps something of its own, a T, for each table that HAProxy defines. */
export interface ProxySessionHandlers<T> {
  opened(session: ProxySession<T>, hello: PeersHello): void;
  defined(table: TableDefinition): T;
  /** Before the rows of one piece of the stream, and behind them. */
  piece(part: 'begins' | 'ends'): void;
  /** `expiresIn`: undefined for a live update. A violation ends the session. */
  row(
    table: IncomingTable<T>,
    bytes: Uint8Array,
    body: Range,
    expiresIn: number | undefined,
  ): PeersViolation | undefined;
  /** Rows that were handed to it. */
  acknowledged(): void;
  askedForRows(): void;
  teachingBegan(): void;
  teachingEnded(how: 'complete' | 'partial'): void;
  drained(): void;
  /** Also of one that was never opened. */
  ended(session: ProxySession<T>, end: SessionEnd): void;
}

export interface ProxySessionPorts<T> {
  readonly clock: Clock;
  readonly stream: PeersStream;
  readonly names: { readonly own: string; readonly peer: string };
  readonly handlers: ProxySessionHandlers<T>;
}

/** Acknowledgements are gathered for so long: HAProxy needs them only where a connection breaks. */
const ACKNOWLEDGE_EVERY = millis(100);
/** Rows for HAProxy wait for others no longer than it takes to gather so many bytes. */
const FLUSH_BYTES = 65_536;
/** Of the first lines of a stream. */
const MOST_GREETING_BYTES = 4096;
const NOTHING = new Uint8Array(0);
const ENDED = { code: 'malformed', where: 'session', found: 'an end', expected: 'none' } as const;

export class ProxySession<T> implements PeersReceiver {
  readonly #ports: ProxySessionPorts<T>;
  readonly #reader = new PeersStreamReader();
  readonly #writer = new UpdateWriter();
  readonly dictionary: DictionaryReader = new DictionaryReader();
  readonly #slots = new DictionaryWriter(UNSURE_SLOT - 1);
  readonly #incoming = new Map<number, IncomingTable<T>>();
  readonly #outgoing = new Map<number, OutgoingTable>();
  #state: PeersSession;
  #greeting: Uint8Array = NOTHING;
  #current: IncomingTable<T> | undefined;
  #handing: OutgoingTable | undefined;
  #rows = 0;
  #alarm: Alarm | undefined;
  #alarmAt: Instant | undefined;
  #acknowledging: Alarm | undefined;

  constructor(ports: ProxySessionPorts<T>) {
    this.#ports = ports;
    this.#state = newPeersSession(ports.clock.now());
  }

  begin(): void {
    this.#setAlarm();
    this.#ports.stream.begin({
      received: (bytes) => {
        this.#received(bytes);
      },
      drained: () => {
        if (this.#state.name === 'open') {
          this.#ports.handlers.drained();
        }
      },
      closed: (detail) => {
        this.end({ kind: 'over', code: 'closed', detail });
      },
    });
  }

  get state(): PeersSession {
    return this.#state;
  }

  /** Tables that HAProxy has defined here. */
  get tables(): readonly IncomingTable<T>[] {
    return [...this.#incoming.values()];
  }

  /** Bytes that HAProxy has not taken. */
  get queued(): number {
    return this.#ports.stream.queued + this.#writer.length;
  }

  /** Tells HAProxy of a table; what is handed to it then is of this definition. */
  define(definition: TableDefinition): OutgoingTable {
    const table = this.#outgoing.get(definition.id) ?? new OutgoingTable(definition);
    table.redefine(definition);
    this.#outgoing.set(definition.id, table);
    this.#handing = undefined;
    return table;
  }

  /** A row that was walked over. It leaves with the next {@link flush}. */
  hand(
    table: OutgoingTable,
    row: RowApart,
    expiresIn: number | undefined,
    text: { readonly text: string | undefined } | undefined,
  ): void {
    const isSwitch = this.#handing !== table;
    if (isSwitch) {
      this.#writer.message(encodePeersMessage({ kind: 'definition', table: table.definition }));
      this.#handing = table;
    }
    const update = table.next();
    const dictionary = table.texts === 'learned' ? this.#slots : undefined;
    const id = isSwitch ? update : undefined;
    this.#writer.update(
      row,
      { id, expiresIn },
      text === undefined ? undefined : { text: text.text, dictionary },
    );
    if (this.#writer.length >= FLUSH_BYTES) {
      this.flush();
    }
  }

  flush(): void {
    if (this.#writer.length > 0) {
      this.#ports.stream.send(this.#writer.take());
      this.step({ kind: 'said' });
    }
  }

  /** Everything up to this update of the table is where it belongs. */
  settle(table: IncomingTable<T>, update: number): void {
    table.settle(update);
    if (this.#acknowledging === undefined && this.#state.name === 'open') {
      const { clock } = this.#ports;
      this.#acknowledging = clock.alarm(later(clock.now(), ACKNOWLEDGE_EVERY), () => {
        this.#acknowledging = undefined;
        this.#writeAcknowledgements();
        this.flush();
      });
    }
  }

  pause(): void {
    this.#ports.stream.pause();
    this.step({ kind: 'paused' });
  }

  resume(): void {
    this.#ports.stream.resume();
    this.step({ kind: 'resumed' });
  }

  /** Ends it, once. */
  end(end: SessionEnd): void {
    if (this.#state.name !== 'closed') {
      this.#state = { name: 'closed' };
      this.#alarm?.cancel();
      this.#acknowledging?.cancel();
      this.#ports.stream.close();
      this.#ports.handlers.ended(this, end);
    }
  }

  /** One event, and what follows from it. */
  step(event: PeersSessionEvent): void {
    const { clock, handlers } = this.#ports;
    const { state, effects } = stepPeersSession(this.#state, event, clock.now());
    if (state.name !== 'closed') {
      this.#state = state;
    }
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          if (effect.control === 'resync-request') {
            // Behind the teaching HAProxy goes on where the last acknowledgement before the request was.
            this.#writeAcknowledgements();
          }
          this.#writer.message(encodePeersMessage({ kind: effect.control }));
          this.flush();
          break;
        case 'asked-for-rows':
          handlers.askedForRows();
          break;
        case 'teaching-began':
          handlers.teachingBegan();
          break;
        case 'teaching-ended':
          handlers.teachingEnded(effect.how);
          break;
        case 'close':
          this.end({ kind: 'over', code: effect.why, detail: `session ended: ${effect.why}` });
          break;
        default:
          unreachable(effect);
      }
    }
    this.#setAlarm();
  }

  update(
    bytes: Uint8Array,
    body: Range,
    { id, expiresIn }: { readonly id: number | undefined; readonly expiresIn: number | undefined },
  ): PeersViolation | undefined {
    const table = this.#current;
    if (table === undefined) {
      const expected = 'a definition before it';
      return { code: 'unset', where: 'table of an update', found: 'no table', expected };
    }
    this.#rows += 1;
    table.heard(id);
    return this.#ports.handlers.row(table, bytes, body, expiresIn);
  }

  message(message: PeersMessage): PeersViolation | undefined {
    const violation = this.#heard(message);
    // It may have ended the session; then nothing more is to be read.
    return violation ?? (this.#state.name === 'open' ? undefined : ENDED);
  }

  #heard(message: PeersMessage): PeersViolation | undefined {
    switch (message.kind) {
      case 'definition':
        return this.#defined(message.table);
      case 'switch':
        this.#current = this.#incoming.get(message.table);
        return undefined;
      case 'acknowledgement':
        return this.#heardAcknowledgement(message.table, message.update);
      case 'protocol-error':
      case 'size-limit-error':
        this.step({ kind: 'error' });
        return undefined;
      // Updates come by another way; what we do not know is for later versions.
      case 'update':
      case 'unknown':
        return undefined;
      case 'resync-request':
      case 'resync-finished':
      case 'resync-partial':
      case 'resync-confirm':
      case 'heartbeat':
        this.step({ kind: 'control', control: message.kind });
        return undefined;
      default:
        return unreachable(message);
    }
  }

  #received(piece: Uint8Array): void {
    if (this.#state.name === 'greeting') {
      this.#greet(piece);
    } else if (this.#state.name === 'open') {
      this.#read(piece);
    }
  }

  #greet(piece: Uint8Array): void {
    this.#greeting = oneAfterOther(this.#greeting, piece);
    const read = readPeersHello(this.#greeting.subarray(0, MOST_GREETING_BYTES));
    if (!read.ok) {
      this.#fault('hello', read.error);
    } else if (read.value !== undefined) {
      const { greeting, end } = read.value;
      const objection = objectionTo(greeting, this.#ports.names);
      if (objection !== undefined) {
        this.end({ kind: 'fault', code: 'hello', detail: objection });
        return;
      }
      const behind = this.#greeting.slice(end);
      this.#greeting = NOTHING;
      this.#ports.stream.send(encodePeersStatus(200));
      this.step({ kind: 'greeted' });
      this.#ports.handlers.opened(this, greeting);
      this.#read(behind);
    }
  }

  #read(piece: Uint8Array): void {
    const { handlers } = this.#ports;
    this.#rows = 0;
    handlers.piece('begins');
    const violation = this.#reader.push(piece, this);
    if (violation !== undefined) {
      this.#fault('bytes', violation);
      return;
    }
    if (this.#state.name === 'open') {
      this.step({ kind: 'heard', rows: this.#rows });
      handlers.piece('ends');
    }
  }

  #defined(definition: TableDefinition): PeersViolation | undefined {
    const known = this.#incoming.get(definition.id);
    // HAProxy repeats it whenever it goes from one table to another.
    if (known?.isOf(definition) === true) {
      this.#current = known;
      return undefined;
    }
    if (known === undefined && this.#incoming.size >= MOST_TABLES) {
      return { code: 'out-of-range', where: 'tables', found: 'one more', expected: '10000' };
    }
    const is = this.#ports.handlers.defined(definition);
    this.#current = new IncomingTable(definition, is);
    this.#incoming.set(definition.id, this.#current);
    return undefined;
  }

  #heardAcknowledgement(id: number, update: number): PeersViolation | undefined {
    const table = this.#outgoing.get(id);
    const is = table?.heardAcknowledgement(update);
    if (table !== undefined && is === 'unsent') {
      const expected = `at most ${String(table.last)}`;
      return { code: 'out-of-range', where: 'acknowledged update', found: update, expected };
    }
    if (is === 'good') {
      this.#ports.handlers.acknowledged();
    }
    return undefined;
  }

  #writeAcknowledgements(): void {
    for (const table of this.#incoming.values()) {
      const update = table.takeSettled();
      if (update !== undefined) {
        const { id } = table.definition;
        this.#writer.message(encodePeersMessage({ kind: 'acknowledgement', table: id, update }));
      }
    }
  }

  #fault(code: string, { where, found, expected }: PeersViolation): void {
    const detail = `${where}: found ${String(found)}, expected ${expected}`;
    this.end({ kind: 'fault', code, detail });
  }

  /** One that rings too early does no harm; to set it anew for every piece would cost more than the piece. */
  #setAlarm(): void {
    const at = peersSessionDeadline(this.#state);
    if (at === undefined) {
      this.#alarm?.cancel();
      this.#alarmAt = undefined;
    } else if (this.#alarmAt === undefined || at < this.#alarmAt) {
      this.#alarm?.cancel();
      this.#alarmAt = at;
      this.#alarm = this.#ports.clock.alarm(at, () => {
        this.#alarmAt = undefined;
        this.step({ kind: 'alarm' });
      });
    }
  }
}

/** Far more than anybody has; each costs memory. */
const MOST_TABLES = 10_000;
