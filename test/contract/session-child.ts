/** A process that asks for the priority of its session, and says how the kernel weighs that against others: then, and in the end. */
import { readFileSync } from 'node:fs';
import { equalSession, preferSession } from '../../src/os/session.js';

preferSession();
const preferred = weight();
equalSession();
process.stdout.write(JSON.stringify([preferred, weight()]));

function weight(): string {
  return readFileSync('/proc/self/autogroup', 'utf8').replace(/^\S+ /u, '').trim();
}
