/** Bytes that tell by themselves where they belong: a download is checked one by one without being kept. */

/** A prime: no buffer's length divides it, so that a piece which is lost or comes twice does not look right. */
const LENGTH = 65_521;
const ONCE = Buffer.from([...Array(LENGTH).keys()].map((at) => (at * 31 + (at >> 8) * 7) & 0xff));
/** So that most pieces need not be put together. */
const BYTES = Buffer.concat([ONCE, ONCE]);

/** So many of them, from there on; not to be written to. */
export function patternFrom(offset: number, length: number): Buffer {
  if (length <= LENGTH) {
    const start = offset % LENGTH;
    return BYTES.subarray(start, start + length);
  }
  const parts: Buffer[] = [];
  for (let at = offset; at < offset + length;) {
    const start = at % LENGTH;
    const part = BYTES.subarray(start, Math.min(LENGTH, start + offset + length - at));
    parts.push(part);
    at += part.length;
  }
  return Buffer.concat(parts);
}

/** How many of these are not what belongs there. */
export function corruptBytes(found: Buffer, offset: number): number {
  const expected = patternFrom(offset, found.length);
  return found.equals(expected) ? 0 : found.filter((byte, at) => byte !== expected[at]).length;
}
