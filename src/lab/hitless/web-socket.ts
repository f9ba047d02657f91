/** As much of WebSocket (RFC 6455) as an echo of short binary messages takes. */
import { createHash } from 'node:crypto';

/** What a server says to prove that it understood the key of the handshake (RFC 6455 §1.3). */
export function acceptKey(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64');
}

/** One message in one frame (RFC 6455 §5.2). A client masks what it sends; a server does not. */
export function frameOf(message: Buffer, mask?: Buffer): Buffer {
  const isShort = message.length < LENGTH_FOLLOWS;
  const head = Buffer.alloc(isShort ? SHORT_HEAD : SHORT_HEAD + 2);
  head.writeUInt8(FINAL_BINARY, 0);
  head.writeUInt8(
    (mask === undefined ? 0 : MASKED) | (isShort ? message.length : LENGTH_FOLLOWS),
    1,
  );
  if (!isShort) {
    head.writeUInt16BE(message.length, SHORT_HEAD);
  }
  return mask === undefined
    ? Buffer.concat([head, message])
    : Buffer.concat([head, mask, masked(message, mask)]);
}

/** Messages out of whatever arrives, in whatever pieces. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): readonly Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const messages: Buffer[] = [];
    for (let frame = readFrame(this.#rest); frame !== undefined; frame = readFrame(this.#rest)) {
      messages.push(frame.message);
      this.#rest = this.#rest.subarray(frame.length);
    }
    return messages;
  }
}

function readFrame(
  bytes: Buffer,
): { readonly message: Buffer; readonly length: number } | undefined {
  if (bytes.length < SHORT_HEAD) {
    return undefined;
  }
  const second = bytes.readUInt8(1);
  const said = second & LENGTH_BITS;
  const isLong = said === LENGTH_FOLLOWS;
  const head = isLong ? SHORT_HEAD + 2 : SHORT_HEAD;
  if (bytes.length < head) {
    return undefined;
  }
  const size = isLong ? bytes.readUInt16BE(SHORT_HEAD) : said;
  const maskBytes = (second & MASKED) === 0 ? 0 : MASK_BYTES;
  const length = head + maskBytes + size;
  if (bytes.length < length) {
    return undefined;
  }
  const body = bytes.subarray(head + maskBytes, length);
  const mask = bytes.subarray(head, head + maskBytes);
  return { message: maskBytes === 0 ? Buffer.from(body) : masked(body, mask), length };
}

function masked(message: Buffer, mask: Buffer): Buffer {
  const whole = Buffer.alloc(message.length, mask);
  for (let at = 0; at < message.length; at += 1) {
    whole[at] = (whole[at] ?? 0) ^ (message[at] ?? 0);
  }
  return whole;
}

/** RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const FINAL_BINARY = 0x82;
const MASKED = 0x80;
const LENGTH_BITS = 0x7f;
const LENGTH_FOLLOWS = 126;
const SHORT_HEAD = 2;
const MASK_BYTES = 4;
