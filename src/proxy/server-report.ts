/** What operators want of the proxy's servers, beside what the proxy has: `vipair server list`, and a line of `status`. */
import type { Aspect, ServerName } from '../core/intents.js';
import { keyOf, readKey } from '../core/intents.js';
import type { Registers } from '../core/registers.js';
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
  return names.map((name) => serverRow(name, seen, registers));
}

export function intentsStatus(
  seen: ServersSeen | undefined,
  registers: Registers,
  kept: KeptWhere,
): IntentsStatus {
  const names = [...new Set(stated(registers))].toSorted();
  const differing = names.filter((name) => {
    const { admin, weight } = serverRow(name, seen, registers);
    return admin?.here === 'differs' || weight?.here === 'differs';
  });
  return { kept, servers: names.length, differing, problem: seen?.problem };
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
  const row = (aspect: Aspect): IntentRow | undefined =>
    intentRow({ name, server, aspect }, seen, registers);
  return { name, here: hereOf(server), admin: row('admin'), weight: row('weight') };
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
  readonly aspect: Aspect;
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
  const here = server === undefined ? 'unknown' : agreement(server, aspect, value);
  return { value, node: stamp.node, at, here, refused: seen?.watched.get(key)?.refused };
}
