/** A process that logs a lot to one of its descriptors, and then stops as the daemon does, or crashes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { millis } from '../../src/base/time.js';
import { LogOutput } from '../../src/os/log-output.js';
import { openLog } from '../../src/telemetry/log.js';

const LINES = 5_000;

const [descriptor, end] = process.argv.slice(2);
const output = LogOutput.ofProcess(Number(descriptor));
const log = openLog({ node: 'lb1' }, output);
for (let line = 0; line < LINES; line += 1) {
  log.tell({ event: 'sysctl.changed', name: 'net.ipv4.ip_nonlocal_bind', value: String(line) });
}
if (end === 'crash') {
  await sleep(600);
  throw new Error('a broken assumption');
}
process.stderr.write(await output.flushed(millis(500)));
process.exit();
