/** What operators want of the proxy's servers, beside what the proxy has: `vipair server list`, and a line of `status`. */
import type { ServerName, StatedOf } from '../core/intents.js';
import { keyOf, readKey } from '../core/intents.js';
import type { Registers } from '../core/registers.js';
import { existenceStanding, readExistence } from '../core/server-existence.js';
import { agreement } from '../core/server-intents.js';
import type {
  IntentRow,
  IntentsStatus,
  KeptWhere,
  ServerHere,
  ServerRow,
} from '../telemetry/servers.js';
import type { ServerState } from '../wire/haproxy/servers-state.js';
import type { ServersSeen } from './process-watch.js';

/** Every server of the proxy, and every one that somebody has said something of. */
export function serverRows(
  seen: ServersSeen | undefined,
  registers: Registers,
): readonly ServerRow[] {
  const here = seen?.servers.keys() ?? [];
  const names = [...new Set([...here, ...stated(registers)])].toSorted();
  return names
    .map((name) => serverRow(name, seen, registers))
    .filter((row) => row.here !== undefined || !isRemoved(row));
}

export function intentsStatus(
  seen: ServersSeen | undefined,
  registers: Registers,
  kept: KeptWhere,
): IntentsStatus {
  const names = [...new Set(stated(registers))].toSorted();
  const differing = names.filter((name) => {
    const { admin, weight, existence } = serverRow(name, seen, registers);
    return [admin, weight, existence].some((each) => each?.here === 'differs');
  });
  return { kept, servers: names.length, differing, problem: seen?.problem };
}

/** It was there once, and nobody has anything to say of it any more. */
function isRemoved({ existence }: ServerRow): boolean {
  return existence !== undefined && readExistence(existence.value)?.kind === 'absent';
}

function stated({ byKey }: Registers): readonly ServerName[] {
  return [...byKey.keys()].flatMap((key) => readKey(key)?.server ?? []);
}

function serverRow(
  name: ServerName,
  seen: ServersSeen | undefined,
  registers: Registers,
): ServerRow {
  const server = seen?.servers.get(name);
  const row = (aspect: StatedOf): IntentRow | undefined =>
    intentRow({ name, server, aspect }, seen, registers);
  const here = hereOf(server);
  return { name, here, admin: row('admin'), weight: row('weight'), existence: row('existence') };
}

function hereOf(server: ServerState | undefined): ServerHere | undefined {
  if (server === undefined) {
    return undefined;
  }
  const { operational: state, forced: admin, inherited, weight, configuredWeight } = server;
  return { state, admin, inherited, weight, configuredWeight };
}

interface Asked {
  readonly name: ServerName;
  readonly server: ServerState | undefined;
  readonly aspect: StatedOf;
}

function intentRow(
  { name, server, aspect }: Asked,
  seen: ServersSeen | undefined,
  { byKey }: Registers,
): IntentRow | undefined {
  const key = keyOf(name, aspect);
  const register = byKey.get(key);
  if (register === undefined) {
    return undefined;
  }
  const { value, at, stamp } = register;
  const said = { value, node: stamp.node, at };
  if (aspect === 'existence') {
    // Where the proxy cannot be asked, nothing of what it has is known.
    const here = seen === undefined ? 'unknown' : existenceStanding(name, server, value);
    return { ...said, here, refused: seen?.refusedOf(register) };
  }
  const here = server === undefined ? 'unknown' : agreement(server, aspect, value);
  return { ...said, here, refused: seen?.watched.get(key)?.refused };
}
