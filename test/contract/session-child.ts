/** A process that leads its session, if it does, and says how the kernel weighs that session against others. */
import { readFileSync } from 'node:fs';
import { leadSession } from '../../src/os/session.js';

leadSession();
process.stdout.write(readFileSync('/proc/self/autogroup', 'utf8').replace(/^\S+ /u, '').trim());
