/** What the flows of a lab carry: messages of which every byte follows from who sent which one, so that each can be checked. */

/** Small enough for one segment, so that a message that is lost, doubled or out of order shows as such. */
export const MESSAGE_BYTES = 256;

/** The first word of a UDP flow: nothing else is so short, and a firewall may take it for what a SYN is to TCP. */
export const HELLO = 'vipair-hello';
/** As a firewall sees it, in the header of UDP. */
export const HELLO_UDP_LENGTH: number = HELLO.length + 8;

export interface MessageHead {
  /** 0: the client; others: a server's number. */
  readonly sender: number;
  readonly stream: number;
  readonly sequence: number;
  readonly heard: Heard;
}

/** What the sender has heard of the other side, who would not know otherwise. */
export interface Heard {
  readonly messages: number;
  readonly corruptBytes: number;
  readonly longestGapMs: number;
  /** Since the last message. */
  readonly silentMs: number;
}

export const NOTHING_HEARD: Heard = { messages: 0, corruptBytes: 0, longestGapMs: 0, silentMs: 0 };

const MAGIC = 0x76_69_70_66;
const WORD = 4;
const MOST = 0xff_ff_ff_ff;

export function writeMessage({ sender, stream, sequence, heard }: MessageHead): Buffer {
  const bytes = Buffer.allocUnsafe(MESSAGE_BYTES);
  const head = [
    ...[MAGIC, sender, stream, sequence, heard.messages],
    ...[heard.corruptBytes, heard.longestGapMs, heard.silentMs],
  ];
  // FNV-1a over the words of the head, which seeds the filling: a head that is wrong has the wrong filling.
  let seed = 0x81_1c_9d_c5;
  head.forEach((word, index) => {
    const whole = Math.min(MOST, Math.max(0, Math.round(word)));
    bytes.writeUInt32BE(whole, index * WORD);
    seed = Math.imul(seed ^ whole, 0x01_00_01_93);
  });
  // Xorshift (Marsaglia), which must not start from 0.
  let state = seed === 0 ? 1 : seed;
  for (let at = head.length * WORD; at < MESSAGE_BYTES; at += WORD) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32BE(state, at);
  }
  return bytes;
}

/** The head as it says; whether it is true, {@link corruptBytes} tells. */
export function readHead(bytes: Buffer): MessageHead {
  const word = (index: number): number => bytes.readUInt32BE(index * WORD);
  return {
    sender: word(1),
    stream: word(2),
    sequence: word(3),
    heard: {
      messages: word(4),
      corruptBytes: word(5),
      longestGapMs: word(6),
      silentMs: word(7),
    },
  };
}

/** How many bytes are not what they should be of that stream and sequence number. What the sender has heard is its own word. */
export function corruptBytes(bytes: Buffer, expected: Omit<MessageHead, 'heard'>): number {
  const right = writeMessage({ ...expected, heard: readHead(bytes).heard });
  if (right.equals(bytes)) {
    return 0;
  }
  return right.reduce((count, byte, index) => count + (byte === bytes[index] ? 0 : 1), 0);
}
