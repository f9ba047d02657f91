/** Netlink attributes: type, length and value, padded to four bytes (linux/netlink.h, struct nlattr). */

const HEADER_BYTES = 4;
const NESTED = 0x8000;
/** The upper two bits of a type are flags. */
const TYPE_MASK = 0x3fff;

/** One attribute. Numbers in netlink headers are in the machine's own order: little-endian where we run. */
export function attribute(type: number, value: Uint8Array): Buffer {
  const length = HEADER_BYTES + value.length;
  const bytes = Buffer.alloc(padded(length));
  bytes.writeUInt16LE(length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.set(value, HEADER_BYTES);
  return bytes;
}

/** An attribute that holds others. nf_tables refuses one without the flag. */
export function nested(type: number, ...members: readonly Uint8Array[]): Buffer {
  return attribute(type | NESTED, Buffer.concat(members));
}

export function textAttribute(type: number, text: string): Buffer {
  return attribute(type, Buffer.from(`${text}\0`, 'latin1'));
}

/** The attributes in `bytes` from `offset` on, by type; of a repeated one the last. */
export function readAttributes(bytes: Buffer, offset: number): ReadonlyMap<number, Buffer> {
  return new Map(listAttributes(bytes, offset));
}

/** The same in order, for a list whose members all have one type. Ends at the first that is malformed. */
export function listAttributes(bytes: Buffer, offset: number): readonly [number, Buffer][] {
  const list: [number, Buffer][] = [];
  let at = offset;
  while (at + HEADER_BYTES <= bytes.length) {
    const length = bytes.readUInt16LE(at);
    if (length < HEADER_BYTES || at + length > bytes.length) {
      break;
    }
    const type = bytes.readUInt16LE(at + 2) & TYPE_MASK;
    list.push([type, bytes.subarray(at + HEADER_BYTES, at + length)]);
    at += padded(length);
  }
  return list;
}

/** Text up to its terminating zero. */
export function textOf(value: Buffer): string {
  const end = value.indexOf(0);
  return value.toString('latin1', 0, end === -1 ? value.length : end);
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
