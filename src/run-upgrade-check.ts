/** What `vipair upgrade-check` knows of this machine: the files of earlier daemons, and the unit that runs the one there is. */
import { askEvents } from './api/client.js';
import type { Gathered } from './cli/upgrade-check.js';
import type { Config } from './config/config.js';
import type { KeptFile, ServiceUnit } from './operator/upgrade-check.js';
import { unitProperty, unitWithMain } from './os/drill-hand/systemd-unit.js';
import { FileJournal, HISTORY_FILES, INTENT_FILES } from './os/journal.js';
import { SystemProcessHost } from './os/process-host.js';
import { SnapshotFiles } from './os/snapshot-files.js';
import { FormerTransitions } from './record/former-transitions.js';
import { surveyRegisters } from './record/register-journal.js';
import { SNAPSHOT_FILE } from './replication/replicator-orders.js';
import { PAIR_PROTOCOL } from './wire/pair/message.js';
import { MOST_SNAPSHOT_BYTES, readSnapshot } from './wire/tables/snapshot.js';

export interface UpgradeSubject {
  /** Undefined where this program refuses the file; then the usual directory is looked at. */
  readonly config: Config | undefined;
  readonly socket: string;
  /** Of the daemon. */
  readonly pid: number;
}

/** It changes nothing on this machine. */
export async function gatherUpgrade({ config, socket, pid }: UpgradeSubject): Promise<Gathered> {
  const directory = config?.runtime.stateDirectory ?? USUAL_STATE_DIRECTORY;
  return {
    protocol: PAIR_PROTOCOL,
    startedInMs: await startOf(socket),
    unit: await unitOf(pid),
    files: [
      await history(directory),
      await intents(directory),
      ...(config?.replicate?.snapshotEvery === undefined ? [] : [await snapshot(directory)]),
    ],
  };
}

/** As the daemon told it, unless it has told much since. */
async function startOf(socket: string): Promise<number | undefined> {
  const answer = await askEvents(
    socket,
    { after: undefined, limit: ALL_EVENTS },
    new AbortController().signal,
  );
  const told = answer.ok ? answer.value.events : [];
  return told.flatMap((each) => (each.event === 'daemon.started' ? [each.tookMs] : []))[0];
}

async function unitOf(pid: number): Promise<ServiceUnit | undefined> {
  const processes = new SystemProcessHost();
  const name = await unitWithMain(pid, processes);
  if (name === undefined) {
    return undefined;
  }
  const [killMode = 'unknown', restartSignal = 'unknown'] = await Promise.all([
    unitProperty(name, 'KillMode', processes),
    unitProperty(name, 'RestartKillSignal', processes),
  ]);
  return { name, killMode, restartSignal };
}

async function history(directory: string): Promise<KeptFile> {
  const former = new FormerTransitions();
  await former.read(new FileJournal(directory, HISTORY_FILES));
  const { damaged, unknown, failure } = former;
  return { name: HISTORY_FILES.name, damaged, unknown, failure: failure?.detail };
}

async function intents(directory: string): Promise<KeptFile> {
  const { damaged, unknown, failure } = await surveyRegisters(
    new FileJournal(directory, INTENT_FILES),
  );
  return { name: INTENT_FILES.name, damaged, unknown, failure: failure?.detail };
}

async function snapshot(directory: string): Promise<KeptFile> {
  const path = `${directory}${SNAPSHOT_FILE}`;
  const bytes = await new SnapshotFiles(path, MOST_SNAPSHOT_BYTES).read();
  const whole = bytes.ok && bytes.value !== undefined ? readSnapshot(bytes.value, Infinity) : bytes;
  const failure = whole.ok ? undefined : whole.error;
  return { name: 'snapshot of stick tables', damaged: 0, unknown: 0, failure };
}

const USUAL_STATE_DIRECTORY = '/var/lib/vipair';
const ALL_EVENTS = 1000;
