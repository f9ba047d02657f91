/** A process that plays the replicator: it reports, logs, and ends with its input, or does as a line says. */
import { createInterface } from 'node:readline';

createInterface({ input: process.stdin }).on('line', (line) => {
  const said = JSON.parse(line) as { readonly do?: string };
  if (said.do === 'exit') {
    process.exit(3);
  }
  if (said.do === 'long') {
    process.stdout.write('x'.repeat(5 << 20));
    return;
  }
  if (said.do === 'stay') {
    // Its input may end as often as it likes.
    setInterval(() => undefined, 1000);
  }
  process.stdout.write(`{"heard":${line}}\n{"half":`);
  process.stderr.write('{"level":"info"}\n');
  setTimeout(() => process.stdout.write('1}\n'), 10);
});
