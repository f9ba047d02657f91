/** The messages of HAProxy's peers protocol 2.0 and 2.1. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { unreachable } from '../../base/unreachable.js';
import type { PeersFrame } from './frame.js';
import type { PeersViolation } from './payload.js';
import { MOST_UINT32, PayloadReader, PayloadWriter } from './payload.js';
import type { TableDefinition } from './table.js';
import { readDefinition, writeDefinition } from './table.js';

export type PeersMessage =
  | { readonly kind: PeersControl }
  /** The sender closes the connection behind it. */
  | { readonly kind: 'protocol-error' | 'size-limit-error' }
  | { readonly kind: 'definition'; readonly table: TableDefinition }
  /** Back to a table that was defined before, by its sender's id. */
  | { readonly kind: 'switch'; readonly table: number }
  /** All updates of a table up to this one have been received. The table's id is that of the reader of this message. */
  | { readonly kind: 'acknowledgement'; readonly table: number; readonly update: number }
  | PeersUpdate
  /** What later versions send; whoever does not know it skips it. */
  | ({ readonly kind: 'unknown' } & PeersFrame);

export type PeersControl = keyof typeof CONTROLS;

/** A row that is new or has changed. */
export interface PeersUpdate {
  readonly kind: 'update';
  /** Of the table's counter; undefined for one more than that of the update before. */
  readonly id: number | undefined;
  /** In milliseconds; undefined: as long as the reader's own table keeps a row. Not to be sent in protocol 2.0. */
  readonly expiresIn: number | undefined;
  /** Key and values (entry.ts), which only the table's definition explains. */
  readonly body: Uint8Array;
}

const CONTROL_CLASS = 0;
const ERROR_CLASS = 1;
const TABLE_CLASS = 10;

/** Numbers on the wire. `finished`: all there is was sent; `partial`: all I have, but I may not be complete. */
const CONTROLS = {
  'resync-request': 0,
  'resync-finished': 1,
  'resync-partial': 2,
  'resync-confirm': 3,
  heartbeat: 4,
} as const;
const ERRORS = { 'protocol-error': 0, 'size-limit-error': 1 } as const;

/** Types of {@link TABLE_CLASS}. HAProxy's own document has another number for acknowledgements than HAProxy. */
const UPDATE = 0x80;
const INCREMENTAL = 0x81;
const DEFINITION = 0x82;
const SWITCH = 0x83;
const ACKNOWLEDGEMENT = 0x84;
const TIMED_UPDATE = 0x85;
const TIMED_INCREMENTAL = 0x86;

const UINT32 = { least: 0, most: MOST_UINT32 };
const NOTHING = new Uint8Array(0);

/** What a frame says. Bytes behind the fields we know are skipped, or kept where they belong to a table. Never throws. */
export function decodePeersMessage(frame: PeersFrame): Result<PeersMessage, PeersViolation> {
  switch (frame.class) {
    case CONTROL_CLASS:
      return ok(namedMessage(CONTROLS, frame));
    case ERROR_CLASS:
      return ok(namedMessage(ERRORS, frame));
    case TABLE_CLASS: {
      const payload = new PayloadReader(frame.payload);
      const message = tableMessage(frame, payload);
      return payload.violation === undefined ? ok(message) : fail(payload.violation);
    }
    default:
      return ok({ kind: 'unknown', ...frame });
  }
}

type Named = PeersControl | keyof typeof ERRORS;

function namedMessage(names: Partial<Record<Named, number>>, frame: PeersFrame): PeersMessage {
  const kind = (Object.keys(names) as Named[]).find((name) => names[name] === frame.type);
  return kind === undefined ? { kind: 'unknown', ...frame } : { kind };
}

function tableMessage(frame: PeersFrame, payload: PayloadReader): PeersMessage {
  switch (frame.type) {
    case UPDATE:
      return update(payload, { id: payload.uint32('update id'), expiresIn: undefined });
    case INCREMENTAL:
      return update(payload, { id: undefined, expiresIn: undefined });
    case TIMED_UPDATE: {
      const id = payload.uint32('update id');
      return update(payload, { id, expiresIn: payload.uint32('expiry') });
    }
    case TIMED_INCREMENTAL:
      return update(payload, { id: undefined, expiresIn: payload.uint32('expiry') });
    case DEFINITION:
      return { kind: 'definition', table: readDefinition(payload) };
    case SWITCH:
      return { kind: 'switch', table: payload.number('table id', UINT32) };
    case ACKNOWLEDGEMENT: {
      const table = payload.number('table id', UINT32);
      return { kind: 'acknowledgement', table, update: payload.uint32('update id') };
    }
    default:
      return { kind: 'unknown', ...frame };
  }
}

function update(payload: PayloadReader, head: Pick<PeersUpdate, 'id' | 'expiresIn'>): PeersMessage {
  return { kind: 'update', ...head, body: payload.rest() };
}

/** A message that the wire cannot say is our mistake and throws. */
export function encodePeersMessage(message: PeersMessage): PeersFrame {
  const payload = new PayloadWriter();
  switch (message.kind) {
    case 'resync-request':
    case 'resync-finished':
    case 'resync-partial':
    case 'resync-confirm':
    case 'heartbeat':
      return { class: CONTROL_CLASS, type: CONTROLS[message.kind], payload: NOTHING };
    case 'protocol-error':
    case 'size-limit-error':
      return { class: ERROR_CLASS, type: ERRORS[message.kind], payload: NOTHING };
    case 'definition':
      writeDefinition(payload, message.table);
      return { class: TABLE_CLASS, type: DEFINITION, payload: payload.written };
    case 'switch':
      payload.varint(message.table);
      return { class: TABLE_CLASS, type: SWITCH, payload: payload.written };
    case 'acknowledgement':
      payload.varint(message.table).uint32(message.update);
      return { class: TABLE_CLASS, type: ACKNOWLEDGEMENT, payload: payload.written };
    case 'update':
      return encodeUpdate(message, payload);
    case 'unknown':
      return { class: message.class, type: message.type, payload: message.payload };
    default:
      return unreachable(message);
  }
}

function encodeUpdate({ id, expiresIn, body }: PeersUpdate, payload: PayloadWriter): PeersFrame {
  if (id !== undefined) {
    payload.uint32(id);
  }
  if (expiresIn !== undefined) {
    payload.uint32(expiresIn);
  }
  const [plain, timed] =
    id === undefined ? [INCREMENTAL, TIMED_INCREMENTAL] : [UPDATE, TIMED_UPDATE];
  const type = expiresIn === undefined ? plain : timed;
  return { class: TABLE_CLASS, type, payload: payload.bytes(body).written };
}
