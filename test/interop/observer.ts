/**
 * Asks for an address every few milliseconds and tells who answers, as it happens: `observer.ts INTERFACE TARGET SENDER
 * EVERY`. It prints a line for each question (`?`) and for each answer (`at mac`), on the machine's monotonic clock, in their
 * order and some at a time.
 *
 * A program of its own, because it runs inside a namespace.
 */
import { parseIp } from '../../src/base/ip.js';
import { SystemClock } from '../../src/os/clock.js';
import { PacketNeighbours } from '../../src/os/neighbours.js';

const [onInterface = '', targetText = '', senderText = '', every = ''] = process.argv.slice(2);
const target = parseIp(targetText);
const sender = parseIp(senderText);
if (!target.ok || !sender.ok) {
  throw new Error(`observer: ${process.argv.slice(2).join(' ')}`);
}
/** Several rows at a time are read by one process. */
const TELLS_EVERY_MS = 50;
let told = '';
const clock = new SystemClock();
const opened = new PacketNeighbours().open(
  { interface: onInterface },
  {
    heard: ({ kind, address, mac }) => {
      if (kind === 'answer' && address === target.value) {
        told += `${String(clock.now())} ${mac}\n`;
      }
    },
  },
);
if (!opened.ok) {
  throw new Error(`observer: ${opened.error.detail}`);
}
const socket = opened.value;
setInterval(() => {
  told += '?\n';
  socket.ask({ target: target.value, sender: sender.value });
}, Number(every));
setInterval(() => {
  process.stdout.write(told);
  told = '';
}, TELLS_EVERY_MS);
process.on('SIGTERM', () => process.exit(0));
