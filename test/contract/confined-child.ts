/** A process that gives up all rights but one, and says as a line of JSON what it can do then. Its argument is a file of root's. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { NetlinkFlowTable } from '../../src/os/flow-table.js';
import { keepOnlyNetAdmin } from '../../src/os/parent.js';
import { NATTED } from '../unit/wire/conntrack/given-flows.js';

const NOBODY = 65_534;
const [, , secret = ''] = process.argv;

const before = NetlinkFlowTable.open();
const given = keepOnlyNetAdmin({ uid: NOBODY, gid: NOBODY });
const opened = NetlinkFlowTable.open();

async function main(): Promise<void> {
  // By a thread of the pool, too.
  const pooled = await readFile(secret).then(
    () => 'read',
    (error: unknown) => (error as { readonly code: string }).code,
  );
  const said = {
    given: given.ok,
    user: [process.getuid?.(), process.getgid?.(), process.getgroups?.()],
    secrets: [attempt(() => readFileSync(secret)), pooled],
    tables: await Promise.all([before, opened].map(use)),
    port: attempt(() => execFileSync(process.execPath, ['-e', LISTEN])),
    again: attempt(() => process.setuid?.(0)),
    capabilities: /^CapPrm:\s(.*)$/mu.exec(readFileSync('/proc/thread-self/status', 'utf8'))?.[1],
  };
  process.stdout.write(JSON.stringify(said));
}

/** A child of this process has not even the one right. */
const LISTEN = `
const { createServer } = require('node:net');
createServer().on('error', () => process.exit(1)).listen(80, () => process.exit(0));`;

async function use(table: ReturnType<typeof NetlinkFlowTable.open>): Promise<string> {
  if (!table.ok) {
    return table.error.detail;
  }
  const heard = table.value.hear({ happened: () => undefined, lost: () => undefined });
  const put = await table.value.put([NATTED], 'replace');
  const listed = await table.value.list(() => undefined);
  return heard.ok && put.ok && listed.ok && table.value.room().ok
    ? 'works'
    : JSON.stringify([heard, put, listed]);
}

function attempt(act: () => unknown): string {
  try {
    act();
    return 'done';
  } catch {
    return 'refused';
  }
}

void main();
